from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0029_copies_of_posts')]

    initial = False

    operations = [
        ops.AddIndex(
            model_name='ActorKey',
            index=Index(fields=['account_id']),
        ),
    ]
