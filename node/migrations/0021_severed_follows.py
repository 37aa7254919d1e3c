from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from node.clock import now
from node.ids import new_id
from node.models.fields import Identifier, Moment


class Migration(migrations.Migration):
    dependencies = [('models', '0020_what_profiles_show')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Severance',
            fields=[
                ('id', Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('kind', fields.CharField(max_length=30)),
                ('target_name', fields.CharField(max_length=320)),
                ('lifted_at', Moment(null=True)),
                ('created_at', Moment(default=now)),
            ],
            options={'table': 'severances', 'app': 'models', 'indexes': [Index(fields=['target_name', 'kind'])], 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='AccountSeverance',
            fields=[
                ('id', Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('severance', fields.ForeignKeyField('models.Severance', source_field='severance_id', db_constraint=True, to_field='id', related_name='losses', on_delete=OnDelete.CASCADE)),
                ('account', fields.ForeignKeyField('models.Account', source_field='account_id', db_constraint=True, to_field='id', related_name='losses', on_delete=OnDelete.CASCADE)),
                ('followers_count', fields.IntField()),
                ('following_count', fields.IntField()),
                ('created_at', Moment(default=now)),
            ],
            options={'table': 'account_severances', 'app': 'models', 'unique_together': (('severance_id', 'account_id'),), 'indexes': [Index(fields=['account_id', 'id'])], 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='SeveredFollow',
            fields=[
                ('id', Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('severance', fields.ForeignKeyField('models.Severance', source_field='severance_id', db_constraint=True, to_field='id', related_name='follows', on_delete=OnDelete.CASCADE)),
                ('account', fields.ForeignKeyField('models.Account', source_field='account_id', db_constraint=True, to_field='id', related_name='severed', on_delete=OnDelete.CASCADE)),
                ('other', fields.ForeignKeyField('models.Account', source_field='other_id', db_constraint=True, to_field='id', related_name='severed_from', on_delete=OnDelete.CASCADE)),
                ('is_follower', fields.BooleanField()),
                ('show_shares', fields.BooleanField(default=True)),
                ('notify', fields.BooleanField(default=False)),
                ('languages', fields.CharField(null=True, max_length=1000)),
            ],
            options={'table': 'severed_follows', 'app': 'models', 'unique_together': (('severance_id', 'account_id', 'other_id', 'is_follower'),), 'indexes': [Index(fields=['account_id']), Index(fields=['other_id'])], 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='DomainRule',
            name='approve_follows',
            field=fields.BooleanField(default=False, db_default=False),
        ),
    ]
