from tortoise import migrations
from tortoise.migrations import operations as ops
from node.ids import new_id
from node.models.fields import Identifier, Moment
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0007_resumable_uploads')]

    initial = False

    operations = [
        ops.CreateModel(
            name='PhotoEdit',
            fields=[
                ('id', Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('media', fields.OneToOneField('models.MediaFile', source_field='media_id', db_constraint=True, to_field='id', related_name='edit', on_delete=OnDelete.CASCADE)),
                ('recipe', fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ('pending', fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ('past', fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ('look', fields.CharField(default='', max_length=40)),
                ('version', fields.IntField(default=1)),
                ('problem', fields.CharField(default='', max_length=255)),
                ('changed_at', Moment()),
            ],
            options={'table': 'photo_edits', 'app': 'models', 'pk_attr': 'id'},
            bases=['Model'],
        ),
    ]
