"""Sounds and films of one's own."""

import re
from pathlib import PurePath

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blog.lib.base_path import unbased
from blog.markup import one_line
from blog.media.names import SOUND, size_of

from .file_use import FileUse
from .post import Post

TITLE_LENGTH = 300


class RecordingQuerySet(models.QuerySet):
    def unused(self):
        """Return those that no essay plays, in what readers have or in what is being written."""
        uses = FileUse.objects.current().filter(name=models.OuterRef("file"))
        return self.filter(~models.Exists(uses))


class Recording(models.Model):
    """A sound or a film, as `recordings.prepare` left it. Its file is named by its content."""

    file = models.FileField(_("file"), max_length=100, unique=True, editable=False)
    title = models.CharField(
        _("title"),
        max_length=TITLE_LENGTH,
        blank=True,
        help_text=_("What an essay writes under it. Essays that play it already keep their own."),
    )
    # For feeds, which name it beside the address.
    bytes = models.PositiveBigIntegerField(_("bytes"), editable=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("uploaded by"),
    )
    uploaded_at = models.DateTimeField(_("uploaded"), default=timezone.now, editable=False)

    objects = RecordingQuerySet.as_manager()
    changes_pages = True  # feeds tell its length

    class Meta:
        verbose_name = _("sound or film")
        verbose_name_plural = _("sounds and films")
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(bytes__gt=0), name="recording_is_not_empty")
        ]

    def __str__(self):
        return self.title or self.file.name

    def get_absolute_url(self):
        return reverse("media", args=[self.file.name])

    def delete(self, **kwargs):
        """Take its file away as well, once the row is surely gone."""
        done = super().delete(**kwargs)
        storage, name = self.file.storage, self.file.name
        transaction.on_commit(lambda: storage.delete(name))
        return done

    @property
    def is_sound(self):
        return re.fullmatch(SOUND, self.file.name) is not None

    @property
    def size(self):
        """The width and height of a film, or None."""
        return size_of(self.file.name)

    @property
    def markdown(self):
        """What an essay writes to play it."""
        title = re.sub(r"([\\\[\]])", r"\\\1", one_line(self.title))
        return f"![{title}]({unbased(self.get_absolute_url())})"

    def shown_in(self):
        """Return the essays that play it, in what readers have or in what is being written."""
        uses = FileUse.objects.current().filter(name=self.file.name)
        return Post.objects.filter(pk__in=uses.values("post"))


def title_of(name):
    """Return a title for a file of this name."""
    return one_line(PurePath(name).stem.replace("_", " "))[:TITLE_LENGTH]
