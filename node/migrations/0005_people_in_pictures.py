from tortoise import migrations
from tortoise.migrations import operations as ops
from node.clock import now
from node.ids import new_id
from node.models.fields import Identifier, Moment
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0004_hidden_files')]

    initial = False

    operations = [
        ops.CreateModel(
            name='PersonInPicture',
            fields=[
                ('id', Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('media', fields.ForeignKeyField('models.MediaFile', source_field='media_id', db_constraint=True, to_field='id', related_name='people', on_delete=OnDelete.CASCADE)),
                ('post', fields.ForeignKeyField('models.Post', source_field='post_id', db_constraint=True, to_field='id', related_name='people', on_delete=OnDelete.CASCADE)),
                ('account', fields.ForeignKeyField('models.Account', source_field='account_id', db_constraint=True, to_field='id', related_name='tagged_in', on_delete=OnDelete.CASCADE)),
                ('x', fields.FloatField()),
                ('y', fields.FloatField()),
                ('state', fields.CharField(default='shown', max_length=10)),
                ('created_at', Moment(default=now)),
            ],
            options={'table': 'people_in_pictures', 'app': 'models', 'unique_together': (('media_id', 'account_id'),), 'indexes': [Index(fields=['account_id', 'state', 'post_id']), Index(fields=['post_id'])], 'pk_attr': 'id'},
            bases=['Model'],
        ),
    ]
