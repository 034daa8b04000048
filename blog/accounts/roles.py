"""The groups that exist from the start, with a sentence that says what each may do."""

from django.contrib.auth.models import Group, Permission
from django.utils.translation import gettext_lazy as _

from blog.lib.alphabets import place_of

OWNERS, EDITORS, AUTHORS, MODERATORS = "Owners", "Editors", "Authors", "Moderators"

SENTENCES = {
    OWNERS: _("Run the site: its name and menus, its people, and all that the others do."),
    EDITORS: _("Write and publish everybody’s essays, and keep tags and pictures."),
    AUTHORS: _("Write and publish essays of one’s own, and judge the comments on those."),
    MODERATORS: _("Judge every comment and keep the block rules, and write nothing."),
}
# What somebody of each group is called. Groups are found by their names, which no language changes.
CALLED = {
    OWNERS: _("Owner"),
    EDITORS: _("Editor"),
    AUTHORS: _("Author"),
    MODERATORS: _("Moderator"),
}
# As they are offered.
ORDER = {name: place for place, name in enumerate(SENTENCES)}


def in_order(groups):
    """Return groups as they are offered: those that exist from the start, then a site's own."""
    return sorted(
        groups, key=lambda group: (ORDER.get(group.name, len(ORDER)), place_of(group.name))
    )


def called(group):
    return CALLED.get(group.name, group.name)


def groups_given_by(user):
    """Return the groups that somebody may put others into: those that may nothing they may not."""
    groups = Group.objects.all()
    if user.is_superuser:
        return groups
    held = {tuple(said.split(".", 1)) for said in user.get_all_permissions()}
    labels = "pk", "content_type__app_label", "codename"
    beyond = [pk for pk, *said in Permission.objects.values_list(*labels) if (*said,) not in held]
    return groups.exclude(permissions__in=beyond)
