from tortoise import migrations
from tortoise.migrations import operations as ops
from node.ids import new_id
from node.models.fields import Identifier, Moment
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0021_severed_follows')]

    initial = False

    operations = [
        ops.CreateModel(
            name='PostReading',
            fields=[
                ('id', Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('post', fields.OneToOneField('models.Post', source_field='post_id', db_constraint=True, to_field='id', related_name='reading', on_delete=OnDelete.CASCADE)),
                ('likes', fields.IntField(null=True)),
                ('shares', fields.IntField(null=True)),
                ('comments', fields.IntField(null=True)),
                ('read_at', Moment(null=True)),
                ('missing_since', Moment(null=True)),
                ('fill_began_at', Moment(null=True)),
                ('fill_ended_at', Moment(null=True)),
                ('found', fields.IntField(default=0)),
                ('refresh_key', fields.CharField(null=True, max_length=32)),
            ],
            options={'table': 'post_readings', 'app': 'models', 'indexes': [Index(fields=['refresh_key'])], 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='Account',
            name='posts_read_at',
            field=Moment(null=True),
        ),
    ]
