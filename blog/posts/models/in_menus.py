"""The menus that a page was ticked for before readers could have it."""

from django.db import models
from django.utils import timezone

from blog.lib.base_path import unbased
from blog.site.menus import MENUS, menus_with, put


class InMenus(models.Model):
    """The part of Post that remembers them until it is published, by whatever way."""

    # Names of MENUS, with spaces between them.
    menus = models.CharField(max_length=40, blank=True, default="", db_default="", editable=False)

    class Meta:
        abstract = True

    @property
    def ticked_menus(self):
        """Return which menus lead to it or will, by the names of the form's fields (one query)."""
        coming = self.menus.split()
        found = menus_with(unbased(self.get_absolute_url()))
        return {name: name in coming or is_there for name, is_there in found.items()}

    def wish_for_menus(self, wanted):
        """Remember what was ticked; the next save, or `go_into_menus`, does what can be done."""
        names = [name for name in MENUS if wanted.get(name, name in self.menus.split())]
        self.menus = " ".join(names)

    def go_into_menus(self, by=None):
        """Stand in the menus it was ticked for; returns whether it does, or has to wait."""
        names = self.menus.split()
        if not (names and self.is_public):
            return False
        address = unbased(self.get_absolute_url())
        put(address, str(self), dict.fromkeys(names, True), by=by or self.author)
        self.menus = ""
        type(self).objects.filter(pk=self.pk).update(menus="")
        return True

    @property
    def waits_for_menus(self):
        """Whether a time to come puts it into one."""
        at = self.published_at
        return bool(self.menus and at and at > timezone.now() and not self.withdrawn_at)
