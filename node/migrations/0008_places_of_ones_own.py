from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from node.additions import Additions


class Migration(Additions):
    dependencies = [('models', '0007_covers_of_albums')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Place',
            name='hides_position',
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name='Place',
            name='owner',
            field=fields.ForeignKeyField('models.Account', source_field='owner_id', null=True, db_constraint=True, to_field='id', related_name='places', on_delete=OnDelete.CASCADE),
        ),
        ops.AddIndex(
            model_name='Place',
            index=Index(fields=['owner_id']),
        ),
    ]
