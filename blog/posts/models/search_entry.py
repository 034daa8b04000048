"""The words that search reads."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class SearchEntryManager(models.Manager):
    def put(self, *, kind, key, post, title, text, dated):
        """Make one thing findable, or bring its entry up to date."""
        self.update_or_create(
            kind=kind,
            key=key,
            defaults={"post": post, "title": title, "text": text, "dated": dated},
        )

    def drop(self, *, kind, keys):
        """Make these findable no more."""
        self.filter(kind=kind, key__in=keys).delete()


class SearchEntry(models.Model):
    """The words of one essay, page or approved comment, as search reads them.

    The database keeps its own full-text index over this table (see the migration and search.py).
    Whether an entry may be shown is asked of its post at the time of searching.
    """

    class Kind(models.TextChoices):
        POST = "post", _("Essay")
        COMMENT = "comment", _("Comment")

    kind = models.CharField(max_length=10, choices=Kind)
    key = models.BigIntegerField()
    post = models.ForeignKey("posts.Post", on_delete=models.CASCADE, related_name="search_entries")
    title = models.TextField(blank=True)
    text = models.TextField(blank=True)
    dated = models.DateTimeField(null=True)

    objects = SearchEntryManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="search_entry_once"),
        ]

    def __str__(self):
        return f"{self.kind} {self.key}"

    def get_absolute_url(self):
        """Return where it is read; a comment's address finds the right page of its thread."""
        if self.kind == self.Kind.COMMENT:
            return reverse("comment", args=[self.key])
        return self.post.get_absolute_url()
