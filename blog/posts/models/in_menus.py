"""The menus that a page is in, or was ticked for while readers cannot have it."""

from django.db import models
from django.utils import timezone

from blog.site.menus import MENUS, follow, menus_with, put, take_out


class InMenus(models.Model):
    """The part of Post that keeps to the menus what readers can have, and remembers the rest."""

    # Names of MENUS, with spaces between them.
    menus = models.CharField(max_length=40, blank=True, default="", db_default="", editable=False)

    class Meta:
        abstract = True

    @property
    def ticked_menus(self):
        """Return which menus lead to it or will, by the form's fields (two queries)."""
        coming = self.menus.split()
        found = menus_with(self.menu_places)
        return {name: name in coming or is_there for name, is_there in found.items()}

    def wish_for_menus(self, wanted):
        """Remember what was ticked; the next save, or `go_into_menus`, does what can be done."""
        names = [name for name in MENUS if wanted.get(name, name in self.menus.split())]
        self.menus = " ".join(names)

    def go_into_menus(self, by=None):
        """Stand in the menus it was ticked for; returns whether it does, or has to wait.

        It waits for a menu that is full, too.
        """
        names = self.menus.split()
        if not (names and self.is_public):
            return False
        given = {"names": self.earlier_names, "by": by or self.author}
        self.menus = " ".join(put(self.menu_places, str(self), names, **given))
        type(self).objects.filter(pk=self.pk).update(menus=self.menus)
        return not self.menus

    def leave_menus(self, names=tuple(MENUS), by=None):
        """Stand in none of these menus; returns those it was in."""
        return take_out(self.menu_places, names, by=by or self.saved_by or self.author)

    def settle_menus(self, before):
        """Leave the menus while readers cannot have it, and be called there as it is now.

        `before` is the post as it was stored. What it leaves is remembered.
        """
        if not (before and before.is_public):
            return
        if not self.is_public:
            left = before.leave_menus(by=self.saved_by)
            self.wish_for_menus(dict.fromkeys(left, True))
            return
        was, now = ((f"/{post.path}/", str(post)) for post in (before, self))
        if was != now:
            follow(*was, *now, by=self.saved_by or self.author)

    @property
    def menu_places(self):
        """The places by which menus may lead to it: its own, then those it once had (one query).

        Not those where another lives by now.
        """
        others = type(self).objects.filter(path=models.OuterRef("path"))
        old = self.old_addresses.filter(~models.Exists(others)).values_list("path", flat=True)
        return [f"/{path}/" for path in (self.path, *old)]

    @property
    def earlier_names(self):
        """The titles that its versions had (one query)."""
        return [str(self), *self.revisions.values_list("title", flat=True).distinct().order_by()]

    @property
    def is_kept_out(self):
        """Whether a full menu is all that keeps it out of one."""
        return bool(self.menus) and self.is_public

    @property
    def waits_for_menus(self):
        """Whether a time to come puts it into one."""
        at = self.published_at
        return bool(self.menus and at and at > timezone.now() and not self.withdrawn_at)
