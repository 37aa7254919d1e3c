from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from node.additions import Additions


class Migration(Additions):
    dependencies = [('models', '0003_edits_of_films')]

    initial = False

    operations = [
        ops.AddField(
            model_name='MediaFile',
            name='sent_sha256',
            field=fields.CharField(default='', db_default='', max_length=64),
        ),
        ops.AddIndex(
            model_name='MediaFile',
            index=Index(fields=['account_id', 'sent_sha256']),
        ),
    ]
