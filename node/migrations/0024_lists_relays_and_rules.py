from tortoise import migrations
from tortoise.migrations import operations as ops
from node.clock import now
from node.ids import new_id
from node.models.fields import Identifier, Moment
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0023_remote_copies')]

    initial = False

    operations = [
        ops.CreateModel(
            name='HeaderBlock',
            fields=[
                ('id', Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('header', fields.CharField(max_length=100)),
                ('pattern', fields.CharField(max_length=200)),
                ('place', fields.CharField(max_length=10)),
                ('comment', fields.TextField(default='', unique=False)),
                ('created_at', Moment(default=now)),
            ],
            options={'table': 'header_blocks', 'app': 'models', 'unique_together': (('header', 'pattern', 'place'),), 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='HeldPost',
            fields=[
                ('id', Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('post', fields.OneToOneField('models.Post', source_field='post_id', db_constraint=True, to_field='id', related_name='held', on_delete=OnDelete.CASCADE)),
                ('account', fields.ForeignKeyField('models.Account', source_field='account_id', db_constraint=True, to_field='id', related_name='held_posts', on_delete=OnDelete.CASCADE)),
                ('keyword', fields.CharField(max_length=200)),
                ('created_at', Moment(default=now)),
            ],
            options={'table': 'held_posts', 'app': 'models', 'indexes': [Index(fields=['account_id'])], 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='KeywordRule',
            fields=[
                ('id', Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('keyword', fields.CharField(unique=True, max_length=200)),
                ('whole_word', fields.BooleanField(default=True)),
                ('action', fields.CharField(max_length=10)),
                ('created_at', Moment(default=now)),
            ],
            options={'table': 'keyword_rules', 'app': 'models', 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ListSubscription',
            fields=[
                ('id', Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('url', fields.CharField(unique=True, max_length=2048)),
                ('kind', fields.CharField(default='blocks', max_length=10)),
                ('checked_at', Moment(null=True)),
                ('error', fields.TextField(default='', unique=False)),
                ('created_at', Moment(default=now)),
            ],
            options={'table': 'list_subscriptions', 'app': 'models', 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ListDraft',
            fields=[
                ('id', Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('kind', fields.CharField(default='blocks', max_length=10)),
                ('source', fields.CharField(default='', max_length=2048)),
                ('subscription', fields.ForeignKeyField('models.ListSubscription', source_field='subscription_id', null=True, db_constraint=True, to_field='id', related_name='drafts', on_delete=OnDelete.CASCADE)),
                ('state', fields.CharField(default='waiting', max_length=10)),
                ('unreadable', fields.IntField(default=0)),
                ('created_at', Moment(default=now)),
                ('decided_at', Moment(null=True)),
            ],
            options={'table': 'list_drafts', 'app': 'models', 'indexes': [Index(fields=['subscription_id'])], 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='DraftEntry',
            fields=[
                ('id', Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('draft', fields.ForeignKeyField('models.ListDraft', source_field='draft_id', db_constraint=True, to_field='id', related_name='entries', on_delete=OnDelete.CASCADE)),
                ('action', fields.CharField(default='add', max_length=10)),
                ('domain', fields.CharField(max_length=255)),
                ('severity', fields.CharField(default='suspend', max_length=20)),
                ('reject_media', fields.BooleanField(default=False)),
                ('reject_reports', fields.BooleanField(default=False)),
                ('obfuscate', fields.BooleanField(default=False)),
                ('public_comment', fields.TextField(default='', unique=False)),
            ],
            options={'table': 'list_draft_entries', 'app': 'models', 'unique_together': (('draft_id', 'domain'),), 'indexes': [Index(fields=['draft_id', 'id'])], 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='NewcomerRule',
            fields=[
                ('id', Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('days', fields.IntField()),
                ('action', fields.CharField(max_length=10)),
                ('created_at', Moment(default=now)),
            ],
            options={'table': 'newcomer_rules', 'app': 'models', 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Relay',
            fields=[
                ('id', Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('kind', fields.CharField(max_length=10)),
                ('address', fields.CharField(unique=True, max_length=2048)),
                ('inbox_url', fields.CharField(max_length=2048)),
                ('actor_uri', fields.CharField(null=True, db_index=True, max_length=2048)),
                ('state', fields.CharField(default='idle', max_length=10)),
                ('follow_uri', fields.CharField(null=True, unique=True, max_length=2048)),
                ('created_at', Moment(default=now)),
            ],
            options={'table': 'relays', 'app': 'models', 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='DomainRule',
            name='subscription_id',
            field=fields.BigIntField(null=True),
        ),
    ]
