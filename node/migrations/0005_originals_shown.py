from tortoise import fields
from tortoise.migrations import operations as ops

from node.additions import Additions


class Migration(Additions):
    dependencies = [('models', '0004_uploads_by_checksum')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Post',
            name='show_originals',
            field=fields.BooleanField(default=False, db_default=False),
        ),
    ]
