"""Store the ids that feeds have had until now, so that no reader sees an old essay as new."""

from urllib.parse import quote, urlsplit

from django.db import migrations, models

from blog.lib.feed_ids import LONGEST, new_feed_id, site_of_old_ids

AT_ONCE = 500


def keep(apps, schema_editor):
    Post, Tag = apps.get_model("posts", "Post"), apps.get_model("posts", "Tag")
    FeedIdentity = apps.get_model("posts", "FeedIdentity")
    site = site_of_old_ids()
    host = urlsplit(site).hostname
    is_old = Post.objects.exists()
    some = []
    for post in Post.objects.only("created_at").iterator(chunk_size=AT_ONCE):
        post.feed_id = f"tag:{host},{post.created_at:%Y-%m-%d}:{post.pk}"
        some.append(post)
        if len(some) == AT_ONCE:
            Post.objects.bulk_update(some, ["feed_id"])
            some.clear()
    Post.objects.bulk_update(some, ["feed_id"])
    tags = list(Tag.objects.only("slug"))
    for tag in tags:
        tag.feed_id = f"{site}/tags/{quote(tag.slug)}/"
    Tag.objects.bulk_update(tags, ["feed_id"], batch_size=AT_ONCE)
    # A new site has no readers yet, and perhaps not yet its address.
    for name, address in {"essays": "/", "comments": "/comments/atom.xml"}.items():
        feed_id = f"{site}{address}" if is_old else new_feed_id()
        FeedIdentity.objects.create(name=name, feed_id=feed_id)


def stored(**changes):
    return models.CharField(default=new_feed_id, editable=False, max_length=LONGEST, **changes)


class Migration(migrations.Migration):
    dependencies = [("posts", "0026_language_of_an_essay")]

    operations = [
        migrations.CreateModel(
            name="FeedIdentity",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(editable=False, max_length=20, unique=True)),
                (
                    "feed_id",
                    models.CharField(default=new_feed_id, editable=False, max_length=LONGEST),
                ),
            ],
            options={"verbose_name": "feed", "verbose_name_plural": "feeds"},
        ),
        migrations.AddField(
            "post", "feed_id", models.CharField(editable=False, max_length=LONGEST, null=True)
        ),
        migrations.AddField(
            "tag", "feed_id", models.CharField(editable=False, max_length=LONGEST, null=True)
        ),
        migrations.RunPython(keep, migrations.RunPython.noop),
        migrations.AlterField("post", "feed_id", stored(unique=True)),
        migrations.AlterField("tag", "feed_id", stored(unique=True)),
    ]
