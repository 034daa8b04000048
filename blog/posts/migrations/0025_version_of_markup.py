from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("posts", "0024_reading_time_by_script")]

    operations = [
        migrations.AddField(
            model_name="post",
            name="rendered_with",
            field=models.PositiveSmallIntegerField(default=0, editable=False),
        ),
    ]
