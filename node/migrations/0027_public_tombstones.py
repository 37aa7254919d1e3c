from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0026_deliveries_held')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Tombstone',
            name='was_public',
            field=fields.BooleanField(default=False, db_default=False),
        ),
    ]
