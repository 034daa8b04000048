"""Addresses of another system that lead to a list, an author or a file here, not to an essay."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from blog.lib.base_path import unbased

LONGEST = 500


class ForwardQuerySet(models.QuerySet):
    def keep(self, path, to):
        """Have an address lead somewhere, unless it leads elsewhere; return whether it is new."""
        if not path or len(path) > LONGEST or len(to) > LONGEST or not path.isprintable():
            return False
        return self.get_or_create(path=path, defaults={"to": unbased(to)})[1]


class Forward(models.Model):
    """An address that another system answered, and where its readers are sent.

    `path` is as in `OldAddress`: without slashes at its ends, or a query at the root. `to` is an
    address of this site without its host. The path of a blog that was in a folder leads to `/`.
    """

    path = models.CharField(_("old address"), max_length=LONGEST, unique=True)
    to = models.CharField(_("leads to"), max_length=LONGEST)

    objects = ForwardQuerySet.as_manager()
    changes_pages = True

    class Meta:
        verbose_name = _("forwarded address")
        verbose_name_plural = _("forwarded addresses")

    def __str__(self):
        return f"/{self.path}"
