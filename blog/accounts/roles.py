"""The groups that exist from the start, with a sentence that says what each may do."""

from django.utils.translation import gettext_lazy as _

OWNERS, EDITORS, AUTHORS, MODERATORS = "Owners", "Editors", "Authors", "Moderators"

SENTENCES = {
    OWNERS: _("Run the site: its name and menus, its people, and all that the others do."),
    EDITORS: _("Write and publish everybody’s essays, and keep tags and pictures."),
    AUTHORS: _("Write and publish their own essays, and judge the comments on those."),
    MODERATORS: _("Judge every comment and keep the block rules, and write nothing."),
}
