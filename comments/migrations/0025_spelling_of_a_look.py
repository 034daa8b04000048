"""A look at a source knows the spelling that was sent, which may lead to another page."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("comments", "0024_lines_of_threads")]

    operations = [
        migrations.AddField(
            model_name="look",
            name="source",
            field=models.CharField(blank=True, max_length=2000),
        ),
    ]
