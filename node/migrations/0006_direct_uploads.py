from tortoise import fields
from tortoise.migrations import operations as ops

from node.additions import Additions


class Migration(Additions):
    dependencies = [('models', '0005_originals_shown')]

    initial = False

    operations = [
        ops.AddField(
            model_name='ResumableUpload',
            name='media_type',
            field=fields.CharField(default='', db_default='', max_length=100),
        ),
        ops.AddField(
            model_name='ResumableUpload',
            name='sha256',
            field=fields.CharField(default='', db_default='', max_length=64),
        ),
        ops.AddField(
            model_name='ResumableUpload',
            name='store_key',
            field=fields.CharField(null=True, max_length=255),
        ),
    ]
