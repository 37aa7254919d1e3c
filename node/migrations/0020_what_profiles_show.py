from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0019_keys_for_documents')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Account',
            name='featured_tags_url',
            field=fields.CharField(null=True, max_length=2048),
        ),
    ]
