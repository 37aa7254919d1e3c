from tortoise import migrations
from tortoise.migrations import operations as ops
from node.clock import now
from node.ids import new_id
from node.models.fields import Identifier, Moment
from tortoise.fields.base import OnDelete
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0028_collections_between_servers')]

    initial = False

    operations = [
        ops.CreateModel(
            name='FormerAudience',
            fields=[
                ('id', Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('account', fields.ForeignKeyField('models.Account', source_field='account_id', db_constraint=True, to_field='id', related_name='former_audiences', on_delete=OnDelete.CASCADE)),
                ('inbox_url', fields.CharField(max_length=2048)),
                ('ended_at', Moment()),
            ],
            options={'table': 'former_audiences', 'app': 'models', 'unique_together': (('account_id', 'inbox_url'),), 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PostFetch',
            fields=[
                ('id', Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('post', fields.ForeignKeyField('models.Post', source_field='post_id', db_constraint=True, to_field='id', related_name='fetches', on_delete=OnDelete.CASCADE)),
                ('inbox_url', fields.CharField(max_length=2048)),
                ('created_at', Moment(default=now)),
            ],
            options={'table': 'post_fetches', 'app': 'models', 'unique_together': (('post_id', 'inbox_url'),), 'pk_attr': 'id'},
            bases=['Model'],
        ),
    ]
