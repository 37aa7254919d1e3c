from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0027_public_tombstones')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Account',
            name='featured_collections_url',
            field=fields.CharField(null=True, max_length=2048),
        ),
        ops.AddField(
            model_name='AccountCollectionItem',
            name='stamp_uri',
            field=fields.CharField(null=True, max_length=2048),
        ),
        ops.AddIndex(
            model_name='AccountCollectionItem',
            index=Index(fields=['stamp_uri']),
        ),
    ]
