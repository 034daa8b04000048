"""Invitations: who may come, for how long, and the secret link that each is accepted by."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .roles import groups_given_by

# Who has it invites people.
MAY_INVITE = "auth.add_user"
VALID_FOR = timedelta(days=7)
# Sign-in names that one invitation may try that cannot be had.
MOST_TRIES = 20
# Open invitations at a time, and mails with one: of all, and to one address, in a day.
MOST_OPEN, MOST_MAILS, MOST_TO_ONE = 100, 30, 3
# A closed one stays in the list for so long, and its address with it.
KEPT_FOR = timedelta(days=30)


def new_seed():
    return secrets.token_hex(16)


class InvitationQuerySet(models.QuerySet):
    def open(self):
        return self.filter(
            used_at=None, revoked_at=None, expires_at__gt=timezone.now(), tries__lt=MOST_TRIES
        )

    def closed(self):
        now = timezone.now()
        over = Q(expires_at__lte=now) | Q(tries__gte=MOST_TRIES)
        return self.filter(Q(used_at__isnull=False) | Q(revoked_at__isnull=False) | over)

    def by_token(self, token):
        """Return the invitation of a link, in whatever state; None for a link that was made up."""
        number, _dash, proof = token.partition("-")
        if not (number.isascii() and number.isdecimal() and len(number) < 19):
            return None
        found = self.filter(pk=int(number)).first()
        return found if found and constant_time_compare(found.proof, proof) else None

    def typed_by(self, user):
        """Return that by which somebody came who typed their address, and has not proven it."""
        return self.filter(used_by=user, email="")

    def outlive(self, people):
        """Keep those by which it is known whose address was never verified; people are deleted."""
        self.filter(by__in=people, email="", used_by__isnull=False).update(by=None)

    def forget(self, now):
        """Delete those that were closed long ago; return how many.

        By those without an address it is known whose was never verified, as long as there are
        accounts (`typed_by`).
        """
        found = self.filter(expires_at__lt=now - KEPT_FOR)
        return found.exclude(email="", used_by__isnull=False).delete()[0]


class Invitation(models.Model):
    """Lets one person make an account in these groups.

    The link is made of SECRET_KEY and a seed. So it can be shown again, and mailed late, and what
    is stored here opens nothing.
    """

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("invitation", "waits")
        USED = "used", pgettext_lazy("invitation", "accepted")
        REVOKED = "revoked", pgettext_lazy("invitation", "taken back")
        EXPIRED = "expired", pgettext_lazy("invitation", "has run out")
        WORN = "worn", pgettext_lazy("invitation", "closed after too many tries")

    groups = models.ManyToManyField(Group, blank=True, verbose_name=_("what they may do"))
    email = models.EmailField(_("e-mail address"), blank=True)
    seed = models.CharField(max_length=32, default=new_seed, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        related_name="invitations",
        verbose_name=pgettext_lazy("who made an invitation", "by"),
    )
    created_at = models.DateTimeField(
        pgettext_lazy("date of an invitation", "made"), default=timezone.now
    )
    expires_at = models.DateTimeField(_("works until"))
    used_at = models.DateTimeField(pgettext_lazy("date of an invitation", "accepted"), null=True)
    used_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    revoked_at = models.DateTimeField(
        pgettext_lazy("date of an invitation", "taken back"), null=True
    )
    tries = models.PositiveSmallIntegerField(default=0)
    # When its mail was last asked for and last sent, and what went wrong.
    asked_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-pk"]

    def __str__(self):
        return self.email or f"{self._meta.verbose_name} {self.pk}"

    def save(self, **kwargs):
        self.expires_at = self.expires_at or self.created_at + VALID_FOR
        super().save(**kwargs)

    @property
    def proof(self):
        about = f"{self.pk} {self.seed}"
        return salted_hmac("accounts.invitation", about, algorithm="sha256").hexdigest()[:40]

    @property
    def link(self):
        path = reverse("admin:invitation", args=[f"{self.pk}-{self.proof}"])
        return settings.SITE_URL + path

    @property
    def state(self):
        if self.used_at:
            return self.State.USED
        if self.revoked_at:
            return self.State.REVOKED
        if self.expires_at <= timezone.now():
            return self.State.EXPIRED
        return self.State.WORN if self.tries >= MOST_TRIES else self.State.OPEN

    @property
    def is_open(self):
        return self.state == self.State.OPEN

    @property
    def is_given(self):
        """Whether the person who made it may still give what it gives."""
        if self.by is None:
            return True
        if not (self.by.is_active and self.by.has_perm(MAY_INVITE)):
            return False
        return set(self.groups.all()) <= set(groups_given_by(self.by))

    def use(self, user):
        """Use it up for a new account, in the transaction that makes it; return whether it was.

        Of two that come at the same moment one finds it used.
        """
        mine = Invitation.objects.open().filter(pk=self.pk)
        return bool(mine.update(used_at=timezone.now(), used_by=user))

    def revoke(self):
        Invitation.objects.open().filter(pk=self.pk).update(revoked_at=timezone.now())

    def count_try(self):
        Invitation.objects.filter(pk=self.pk).update(tries=F("tries") + 1)

    def record(self, **changes):
        Invitation.objects.filter(pk=self.pk).update(**changes)
