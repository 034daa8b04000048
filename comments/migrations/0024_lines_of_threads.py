"""Give each comment that readers see a line in its thread, so that a page holds so many comments.

No thread is laid out here: each is marked as stale, is rendered as it is read, and laid out by a
job after the start, or at the latest after the next decision about it.
"""

import django.db.models.deletion
from django.db import migrations, models


def mark_threads_as_stale(apps, schema_editor):
    """Forwards and backwards alike: each version lays out threads in its own way."""
    comments = apps.get_model("comments", "Comment").objects.filter(post=models.OuterRef("pk"))
    posts = apps.get_model("posts", "Post").objects
    posts.filter(models.Exists(comments)).update(thread_stale=True)


class Migration(migrations.Migration):
    dependencies = [
        ("comments", "0023_said_before"),
        ("posts", "0011_pages_of_comments"),
    ]

    operations = [
        migrations.CreateModel(
            name="ThreadLine",
            fields=[
                (
                    "comment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="line",
                        serialize=False,
                        to="comments.comment",
                    ),
                ),
                (
                    "page",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="comments.threadpage",
                    ),
                ),
                ("place", models.PositiveIntegerField()),
                ("depth", models.PositiveIntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["page", "place", "depth"], name="thread_line_order")
                ],
            },
        ),
        migrations.AddIndex(
            model_name="threadpage",
            index=models.Index(fields=["rendering", "post"], name="thread_page_rendering"),
        ),
        # Counted by it alone, and read in order by an essay's feed.
        migrations.RemoveIndex(model_name="comment", name="comment_on_essay"),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                fields=["post", "status", "kind", "created_at"], name="comment_shown_on_essay"
            ),
        ),
        migrations.RemoveIndex(model_name="comment", name="comment_below"),
        migrations.RunPython(mark_threads_as_stale, mark_threads_as_stale),
    ]
