from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0002_emojis_and_rules")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Week",
            fields=[
                ("began_at", fields.BigIntField(primary_key=True, unique=True, db_index=True)),
                ("posts", fields.IntField(default=0)),
                ("active", fields.IntField(default=0)),
                ("sign_ups", fields.IntField(default=0)),
            ],
            options={"table": "weeks", "app": "models", "pk_attr": "began_at"},
            bases=["Model"],
        ),
    ]
