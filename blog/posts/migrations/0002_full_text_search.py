"""The database's own full-text index over posts_searchentry, kept in step by the database.

Migration 0028 has another one, which takes its place.
"""

from django.db import migrations

from blog.posts.search import earlier_tables


def forwards(apps, schema_editor):
    earlier_tables.make()


def backwards(apps, schema_editor):
    earlier_tables.drop()


class Migration(migrations.Migration):
    dependencies = [("posts", "0001_initial")]

    operations = [migrations.RunPython(forwards, backwards, elidable=False)]
