"""Addresses: those the site keeps for itself, and those a post once had."""

import re

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blog.lib.base_path import based
from blog.lib.first_parts import FIRST_PARTS

RESERVED_SLUGS = FIRST_PARTS | {settings.ADMIN_PATH}


def address_of(path):
    """Return the address of the essay or page at a stored path."""
    return based(f"/{path}/")


def is_reserved(slug):
    """Return whether a page of this slug would be hidden by an address of the site itself."""
    # What begins with BASE_PATH counts as below it (blog.lib.base_path.based), and four figures are
    # a year of the archive.
    is_base = slug in settings.BASE_PATH.split("/")[1:2]
    return is_base or slug in RESERVED_SLUGS or re.fullmatch("[0-9]{4}", slug) is not None


class OldAddressQuerySet(models.QuerySet):
    def keep_shown(self, post, before):
        """Have the addresses lead to a post under which it was shown until this save.

        `before` is the post as it was stored. A draft is shown by the month of the day, so one
        that gets a date was shown in each month since it was begun.
        """
        if before is None:
            return
        self.filter(post=post, path=post.path).delete()
        if before.path != post.path and before.was_public:
            self.update_or_create(path=before.path, defaults={"post": post})
            return
        shown = {before.path} if before.path != post.path else set()
        if post.published_at and not before.published_at:
            shown |= {post.path_in(month) for month in months_since(post.created_at)}
        # Not those that lead elsewhere: readers never saw this one there.
        shown -= {*self.filter(path__in=shown).values_list("path", flat=True), post.path}
        shown -= {*type(post).objects.filter(path__in=shown).values_list("path", flat=True)}
        self.bulk_create(self.model(path=path, post=post) for path in sorted(shown))


def months_since(moment):
    """Return a moment of each month from this one's to the present, ten years at most."""
    first, now = timezone.localtime(moment), timezone.localtime()
    count = (now.year - first.year) * 12 + now.month - first.month
    numbers = range(max(0, count - 120), count + 1)
    past = [divmod(first.year * 12 + first.month - 1 + number, 12) for number in numbers]
    return [now.replace(year=year, month=month + 1, day=15) for year, month in past]


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

    objects = OldAddressQuerySet.as_manager()
    changes_pages = True

    class Meta:
        verbose_name = _("old address")
        verbose_name_plural = _("old addresses")

    def __str__(self):
        return f"/{self.path}"
