from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0010_every_word_shows"),
    ]

    operations = [
        migrations.AddField(
            model_name="post",
            name="comment_pages",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
    ]
