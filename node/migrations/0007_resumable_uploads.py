from tortoise import migrations
from tortoise.migrations import operations as ops
from node.clock import now
from node.ids import new_id
from node.models.fields import Identifier, Moment
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0006_films')]

    initial = False

    operations = [
        ops.CreateModel(
            name='MediaQuota',
            fields=[
                ('id', Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('account', fields.OneToOneField('models.Account', source_field='account_id', db_constraint=True, to_field='id', related_name='media_quota', on_delete=OnDelete.CASCADE)),
                ('bytes', fields.BigIntField()),
            ],
            options={'table': 'media_quotas', 'app': 'models', 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ResumableUpload',
            fields=[
                ('id', Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('account', fields.ForeignKeyField('models.Account', source_field='account_id', db_constraint=True, to_field='id', related_name='resumable_uploads', on_delete=OnDelete.CASCADE)),
                ('length', fields.BigIntField()),
                ('received', fields.BigIntField(default=0)),
                ('description', fields.TextField(default='', unique=False)),
                ('focus_x', fields.FloatField(default=0.0)),
                ('focus_y', fields.FloatField(default=0.0)),
                ('media_id', fields.BigIntField(null=True)),
                ('expires_at', Moment()),
                ('created_at', Moment(default=now)),
            ],
            options={'table': 'resumable_uploads', 'app': 'models', 'indexes': [Index(fields=['account_id']), Index(fields=['expires_at'])], 'pk_attr': 'id'},
            bases=['Model'],
        ),
    ]
