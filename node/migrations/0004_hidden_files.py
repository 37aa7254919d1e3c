from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0003_keys_by_account_and_hidden_pages')]

    initial = False

    operations = [
        ops.AddField(
            model_name='MediaFile',
            name='hidden',
            field=fields.BooleanField(default=False, db_default=False),
        ),
    ]
