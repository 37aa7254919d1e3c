from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0024_lists_relays_and_rules')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Post',
            name='quote_by_hand',
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name='Quote',
            name='quoted_uri',
            field=fields.CharField(null=True, max_length=2048),
        ),
        ops.AddField(
            model_name='Quote',
            name='stamp_uri',
            field=fields.CharField(null=True, max_length=2048),
        ),
        ops.AddIndex(
            model_name='Quote',
            index=Index(fields=['stamp_uri']),
        ),
    ]
