"""Addresses: those the site keeps for itself, and those a post once had."""

import re

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

# First parts of addresses the site itself uses, so no page may be called so.
RESERVED_SLUGS = frozenset(
    "admin archive atom comments feed healthz linkbacks media metrics page pingback readyz rss "
    "search static tags webmention".split()
) | {settings.ADMIN_PATH}


def is_reserved(slug):
    """Return whether a page of this slug would be hidden by an address of the site itself."""
    # Four figures are a year of the archive.
    return slug in RESERVED_SLUGS or re.fullmatch("[0-9]{4}", slug) is not None


class OldAddress(models.Model):
    """An address a post once had, here or on the blog it was imported from.

    `path` has no slash at its ends. One that starts with `?` is a query at the site's root, as in
    WordPress's `/?p=123`.
    """

    path = models.CharField(
        _("old address"),
        max_length=500,
        unique=True,
        error_messages={"unique": _("This old address already leads to another essay.")},
    )
    post = models.ForeignKey("posts.Post", on_delete=models.CASCADE, related_name="old_addresses")

    changes_pages = True

    class Meta:
        verbose_name = _("old address")
        verbose_name_plural = _("old addresses")

    def __str__(self):
        return f"/{self.path}"
