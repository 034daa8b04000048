"""Pictures for essays."""

import re

from django.conf import settings
from django.db import connection, models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blog.lib.base_path import unbased
from blog.markup import one_line
from blog.media.files import length_of, take_away
from blog.media.pictures.renditions import make_missing
from blog.pages.invalidation import changes_no_page

from .file_use import FileUse
from .post import Post


class ImageQuerySet(models.QuerySet):
    def unused(self):
        """Return those that no essay shows, to readers or in what is written, and nobody chose."""
        uses = FileUse.objects.current().filter(name=models.OuterRef("file"))
        return self.filter(~models.Exists(uses), chosen_by=None, faces=None)

    def without_renditions(self):
        return self.filter(renditions_at=None)

    def one_by_one(self, after=0):
        """Yield each, in the order of primary keys from the one after `after`, few at a time."""
        while some := [*self.filter(pk__gt=after).order_by("pk")[:100]]:
            yield from some
            after = some[-1].pk


class Image(models.Model):
    """A picture for essays, as `media.pictures` made it. Its name is that of its content."""

    file = models.FileField(
        _("file"),
        max_length=100,
        unique=True,
        error_messages={"unique": _("This picture is here already. Look for it under Pictures.")},
    )
    alt = models.CharField(
        _("what it shows"),
        max_length=500,
        blank=True,
        help_text=_("For readers who cannot see it. Empty for mere decoration."),
    )
    width = models.PositiveIntegerField(_("width"), editable=False)
    height = models.PositiveIntegerField(_("height"), editable=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        verbose_name=_("uploaded by"),
    )
    uploaded_at = models.DateTimeField(_("uploaded"), default=timezone.now, editable=False)
    # Of its file, and of all that is made of it; null until that is made and counted.
    bytes = models.PositiveIntegerField(_("size of the file"), null=True, editable=False)
    renditions_bytes = models.PositiveIntegerField(null=True, editable=False)
    renditions_at = models.DateTimeField(null=True, editable=False)

    objects = ImageQuerySet.as_manager()
    changes_pages = True

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        ordering = ["-uploaded_at", "-pk"]

    def __str__(self):
        return self.alt or self.file.name

    def save(self, **kwargs):
        """Have essays that it is shared with tell its description, unless only others change."""
        is_new, fields = self._state.adding, kwargs.get("update_fields")
        super().save(**kwargs)
        if not is_new and (fields is None or "alt" in fields):
            Post.objects.shared_with(self).settle_shared()

    def get_absolute_url(self):
        return reverse("media", args=[self.file.name])

    @transaction.atomic
    def delete(self, **kwargs):
        """Take away its file and what was made of it as well, once the row is surely gone."""
        shared = list(Post.objects.shared_with(self).values_list("pk", flat=True))
        done = super().delete(**kwargs)
        Post.objects.filter(pk__in=shared).settle_shared()
        name = self.file.name
        transaction.on_commit(lambda: take_away(name))
        return done

    def make_renditions(self):
        """Make the narrower pictures that are missing, and count all; return how many were made.

        It may be done again, elsewhere, or after it was killed. Raises what `make_missing` does.
        """
        name = self.file.name
        made = make_missing(name)
        own = length_of(name)
        if own is None:
            raise FileNotFoundError(name)
        counted = {"bytes": own, "renditions_bytes": made.total, "renditions_at": timezone.now()}
        # No page shows what is counted here.
        with changes_no_page(connection):
            found = Image.objects.filter(pk=self.pk, file=name).update(**counted)
        if not found and not Image.objects.filter(file=name).exists():
            take_away(name)  # deleted meanwhile
        return made.files

    @property
    def dimensions(self):
        """Its width and height, which stand in this order in every language."""
        return f"\u2066{self.width} × {self.height}\u2069"

    @property
    def markdown(self):
        """What an essay writes to show it."""
        return f"![{self.alt_in_markdown}]({unbased(self.get_absolute_url())})"

    @property
    def alt_in_markdown(self):
        return re.sub(r"([\\\[\]])", r"\\\1", one_line(self.alt))

    def shown_in(self):
        """Return the essays that show it, in what readers have or in what is being written."""
        uses = FileUse.objects.current().filter(name=self.file.name)
        return Post.objects.filter(pk__in=uses.values("post"))
