from tortoise import fields, migrations
from tortoise.migrations import operations as ops


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
