"""The group of those who edit everybody's essays, and may give them to another author."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

GROUP, MAY_CHANGE_AUTHOR = "Editors", "change_author"
MODELS = ["post", "tag", "image"]
MAY = [f"{verb}_{model}" for verb in ("view", "add", "change", "delete") for model in MODELS]
MAY += ["view_oldaddress", "delete_oldaddress", MAY_CHANGE_AUTHOR]


def make_group(apps, schema_editor):
    # Permissions are usually made once all migrations are done; the group needs them now.
    app = apps.get_app_config("posts")
    app.models_module = True
    create_permissions(app, apps=apps, verbosity=0, using=schema_editor.connection.alias)
    app.models_module = None
    groups = apps.get_model("auth", "Group").objects
    permissions = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="posts"
    )
    change_author = permissions.get(codename=MAY_CHANGE_AUTHOR)
    # Who moderates every comment and edits every essay gains nothing by being its author.
    for group in groups.filter(permissions__codename="change_comment").filter(
        permissions__codename="change_post"
    ):
        group.permissions.add(change_author)
    editors, made = groups.get_or_create(name=GROUP)
    if made:
        editors.permissions.add(*permissions.filter(codename__in=MAY))
    elif editors.permissions.filter(codename="change_post").exists():
        editors.permissions.add(change_author)


def drop_permission(apps, schema_editor):
    """Take the permission away; the group stays, for people may be in it by now."""
    apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="posts", codename=MAY_CHANGE_AUTHOR
    ).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0008_change_author_and_sentences"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(make_group, drop_permission)]
