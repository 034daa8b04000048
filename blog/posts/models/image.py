"""Pictures for essays."""

import re

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blog.markup import one_line

from .post import Post


class Image(models.Model):
    """A picture for essays, as `images.prepare` left it. Its file's name is that of its content."""

    file = models.FileField(
        _("file"),
        max_length=100,
        unique=True,
        error_messages={"unique": _("This image is here already. Look for it under Images.")},
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

    changes_pages = True

    class Meta:
        verbose_name = _("image")
        verbose_name_plural = _("images")
        ordering = ["-uploaded_at", "-pk"]

    def __str__(self):
        return self.alt or self.file.name

    def get_absolute_url(self):
        return reverse("media", args=[self.file.name])

    def delete(self, **kwargs):
        """Take its file away as well, once the row is surely gone."""
        done = super().delete(**kwargs)
        storage, name = self.file.storage, self.file.name
        transaction.on_commit(lambda: storage.delete(name))
        return done

    @property
    def markdown(self):
        """What an essay writes to show it."""
        alt = re.sub(r"([\\\[\]])", r"\\\1", one_line(self.alt))
        return f"![{alt}]({self.get_absolute_url()})"

    def shown_in(self):
        """Return the posts whose text names it."""
        return Post.objects.filter(body__contains=self.get_absolute_url())
