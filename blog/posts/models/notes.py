"""Who may write notes beside an essay: said for the site, and for each essay."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from blog.site.reading import site


class Notes(models.TextChoices):
    """From lenient to strict; the stricter of what site and essay say holds."""

    ON = "on", pgettext_lazy("notes of readers", "from all readers")
    KNOWN = (
        "known",
        pgettext_lazy("notes of readers", "from readers of whom a comment was approved"),
    )
    OFF = "off", pgettext_lazy("notes of readers", "from nobody")


def site_notes():
    """Return what the site says; everything asks here."""
    return Notes(site().comment_notes)


class TakesNotes(models.Model):
    """The part of Post that says whose notes it takes."""

    notes = models.CharField(
        _("readers’ notes"),
        max_length=5,
        choices=Notes,
        default=Notes.ON,
        db_default=Notes.ON.value,
        help_text=_("Beside words of the text. Notes that are there stay."),
    )

    class Meta:
        abstract = True

    @property
    def notes_policy(self):
        """What holds for it: the stricter of what it says itself and what the site says."""
        return max(Notes(self.notes), site_notes(), key=list(Notes).index)

    @property
    def notes_from(self):
        """Whose notes it takes now: nobody's where it takes no comments."""
        return self.notes_policy if self.takes_comments else Notes.OFF
