"""Passkeys, and the challenges that were answered with one."""

import hashlib
from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device, DeviceManager

from .where import host

# What browsers are given to answer a challenge, and how long a used one is remembered.
CHALLENGE_AGE, USED_FOR = timedelta(minutes=5), timedelta(minutes=15)


class PasskeyQuerySet(models.QuerySet):
    def of_here(self):
        """Return those that a browser offers at this address."""
        return self.filter(host=host())

    def count_up(self, number, count):
        """Note that a passkey was used, with its counter; return whether that had grown.

        One that counts nothing always says 0. Both are one statement, so of two answers with the
        same count, on any number of machines, one is taken.
        """
        grown = Q(sign_count__lt=count) if count else Q(sign_count=0)
        now = timezone.now()
        return bool(self.filter(grown, pk=number).update(sign_count=count, used_at=now))


class Passkey(Device):
    """A key pair of a person's, of which the private half never leaves their device.

    It is one of django-otp's devices, so all that asks whether somebody has a second step sees it.
    """

    credential_id = models.CharField(
        max_length=1400,
        unique=True,
        error_messages={"unique": _("This passkey is here already.")},
    )
    # Number of the maker's model, the id and the public key, as the browser gave them.
    key = models.TextField()
    # What stands for the person inside their passkeys, and says nothing of them.
    handle = models.CharField(max_length=64)
    host = models.CharField(max_length=253)
    sign_count = models.PositiveBigIntegerField(default=0)
    transports = models.CharField(max_length=100, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True, blank=True)

    objects = DeviceManager.from_queryset(PasskeyQuerySet)()

    class Meta:
        verbose_name = _("passkey")
        verbose_name_plural = _("passkeys")
        ordering = ["made_at", "pk"]

    def __str__(self):
        return self.name

    @property
    def is_of_here(self):
        return self.host == host()


class UsedChallengeManager(models.Manager):
    def use(self, challenge):
        """Use a challenge up; return whether it was not used before."""
        digest = hashlib.sha256(challenge).hexdigest()
        return self.get_or_create(digest=digest)[1]

    def forget(self, now):
        self.filter(at__lt=now - USED_FOR).delete()


class UsedChallenge(models.Model):
    """A challenge that a passkey answered rightly, so that the answer works once."""

    digest = models.CharField(max_length=64, primary_key=True)
    at = models.DateTimeField(default=timezone.now)

    objects = UsedChallengeManager()

    class Meta:
        indexes = [models.Index(fields=["at"], name="used_challenge_by_time")]

    def __str__(self):
        return self.digest
