"""The admin's pages under an owner's words, for its first page."""

from django import template
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

register = template.Library()

# Which models stand under which words, and under which words of their own.
ROWS = [
    (_("Essays"), {"Post": None, "Image": None, "Recording": None, "Tag": None}),
    (
        _("Comments"),
        {
            "Comment": None,
            "BlockRule": None,
            "ModerationEvent": None,
            "Mail": None,
            "Unplaced": None,
        },
    ),
    (_("Site"), {"SiteVersion": _("Name, menus and words"), "Move": None}),
    (
        _("People"),
        {
            "User": _("People"),
            "Invitation": None,
            "Group": _("What each may do"),
            "Profile": _("Your page"),
        },
    ),
    (_("Signing in"), {"Attempt": None, "MailChoice": None}),
    (_("Jobs"), {"Job": None}),
]


@register.simple_tag
def everything(app_list):
    """Return rows of a name and its links; each page that somebody may see is in one of them."""
    pages = {model["object_name"]: model for app in app_list for model in app["models"]}
    found = []
    for name, models in ROWS:
        links = [
            (model["admin_url"], words or model["name"])
            for each, words in models.items()
            if (model := pages.pop(each, None)) and model["admin_url"]
        ]
        if "Attempt" in models:
            links.append((reverse("admin:set_up_second_step"), _("Two-step sign-in")))
            links.append((reverse("admin:passkeys"), _("Passkeys")))
            links.append((reverse("admin:password_change"), _("Your password")))
        if links:
            found.append((name, links))
    rest = [(model["admin_url"], model["name"]) for model in pages.values() if model["admin_url"]]
    return [*found, (pgettext_lazy("pages of the admin", "More"), rest)] if rest else found
