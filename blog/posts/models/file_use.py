"""Which uploaded files the texts of essays name: an index, kept as the texts are saved."""

import re

from django.db import models
from django.utils.translation import gettext_lazy as _

from blog.media.names import NAME, original_of

_NAMES = re.compile(NAME)


def names_in(text):
    """Return the names of the uploaded files in a text; of a rendition, that of its picture."""
    return {original_of(name) or name for name in _NAMES.findall(text)}


class FileUseQuerySet(models.QuerySet):
    def current(self):
        """Return the uses in what readers have, and in what is being written."""
        return self.filter(is_current=True)

    def settle(self, post):
        """Note the files that the texts of an essay name, as they are stored now.

        Those that only earlier versions name stay noted as such.
        """
        texts = [*type(post).objects.filter(pk=post.pk).values_list("body", flat=True)]
        written = post.revisions.order_by("-pk").values_list("body", flat=True)
        texts += [*written[:1], *written.filter(due_at__isnull=False)]
        now = set().union(*map(names_in, texts))
        noted = dict(self.filter(post=post).values_list("name", "is_current"))
        self.bulk_create(self.model(post=post, name=name) for name in sorted(now - {*noted}))
        for is_current, names in ((True, now), (False, {*noted} - now)):
            if changed := [name for name in names if noted.get(name, is_current) != is_current]:
                self.filter(post=post, name__in=changed).update(is_current=is_current)


class FileUse(models.Model):
    """An uploaded file in the text of an essay. Its row, if it has one, is found by the name."""

    post = models.ForeignKey("posts.Post", on_delete=models.CASCADE, related_name="file_uses")
    name = models.CharField(max_length=100)
    # False where only earlier versions name it.
    is_current = models.BooleanField(default=True)

    objects = FileUseQuerySet.as_manager()
    # No person needs to hear that it is deleted (blog.lib.deleting).
    is_internal = True

    class Meta:
        verbose_name = _("use of a file")
        verbose_name_plural = _("uses of files")
        constraints = [
            models.UniqueConstraint(fields=["post", "name"], name="file_use_once"),
        ]
        indexes = [models.Index(fields=["name", "is_current"], name="file_use_by_name")]

    def __str__(self):
        return self.name
