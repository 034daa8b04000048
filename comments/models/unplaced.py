"""Comments of another system whose essay is not here: kept until it is, or an owner says which.

They are a table of their own for the reason that notes on drafts are (draft_note.py): a comment has
an essay. They are kept as they were read, so what brings them reads them by its own rules. They
stay until they are brought or thrown away, and no network address is kept with them.
"""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comments.models.comment import Comment

LONGEST_PAGE = 2000


class UnplacedQuerySet(models.QuerySet):
    def of_person(self, email):
        return self.filter(email__iexact=email.strip())

    def waiting(self):
        """Return those that can be brought, without the ones whose words were deleted here."""
        return self.exclude(html="", markdown="")

    def erase(self):
        """Delete what they say for good; the row stays, so that no import keeps it again."""
        gone = dict.fromkeys(("name", "email", "url", "html", "markdown"), "")
        return self.update(status=Comment.Status.TRASH, **gone)

    def drop_brought(self):
        """Delete those that stand under an essay now; return how many."""
        here = Comment.objects.filter(origin=models.OuterRef("origin"))
        return self.filter(models.Exists(here)).delete()[0]


class Unplaced(models.Model):
    # As a comment's, which it becomes; and that of the comment it answers, "" for none.
    origin = models.CharField(max_length=500, unique=True, editable=False)
    answers = models.CharField(max_length=500, blank=True, editable=False)
    # The address it stood at, as its system wrote it, and all of them if there were several.
    page = models.CharField(
        pgettext_lazy("of a web page", "address"), max_length=LONGEST_PAGE, blank=True
    )
    addresses = models.JSONField(default=list, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Comment.Status)
    name = models.CharField(_("name"), max_length=200, blank=True)
    email = models.CharField(_("email"), max_length=254, blank=True)
    url = models.CharField(_("website"), max_length=2000, blank=True)
    # One of these has its words.
    html = models.TextField(blank=True)
    markdown = models.TextField(blank=True)
    created_at = models.DateTimeField(_("received"), null=True, blank=True)
    kept_at = models.DateTimeField(default=timezone.now)

    objects = UnplacedQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment without an essay")
        verbose_name_plural = _("Comments without an essay")
        ordering = ["page", "created_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["pending", "approved", "spam", "trash"]),
                name="unplaced_status_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(html="", markdown="") | models.Q(status="trash", email=""),
                name="unplaced_has_words",
            ),
        ]

    def __str__(self):
        return self.name or self.page
