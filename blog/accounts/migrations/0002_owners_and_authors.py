"""The groups of those who run the site, and of those who write their own essays.

Editors and Moderators are made by the migrations of posts and comments. A group that has one of
these names already stays as it is: its people were chosen for something else.
"""

from django.contrib.auth.management import create_permissions
from django.db import migrations

OWNERS, AUTHORS = "Owners", "Authors"
EVERYTHING_OF = ("posts", "comments", "site")
# Tables that came later; in a new database they are there already.
LATER = ["searchwords", "commonword", "feedidentity", "forward", "draftnote", "unplaced"]
MAY_OF_USERS = ["view_user", "add_user", "change_user", "delete_user", "view_group"]
# Who may add essays may go on with their own: blog/posts/models/whose.py.
MAY_OF_AUTHORS = ["add_post", "view_tag", "view_image", "add_image", "view_recording"]


def make_groups(apps, schema_editor):
    # Permissions are usually made once all migrations are done; the groups need them now.
    for label in ("auth", *EVERYTHING_OF):
        app = apps.get_app_config(label)
        app.models_module = True
        create_permissions(app, apps=apps, verbosity=0, using=schema_editor.connection.alias)
        app.models_module = None
    groups = apps.get_model("auth", "Group").objects
    permissions = apps.get_model("auth", "Permission").objects
    owners, made = groups.get_or_create(name=OWNERS)
    if made:
        of_all = permissions.filter(content_type__app_label__in=EVERYTHING_OF)
        owners.permissions.add(*of_all.exclude(content_type__model__in=LATER))
        owners.permissions.add(
            *permissions.filter(content_type__app_label="auth", codename__in=MAY_OF_USERS)
        )
    # Sounds and films came after the group of editors, who keep pictures already.
    recordings = permissions.filter(
        content_type__app_label="posts",
        codename__in=["view_recording", "change_recording", "delete_recording"],
    )
    for editors in groups.filter(name="Editors", permissions__codename="change_image"):
        editors.permissions.add(*recordings)
    authors, made = groups.get_or_create(name=AUTHORS)
    if made:
        authors.permissions.add(
            *permissions.filter(content_type__app_label="posts", codename__in=MAY_OF_AUTHORS)
        )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_sign_ins_and_recovery_codes"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("posts", "0026_language_of_an_essay"),
        ("comments", "0026_version_of_markup"),
        ("site", "0001_versions_of_the_site"),
    ]
    # The groups stay when it is taken back, for people may be in them by now.
    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
