"""Who tried to sign in, and the codes that help people who lost their phone."""

import hashlib
import secrets
import unicodedata
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from blog.jobs.slices import delete
from blog.lib.rates import wait_for

from .invitation import Invitation
from .passkey import Passkey, UsedChallenge

__all__ = ["Attempt", "Invitation", "Passkey", "RecoveryCode", "UsedChallenge", "key_of"]

# A network from which an account signed in within this time is known to it; attempts are kept
# as long.
KEPT_FOR = timedelta(days=30)
# Rows that are kept at most, however many try: in all, but for sign-ins that succeeded, by which an
# owner's network is known; and of those refused unchecked, from one network. At 150 bytes each
# that is 15 MB.
MOST_KEPT, MOST_REFUSED = 100_000, 100
# The first bound is held once in so many attempts, as it takes a look at all rows.
PRUNED_EVERY = 100
# New passwords that may be asked for: from one network, in all, and mails of them to one account.
ASKED_PER_NETWORK, ASKED_IN_ALL, MAILED_PER_ACCOUNT = (10, 3600), (300, 3600), (3, 3600)


def key_of(name):
    """Return what attempts for an account are counted by, whether or not there is one.

    Names are kept only of accounts that exist: people type their password into the wrong field.
    """
    return salted_hmac("accounts.name", unicodedata.normalize("NFKC", name)).hexdigest()[:32]


class AttemptQuerySet(models.QuerySet):
    def failed(self):
        """Return what counts against the rates: a wrong password, code or passkey."""
        counts = Attempt.Outcome
        wrong = [counts.FAILED, counts.WRONG_CODE, counts.WRONG_PASSKEY, counts.COPIED]
        return self.filter(outcome__in=wrong)

    def begin(self, *, name, network, device="", outcome="failed"):
        """Note an attempt, before anything is checked, and return it.

        Its `wait` is how many seconds it came too soon; 0 lets it go on. As it is written first,
        attempts at the same time, on any number of machines, each see the others: never more
        than the rate allows are let through.
        """
        known = get_user_model().objects.filter(username=name).exists()
        attempt = self.create(
            name=name[:150] if known else "",
            key=key_of(name),
            network=network,
            device=device,
            outcome=outcome,
        )
        attempt.wait = attempt.seconds_to_wait()
        if attempt.wait:
            attempt.settle(Attempt.Outcome.SLOWED)
            refused = self.filter(outcome=Attempt.Outcome.SLOWED, network=network)
            refused.keep_newest(MOST_REFUSED)
        self.prune_at(attempt)
        return attempt

    def ask(self, *, name, typed, network):
        """Note that somebody asks for a new password, and return it, with its `wait`.

        `name` is that of the account they named, if there is one; what is counted by is the same
        whether there is.
        """
        attempt = self.create(
            name=name[:150], key=key_of(typed), network=network, outcome=Attempt.Outcome.ASKED
        )
        asked = [Attempt.Outcome.ASKED, Attempt.Outcome.MAILED]
        others = self.filter(outcome__in=asked).exclude(pk=attempt.pk)
        attempt.wait = max(
            wait_for(others.filter(network=network), ASKED_PER_NETWORK, "at"),
            wait_for(others, ASKED_IN_ALL, "at"),
        )
        if attempt.wait:
            # It counts no further, so that asking again does not make the wait longer.
            attempt.settle(Attempt.Outcome.SLOWED)
            refused = self.filter(outcome=Attempt.Outcome.SLOWED, network=network)
            refused.keep_newest(MOST_REFUSED)
        self.prune_at(attempt)
        return attempt

    def mailed_lately(self, name):
        """Whether an account was mailed links for a new password as often as it may be."""
        mailed = self.filter(name=name, outcome=Attempt.Outcome.MAILED)
        return bool(wait_for(mailed, MAILED_PER_ACCOUNT, "at"))

    def prune_at(self, attempt):
        """Forget what is too much, at every so many attempts."""
        if attempt.pk % PRUNED_EVERY == 0:
            self.exclude(outcome=Attempt.Outcome.SUCCEEDED).keep_newest(MOST_KEPT)

    def keep_newest(self, most):
        """Forget all of these but the newest `most`."""
        older = self.order_by("-pk").values_list("pk", flat=True)[most : most + 1]
        if older := list(older):
            self.filter(pk__lte=older[0]).delete()

    def forget(self, now):
        """Forget what was tried too long ago, and what is too much; return how many."""
        count = delete(self.filter(at__lt=now - KEPT_FOR))
        self.exclude(outcome=Attempt.Outcome.SUCCEEDED).keep_newest(MOST_KEPT)
        return count


class Attempt(models.Model):
    """One try to sign in. No password is ever kept, nor more of an address than its network."""

    class Outcome(models.TextChoices):
        FAILED = "failed", _("wrong name or password")
        PASSWORD = "password", _("right password, no second step")
        WRONG_CODE = "wrong-code", _("wrong code")
        WRONG_PASSKEY = "wrong-key", _("passkey refused")
        COPIED = "copied-key", _("passkey refused, perhaps a copy")
        SLOWED = "slowed", _("too many, not checked")
        SUCCEEDED = "succeeded", _("signed in")
        ASKED = "asked", _("asked for a new password")
        MAILED = "mailed", _("was mailed a link for a new password")

    at = models.DateTimeField(_("when"), default=timezone.now)
    name = models.CharField(_("account"), max_length=150, blank=True)
    key = models.CharField(max_length=32)
    network = models.CharField(_("network"), max_length=50, blank=True)
    device = models.CharField(max_length=32, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome)

    wait = 0

    objects = AttemptQuerySet.as_manager()

    class Meta:
        verbose_name = _("sign-in")
        verbose_name_plural = _("sign-ins")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["key", "-at"], name="attempt_by_account"),
            models.Index(fields=["network", "-at"], name="attempt_by_network"),
            models.Index(fields=["device", "-at"], name="attempt_by_device"),
        ]

    def __str__(self):
        return f"{self.name or _('no such account')}: {self.get_outcome_display()}"

    def seconds_to_wait(self):
        """Return how many seconds the rates ask to wait; 0 for none.

        A browser that signed in to this account before, or a network that did, has a rate of its
        own. So nobody else, from however many addresses, can keep an owner out where they
        usually sign in.
        """
        others = Attempt.objects.failed().exclude(pk=self.pk)
        account = others.filter(key=self.key)
        rate = settings.LOGIN_RATE_PER_ACCOUNT
        if self.device:
            return wait_for(others.filter(device=self.device), rate, "at")
        if self.network and self.knows_network():
            return wait_for(account.filter(device="", network=self.network), rate, "at")
        return max(
            wait_for(account.filter(device=""), rate, "at"),
            wait_for(
                others.filter(device="", network=self.network),
                settings.LOGIN_RATE_PER_NETWORK,
                "at",
            ),
        )

    def knows_network(self):
        return Attempt.objects.filter(
            key=self.key,
            network=self.network,
            outcome=self.Outcome.SUCCEEDED,
            at__gt=timezone.now() - KEPT_FOR,
        ).exists()

    def settle(self, outcome):
        self.outcome = outcome
        self.save(update_fields=["outcome"])

    def stopped_lately(self):
        """Return how often since the last sign-in someone knew the password, and no code."""
        mine = Attempt.objects.filter(key=self.key).exclude(pk=self.pk)
        last = mine.filter(outcome=self.Outcome.SUCCEEDED).order_by("-at").first()
        if last:
            mine = mine.filter(at__gt=last.at)
        return mine.filter(outcome=self.Outcome.PASSWORD).count()


class RecoveryCodeManager(models.Manager):
    def renew(self, user):
        """Give a person ten new codes in place of the old ones; return them, this once."""
        codes = ["-".join(secrets.token_hex(2) for _part in range(5)) for _code in range(10)]
        self.filter(user=user).delete()
        self.bulk_create(RecoveryCode(user=user, digest=digest_of(code)) for code in codes)
        return codes

    def use(self, user, code):
        """Use a code up; return whether there was such a one."""
        return bool(self.filter(user=user, digest=digest_of(code)).delete()[0])


class RecoveryCode(models.Model):
    """A code that stands for the second step once.

    80 random bits need no slow hash: nobody finds them from their digest by trying.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recovery_codes"
    )
    digest = models.CharField(max_length=64)

    objects = RecoveryCodeManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once"),
        ]

    def __str__(self):
        return str(self.pk)


def digest_of(code):
    """Return the digest of a code as typed: case, spaces and hyphens aside."""
    plain = "".join(c for c in code.lower() if c.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()
