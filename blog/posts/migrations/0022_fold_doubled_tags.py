"""Put tags together whose names differ by capitals only; the addresses of both go on working."""

import unicodedata
from collections import defaultdict

from django.db import migrations


def key_of(name):
    folded = unicodedata.normalize("NFKC", " ".join(name.split())).casefold()
    return unicodedata.normalize("NFKC", folded)[:300]


def fold(apps, schema_editor):
    Tag, OldTagSlug = apps.get_model("posts", "Tag"), apps.get_model("posts", "OldTagSlug")
    Tagged = apps.get_model("posts", "Post").tags.through
    same = defaultdict(list)
    for tag in Tag.objects.order_by("pk"):
        same[key_of(tag.name)].append(tag)
    for key, tags in same.items():
        # The one that most essays have, of several such the oldest.
        kept = max(tags, key=lambda tag: Tagged.objects.filter(tag=tag).count())
        for double in tags:
            if double != kept:
                has = Tagged.objects.filter(tag=kept).values_list("post", flat=True)
                Tagged.objects.filter(tag=double).exclude(post__in=list(has)).update(tag=kept)
                Tagged.objects.filter(tag=double).delete()
                OldTagSlug.objects.create(slug=double.slug, tag=kept)
                double.delete()
        kept.key = key
        kept.save(update_fields=["key"])


class Migration(migrations.Migration):
    dependencies = [("posts", "0021_keys_of_tags")]
    operations = [migrations.RunPython(fold, migrations.RunPython.noop)]
