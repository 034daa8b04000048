"""Files that come to the desk in parts."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from blog.media import parts

from .image import Image
from .recording import Recording

# An upload that was not finished by then, or was by then, is forgotten.
FORGOTTEN_AFTER = timedelta(days=1)
# Of what is not finished: uploads of one person, and how many of the largest files in all.
MOST_EACH, MOST_LARGEST = 30, 4
NAME_LENGTH = 255


class TooMuch(Exception):
    """So much is on its way already that nothing more is begun; the message says it."""


def new_key():
    """Return 128 random bits, which nobody guesses."""
    return secrets.token_hex(16)


class UploadQuerySet(models.QuerySet):
    def unfinished(self):
        return self.filter(image=None, recording=None)

    def begin(self, name, size, by):
        """Return a new upload; raises TooMuch."""
        waiting = self.unfinished()
        sizes = waiting.aggregate(sum=Sum("bytes"))["sum"] or 0
        is_full = sizes and sizes + size > MOST_LARGEST * settings.RECORDING_MB * 1_000_000
        if is_full or waiting.filter(by=by).count() >= MOST_EACH:
            raise TooMuch(_("Too much is on its way already. Try again later."))
        return self.create(key=new_key(), by=by, name=name[:NAME_LENGTH], bytes=size)

    def forget(self, now):
        """Delete what was begun long ago, and parts that belong to nothing; return how many."""
        old = list(self.filter(began_at__lt=now - FORGOTTEN_AFTER))
        for upload in old:
            upload.delete()
        # Asked for first: an upload that begins meanwhile has its row before its first part.
        lying = parts.begun()
        known = set(self.values_list("key", flat=True))
        for key in lying:
            if key not in known:
                parts.remove(key)
        return len(old)


class Upload(models.Model):
    """A file on its way to the desk, in parts (media/parts.py).

    It stays for a day after it is finished, so that a browser that lost the answer gets it again.
    """

    key = models.CharField(max_length=32, unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=NAME_LENGTH)
    bytes = models.PositiveBigIntegerField()
    began_at = models.DateTimeField(default=timezone.now)
    image = models.ForeignKey(Image, on_delete=models.CASCADE, null=True, related_name="+")
    recording = models.ForeignKey(Recording, on_delete=models.CASCADE, null=True, related_name="+")

    objects = UploadQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(bytes__gt=0), name="upload_is_not_empty"),
            models.CheckConstraint(
                condition=models.Q(image=None) | models.Q(recording=None),
                name="upload_becomes_one_thing",
            ),
        ]

    def __str__(self):
        return self.name

    def delete(self, **kwargs):
        """Take its parts away as well, once the row is surely gone."""
        done = super().delete(**kwargs)
        transaction.on_commit(lambda: parts.remove(self.key))
        return done

    @property
    def made(self):
        """What became of it, or None while it is on its way."""
        return self.image or self.recording

    def finish(self, made):
        """Keep what became of it, and none of its parts."""
        became = {"recording" if isinstance(made, Recording) else "image": made}
        type(self).objects.filter(pk=self.pk).update(**became)
        transaction.on_commit(lambda: parts.remove(self.key))
