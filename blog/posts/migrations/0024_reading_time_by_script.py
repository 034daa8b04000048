"""Count the words of the essays that are there by their script, and how long they take to read."""

from django.db import migrations, models

from blog.lib.counting import counted
from blog.markup import plain_text

AT_ONCE = 50


def count(apps, schema_editor):
    Post = apps.get_model("posts", "Post")
    rows = Post.objects.order_by("pk").values_list("pk", "body_html")
    for pk, html in rows.iterator(chunk_size=AT_ONCE):
        words, seconds = counted(plain_text(html))
        Post.objects.filter(pk=pk).update(words=words, reading_seconds=seconds)


class Migration(migrations.Migration):
    dependencies = [("posts", "0023_tags_once")]

    operations = [
        migrations.AddField(
            model_name="post",
            name="reading_seconds",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.RunPython(count, migrations.RunPython.noop),
    ]
