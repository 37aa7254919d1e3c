from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [('models', '0018_moves_and_what_was_taken_back')]

    initial = False

    operations = [
        ops.AddField(
            model_name='ActorKey',
            name='purpose',
            field=fields.CharField(default='authentication', db_default='authentication', max_length=20),
        ),
        ops.AddField(
            model_name='OutgoingActivity',
            name='signed_with',
            field=fields.TextField(null=True, unique=False),
        ),
    ]
