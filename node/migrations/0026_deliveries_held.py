from tortoise import migrations
from tortoise.migrations import operations as ops
from node.ids import new_id
from node.models.fields import Identifier, Moment
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0025_quotes_between_servers')]

    initial = False

    operations = [
        ops.CreateModel(
            name='DeliveryState',
            fields=[
                ('id', Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('mark', fields.BigIntField(default=0)),
                ('held_at', Moment(null=True)),
                ('reason', fields.TextField(default='', unique=False)),
            ],
            options={'table': 'delivery_state', 'app': 'models', 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='RemoteHost',
            name='last_error',
            field=fields.CharField(default='', db_default='', max_length=500),
        ),
        ops.AddField(
            model_name='RemoteHost',
            name='last_error_at',
            field=Moment(null=True),
        ),
    ]
