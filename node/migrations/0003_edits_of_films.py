from orjson import loads
from tortoise import fields
from tortoise.fields.data import JSON_DUMPS
from tortoise.migrations import operations as ops

from node.additions import Additions
from node.models.fields import Moment


class Migration(Additions):
    dependencies = [('models', '0002_clients_moderation_and_federation')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Film',
            name='changed_at',
            field=Moment(null=True),
        ),
        ops.AddField(
            model_name='Film',
            name='past',
            field=fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads),
        ),
        ops.AddField(
            model_name='Film',
            name='pending',
            field=fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads),
        ),
        ops.AddField(
            model_name='Film',
            name='version',
            field=fields.IntField(default=0, db_default=0),
        ),
    ]
