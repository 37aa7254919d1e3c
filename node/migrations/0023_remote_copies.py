from tortoise import migrations
from tortoise.migrations import operations as ops
from node.clock import now
from node.ids import new_id
from node.models.fields import Identifier, Moment
from orjson import loads
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0022_post_readings')]

    initial = False

    operations = [
        ops.CreateModel(
            name='RemoteCopy',
            fields=[
                ('id', Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('kind', fields.CharField(max_length=12)),
                ('subject_id', fields.BigIntField()),
                ('url_hash', fields.CharField(max_length=64)),
                ('domain', fields.CharField(max_length=255)),
                ('files', fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ('size', fields.BigIntField(default=0)),
                ('attempts', fields.IntField(default=0)),
                ('error', fields.TextField(default='', unique=False)),
                ('next_try_at', Moment(null=True)),
                ('used_at', Moment()),
                ('created_at', Moment(default=now)),
            ],
            options={'table': 'remote_copies', 'app': 'models', 'unique_together': (('kind', 'subject_id'),), 'indexes': [Index(fields=['used_at']), Index(fields=['domain'])], 'pk_attr': 'id'},
            bases=['Model'],
        ),
    ]
