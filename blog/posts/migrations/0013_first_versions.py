"""Every essay begins with one version: the text it has."""

from django.db import migrations

AT_ONCE = 200


def keep_first(apps, schema_editor):
    Post, Revision = apps.get_model("posts", "Post"), apps.get_model("posts", "Revision")
    numbers = list(Post.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(numbers), AT_ONCE):
        posts = Post.objects.filter(pk__in=numbers[start : start + AT_ONCE]).order_by("pk")
        Revision.objects.bulk_create(
            Revision(
                post=post,
                title=post.title,
                standfirst=post.standfirst,
                body=post.body,
                slug=post.slug,
                tags=sorted(tag.name for tag in post.tags.all()),
                kind="published" if post.published_at else "saved",
                by_id=post.author_id,
                began_at=post.updated_at,
                at=post.updated_at,
            )
            for post in posts.prefetch_related("tags")
        )


def forget(apps, schema_editor):
    apps.get_model("posts", "Revision").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("posts", "0012_versions")]
    operations = [migrations.RunPython(keep_first, forget)]
