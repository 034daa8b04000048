"""One page sent as http and as https is one source: keys of linkbacks name no scheme any more.

And the host of each linked page is kept beside its key. Both go through the rows in batches.
"""

import hashlib
from urllib.parse import urlsplit

from django.db import migrations

BATCH = 1000


def digest(source, *, with_scheme):
    """Return the key of a source, which is kept normalised: no slash at its end counts."""
    path, mark, query = source.partition("?")
    place = path.rstrip("/") + mark + query
    if not with_scheme:
        place = place.partition("://")[2]
    return hashlib.sha256(place.encode()).hexdigest()


def rekey(apps, *, with_scheme):
    """Where two rows of an essay now are one page, the first keeps the common key.

    The other one keeps its old key, so that no decision about its mention is lost; what is sent
    from now on goes to the first.
    """
    Linkback = apps.get_model("comments", "Linkback")
    last = 0
    while rows := list(Linkback.objects.filter(pk__gt=last).order_by("pk")[:BATCH]):
        last = rows[-1].pk
        changed = {}
        for row in rows:
            key = digest(row.source, with_scheme=with_scheme)
            if key != row.key:
                row.key = key
                changed.setdefault((row.post_id, key), row)
        taken = set(
            Linkback.objects.filter(key__in=[key for _post, key in changed]).values_list(
                "post_id", "key"
            )
        )
        free = [row for place, row in changed.items() if place not in taken]
        Linkback.objects.bulk_update(free, ["key"])


def without_scheme(apps, schema_editor):
    rekey(apps, with_scheme=False)


def as_before(apps, schema_editor):
    rekey(apps, with_scheme=True)


def name_hosts(apps, schema_editor):
    LinkedPage = apps.get_model("comments", "LinkedPage")
    last = 0
    while rows := list(LinkedPage.objects.filter(pk__gt=last).order_by("pk")[:BATCH]):
        last = rows[-1].pk
        for row in rows:
            row.host = urlsplit(row.key).netloc.rpartition("@")[2][:255]
        LinkedPage.objects.bulk_update(rows, ["host"])


class Migration(migrations.Migration):
    dependencies = [("comments", "0016_calls_and_hosts_of_linkbacks")]

    operations = [
        migrations.RunPython(without_scheme, as_before, elidable=True),
        migrations.RunPython(name_hosts, migrations.RunPython.noop, elidable=True),
    ]
