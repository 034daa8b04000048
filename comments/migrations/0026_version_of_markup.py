"""A comment knows which version of the markup rendered it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("comments", "0025_spelling_of_a_look")]

    operations = [
        migrations.AddField(
            model_name="comment",
            name="rendered_with",
            # The database's own default, so that SQLite need not write the table again.
            field=models.PositiveSmallIntegerField(db_default=0, default=0, editable=False),
        ),
    ]
