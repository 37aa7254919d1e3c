from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from node.additions import Additions
from node.clock import now
from node.ids import new_id
from node.models.fields import Identifier, Moment


class Migration(Additions):
    dependencies = [('models', '0008_places_of_ones_own')]

    initial = False

    operations = [
        ops.CreateModel(
            name='CloseFriend',
            fields=[
                ('id', Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('account', fields.ForeignKeyField('models.Account', source_field='account_id', db_constraint=True, to_field='id', related_name='close_friends', on_delete=OnDelete.CASCADE)),
                ('member', fields.ForeignKeyField('models.Account', source_field='member_id', db_constraint=True, to_field='id', related_name='close_friend_of', on_delete=OnDelete.CASCADE)),
                ('created_at', Moment(default=now)),
            ],
            options={'table': 'close_friends', 'app': 'models', 'unique_together': (('account_id', 'member_id'),), 'indexes': [Index(fields=['member_id'])], 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PostAudience',
            fields=[
                ('id', Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('post', fields.OneToOneField('models.Post', source_field='post_id', db_constraint=True, to_field='id', related_name='audience', on_delete=OnDelete.CASCADE)),
                ('account_id', fields.BigIntField()),
                ('kind', fields.CharField(max_length=20)),
                ('list', fields.ForeignKeyField('models.List', source_field='list_id', null=True, db_constraint=True, to_field='id', related_name='audiences', on_delete=OnDelete.SET_NULL)),
            ],
            options={'table': 'post_audiences', 'app': 'models', 'indexes': [Index(fields=['account_id', 'kind']), Index(fields=['list_id'])], 'pk_attr': 'id'},
            bases=['Model'],
        ),
    ]
