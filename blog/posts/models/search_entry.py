"""The words that search reads."""

from django.db import models, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from blog.markup import plain_lines

from .search_words import SearchWords

# What an entry has of the thing that it is of.
SETTLED = ("post", "title", "text", "dated")
COMPARED = ("post_id", *SETTLED[1:])


class SearchEntryManager(models.Manager):
    @transaction.atomic
    def put(self, entry):
        """Make one thing findable, or bring its entry up to date."""
        now = {name: getattr(entry, name) for name in SETTLED}
        self.update_or_create(kind=entry.kind, key=entry.key, defaults=now)

    def add(self, entry):
        """Make one thing findable that has no entry yet."""
        self.bulk_create([entry])

    @transaction.atomic
    def bulk_create(self, entries, **options):
        made = super().bulk_create(entries, **options)
        SearchWords.objects.add(made)
        return made

    def known(self, kind, after, last):
        """Return by key the entries of the keys after one and up to another, if there is one."""
        found = self.filter(kind=kind, key__gt=after, **({"key__lte": last} if last else {}))
        return {entry.key: entry for entry in found}

    @transaction.atomic
    def settle(self, known, wanted):
        """Have exactly the wanted entries in the place of known ones, indexed as of now."""
        new, kept, changed = [], [], []
        for entry in wanted:
            if (before := known.pop(entry.key, None)) is None:
                new.append(entry)
                continue
            kept.append(entry)
            entry.pk = before.pk
            if any(getattr(entry, name) != getattr(before, name) for name in COMPARED):
                changed.append(entry)
        self.filter(pk__in=[entry.pk for entry in known.values()]).delete()
        self.bulk_update(changed, SETTLED)
        SearchWords.objects.put(kept)
        for entry in new:
            self.put(entry)  # it may just have been made

    def drop(self, *, kind, keys):
        """Make these findable no more."""
        self.filter(kind=kind, key__in=keys).delete()

    def of_posts(self, posts):
        return self.filter(kind=self.model.Kind.POST, key__in=posts).select_related("post")


class SearchEntry(models.Model):
    """The words of one essay, page or approved comment, as search reads them.

    The text has a line for each block. What of it can be found is in its SearchWords. Whether an
    entry may be shown is asked of its post at the time of searching.
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

    def save(self, **kwargs):
        with transaction.atomic():
            super().save(**kwargs)
            SearchWords.objects.put([self])

    def get_absolute_url(self):
        """Return where it is read; a comment's address finds the right page of its thread."""
        if self.kind == self.Kind.COMMENT:
            return reverse("comment", args=[self.key])
        return self.post.get_absolute_url()

    @classmethod
    def of_post(cls, post):
        """Return the entry of an essay or a page as that is now, not saved."""
        return cls(
            kind=cls.Kind.POST,
            key=post.pk,
            post=post,
            title=post.title,
            text=f"{post.standfirst}\n{plain_lines(post.body_html)}",
            dated=post.published_at,
        )

    @property
    def is_written(self):
        """Whether it is an essay or a page."""
        return self.kind == self.Kind.POST

    @property
    def facets(self):
        """What it is: by kind, and by the numbers of its tags."""
        if not self.is_written:
            return [self.kind]
        return [self.kind, self.post.kind, *(f"tag{tag.pk}" for tag in self.post.tags.all())]
