"""Store the ids that feeds have had for comments until now, so that none is shown as new."""

from urllib.parse import urlsplit

from django.db import migrations, models

from blog.lib.feed_ids import LONGEST, new_feed_id, site_of_old_ids

DAY = {
    "sqlite": "substr(created_at, 1, 10)",
    "postgresql": "to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')",
}


def keep(apps, schema_editor):
    host = urlsplit(site_of_old_ids()).hostname
    day = DAY[schema_editor.connection.vendor]
    # One statement, because there may be a million.
    sql = f"UPDATE comments_comment SET feed_id = %s || {day} || ':comment-' || id"  # noqa: S608
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(sql, [f"tag:{host},"])


class Migration(migrations.Migration):
    dependencies = [("comments", "0026_version_of_markup")]

    operations = [
        migrations.AddField(
            "comment",
            "feed_id",
            # The database's own default, so that SQLite need not write the table again.
            models.CharField(
                db_default="", default=new_feed_id, editable=False, max_length=LONGEST
            ),
        ),
        migrations.RunPython(keep, migrations.RunPython.noop),
    ]
