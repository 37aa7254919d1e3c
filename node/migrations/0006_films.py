from tortoise import migrations
from tortoise.migrations import operations as ops
from node.ids import new_id
from node.models.fields import Identifier
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0005_people_in_pictures')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Film',
            fields=[
                ('id', Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('media', fields.OneToOneField('models.MediaFile', source_field='media_id', db_constraint=True, to_field='id', related_name='film', on_delete=OnDelete.CASCADE)),
                ('seconds', fields.FloatField(default=0.0)),
                ('edits', fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ('poster_at', fields.FloatField(null=True)),
                ('has_poster', fields.BooleanField(default=False)),
                ('stage', fields.CharField(default='waiting', max_length=10)),
                ('progress', fields.IntField(default=0)),
                ('reason', fields.CharField(default='', max_length=300)),
            ],
            options={'table': 'films', 'app': 'models', 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='MediaFile',
            name='duration',
            field=fields.FloatField(null=True),
        ),
    ]
