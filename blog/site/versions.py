"""The versions of the settings, as the page lists them: who saved what, and what it changed."""

from django.template.defaultfilters import truncatechars
from django.utils.html import format_html

from blog.lib.figures import figure
from blog.lib.languages import own_name
from blog.lib.listing import labelled, quoted
from blog.lib.numbers import number_in

from .models import FIELDS, SiteVersion

# Versions on a page, characters shown of a title, and the last page there can be.
LISTED, SHOWN, LAST = 20, 40, 100_000
# Of the other fields it is enough to say that they changed.
TEXTS = {"title", "tagline", "author"}
NUMBERS = {"entries", "feed_entries", "comment_days"}


def newest(*, locked=False):
    """Return the version in force; if `locked`, one transaction at a time has it."""
    versions = SiteVersion.objects.order_by("-pk")
    if not locked:
        return versions.first()
    while True:
        version = versions.select_for_update().first()
        if version is None or not SiteVersion.objects.filter(pk__gt=version.pk).exists():
            return version


def page_of(asked):
    """Return the versions of a page, its number, and whether earlier ones follow (one query)."""
    page = min(number_in(asked) or 1, LAST)
    start = (page - 1) * LISTED
    versions = SiteVersion.objects.select_related("by").order_by("-pk")
    found = list(versions[start : start + LISTED + 1])
    for version, before in zip(found, [*found[1:], None], strict=False):
        version.changed = changes(version, before or SiteVersion())
    return found[:LISTED], page, len(found) > LISTED


def changes(version, before):
    """Return the names of the fields that differ, with the values of those that are short."""
    was, values = before.values, version.values
    found = []
    for name in FIELDS[:-1]:
        if values[name] != was[name]:
            label, value = SiteVersion._meta.get_field(name).verbose_name, in_words(version, name)
            found.append(labelled(label, value) if value else label)
    return found


def in_words(version, name):
    """Return a short value as people know it; "" for a long one, and where it is the usual one."""
    value = getattr(version, name)
    if value in (None, ""):
        return ""
    if name in TEXTS:
        return format_html("<bdi>{}</bdi>", quoted(truncatechars(value, SHOWN)))
    if name in NUMBERS:
        return figure(value)
    if name == "language":
        return own_name(value)
    choices = dict(SiteVersion._meta.get_field(name).flatchoices)
    return choices.get(value, "") if choices else ""
