"""Note which files the essays that are there name, now and in their earlier versions."""

import re

from django.db import migrations
from django.db.models import Max

# What files were called before this.
NAME = re.compile(r"[0-9a-f]{32}-[1-9][0-9]{0,3}x[1-9][0-9]{0,3}\.(?:jpg|png|webp)")
AT_ONCE = 50


def note(apps, schema_editor):
    Post, Revision = apps.get_model("posts", "Post"), apps.get_model("posts", "Revision")
    FileUse = apps.get_model("posts", "FileUse")
    newest = dict(Revision.objects.values_list("post").annotate(Max("pk")).order_by())
    found = {}
    versions = Revision.objects.filter(body__contains="/media/").order_by("pk")
    rows = versions.values_list("pk", "post", "due_at", "body")
    for pk, post, due_at, body in rows.iterator(chunk_size=AT_ONCE):
        is_current = due_at is not None or newest[post] == pk
        for name in NAME.findall(body):
            found[post, name] = found.get((post, name), False) or is_current
    posts = Post.objects.filter(body__contains="/media/").order_by("pk").values_list("pk", "body")
    for post, body in posts.iterator(chunk_size=AT_ONCE):
        found |= dict.fromkeys(((post, name) for name in NAME.findall(body)), True)
    FileUse.objects.bulk_create(
        FileUse(post_id=post, name=name, is_current=is_current)
        for (post, name), is_current in found.items()
    )


class Migration(migrations.Migration):
    dependencies = [("posts", "0017_when_shared")]
    operations = [migrations.RunPython(note, migrations.RunPython.noop)]
