from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0002_clients_moderation_and_federation')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Account',
            name='hides_public',
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name='Account',
            name='hides_unlisted',
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddIndex(
            model_name='ActorKey',
            index=Index(fields=['account_id']),
        ),
    ]
