"""The group of those who judge comments and keep the block rules, and nothing else."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

GROUP = "Moderators"
MAY = [
    "view_comment",
    "change_comment",
    "view_moderationevent",
    "view_blockrule",
    "add_blockrule",
    "change_blockrule",
    "delete_blockrule",
]


def make_group(apps, schema_editor):
    # Permissions are usually made once all migrations are done; the group needs them now.
    app = apps.get_app_config("comments")
    app.models_module = True
    create_permissions(app, apps=apps, verbosity=0, using=schema_editor.connection.alias)
    app.models_module = None
    group, _made = apps.get_model("auth", "Group").objects.get_or_create(name=GROUP)
    permissions = apps.get_model("auth", "Permission").objects
    group.permissions.add(*permissions.filter(content_type__app_label="comments", codename__in=MAY))


def drop_group(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name=GROUP).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("comments", "0004_decisions"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(make_group, drop_group)]
