from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from node.additions import Additions


class Migration(Additions):
    dependencies = [('models', '0006_direct_uploads')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Album',
            name='cover',
            field=fields.ForeignKeyField('models.MediaFile', source_field='cover_id', null=True, db_constraint=True, to_field='id', related_name='covered_albums', on_delete=OnDelete.SET_NULL),
        ),
        ops.AddIndex(
            model_name='Album',
            index=Index(fields=['cover_id']),
        ),
        ops.AddField(
            model_name='AlbumPost',
            name='withdrawn',
            field=fields.BooleanField(default=False, db_default=False),
        ),
    ]
