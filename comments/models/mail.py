"""Mails, waiting and sent; subscriptions to replies; and when moderators want their mail.

A mail is stored as a row, in the transaction that causes it, before it is sent. (kind, address,
subject matter) is unique in the database, so a job that runs twice sends one mail.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from blog.jobs.slices import delete
from blog.lib.rates import limits_of, sender_of
from comments.models.comment import Comment
from comments.models.queries import BROWSER_KEPT

# How long a sent mail is kept, so that it is not sent again.
KEEP_SENT = timedelta(days=30)
# How long a mail is tried before it is given up (RFC 5321, section 4.5.4.1: four to five days).
GIVE_UP_AFTER = timedelta(days=5)
# A mailbox is asked to confirm at most this often.
ASK_AGAIN_AFTER = timedelta(days=1)


def mailbox_of(email):
    """Return the mailbox an address leads to, in lower case: `me+tag@` and `me@` are one."""
    local, _at, domain = email.strip().lower().rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"


def domain_of(email):
    """Return the registered domain: the last two labels, or three if it is like `co.uk`."""
    labels = email.strip().lower().rpartition("@")[2].rstrip(".").split(".")
    country = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3
    return ".".join(labels[-3:] if country else labels[-2:])


def first_turn(now, limits):
    """Return the first time from `now` on that all limits allow.

    A limit is (count, span, taken): at most `count` in any `span`, and the times already `taken`.
    """
    turn = now
    while True:
        earliest = turn
        for count, span, taken in limits:
            near = sorted(at for at in taken if turn - span < at <= turn)
            if len(near) >= count:
                earliest = max(earliest, near[-count] + span)
        if earliest == turn:
            return turn
        turn = earliest


class Asked(NamedTuple):
    """When an address is asked to confirm, and the network address of the comment it is for."""

    at: datetime
    to: str
    address: str | None


def limits_on(mail, taken):
    """Return the limits for one more confirmation, in the form that `first_turn` takes."""
    own = [one.at for one in taken if mailbox_of(one.to) == mailbox_of(mail.to)]
    limits = [(1, ASK_AGAIN_AFTER, own)]
    if not settings.CONFIRM_RATE_SITE:
        return limits
    count, seconds = settings.CONFIRM_RATE_SITE
    span, domain = timedelta(seconds=seconds), domain_of(mail.to)
    limits.append((count, span, [one.at for one in taken]))
    its = [one.at for one in taken if domain_of(one.to) == domain]
    limits.append((max(1, count // 2), span, its))
    if mail.comment and mail.comment.address:
        senders = [(one.at, sender_of(one.address or "")) for one in taken]
        for limit in limits_of(sender_of(mail.comment.address), None, settings.CONFIRM_RATE_SITE):
            its = [at for at, sender in senders if sender.startswith(limit.prefix)]
            limits.append((limit.most, span, its))
    return limits


class MailQuerySet(models.QuerySet):
    def put(self, kind, to, about, **more):
        """Store a mail to be sent; return it, or None if it was stored before."""
        mail, new = self.get_or_create(kind=kind, to=to, about=about, defaults=more)
        return mail if new else None

    def waiting(self):
        return self.filter(sent_at=None, dropped_at=None)

    def failing(self):
        """Return mails that failed and wait for another attempt, the oldest failure first."""
        return self.waiting().exclude(failed_at=None).order_by("failed_at")

    def turn(self, mail):
        """Return when a confirmation may be sent by the limits for mailbox, domain, network, site.

        It counts those sent lately, those due later, and those stored before this one and about to
        be sent, perhaps by another worker (two queries).

        One network may use only a share of the site's limit, so that its many confirmations do
        not delay those of others.
        """
        now = timezone.now()
        asking = self.filter(kind=Mail.Kind.CONFIRM).exclude(pk=mail.pk)
        sent = asking.filter(sent_at__gt=now - ASK_AGAIN_AFTER)
        before = models.Q(due_at__gt=now) | models.Q(pk__lt=mail.pk, failed_at=None)
        waiting = asking.waiting().filter(before)
        fields = ("to", "comment__address")
        taken = [Asked(*row) for row in sent.values_list("sent_at", *fields)]
        taken += [
            Asked(max(due, now), *row) for due, *row in waiting.values_list("due_at", *fields)
        ]
        return first_turn(now, limits_on(mail, taken))

    def of_person(self, email):
        return self.filter(to__iexact=email.strip())

    def forget(self, now):
        """Delete mails that were sent or given up long ago; return how many."""
        return delete(self.filter(due_at__lt=now - KEEP_SENT))


class Mail(models.Model):
    class Kind(models.TextChoices):
        MODERATOR = "moderator", _("new comment")
        DIGEST = "digest", _("digest")
        CONFIRM = "confirm", _("confirmation of an address")
        REPLY = "reply", pgettext_lazy("kind of mail", "reply")
        APPROVED = "approved", pgettext_lazy("kind of mail", "approval")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    to = models.EmailField(pgettext_lazy("who gets a mail", "to"))
    # Makes it unique: a comment's number, or the time of a digest.
    about = models.CharField(max_length=60)
    comment = models.ForeignKey(
        Comment, null=True, blank=True, on_delete=models.CASCADE, related_name="mails",
        verbose_name=_("comment"),
    )  # fmt: skip
    # The moderator it goes to, and in whose name its links act; empty for readers.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    created_at = models.DateTimeField(pgettext_lazy("mail", "written"), default=timezone.now)
    due_at = models.DateTimeField(_("due"), default=timezone.now)
    sent_at = models.DateTimeField(pgettext_lazy("mail", "sent"), null=True, blank=True)
    # When it was not needed any more, or its address turned out not to exist.
    dropped_at = models.DateTimeField(_("not sent after all"), null=True, blank=True)
    # Since when it cannot be sent, and why.
    failed_at = models.DateTimeField(_("fails since"), null=True, blank=True)
    error = models.CharField(_("what went wrong"), max_length=300, blank=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="mail_waiting",
                condition=models.Q(sent_at=None, dropped_at=None),
            ),
            models.Index(fields=["user", "kind", "-created_at"], name="mail_flood_guard"),
            # How many confirmations were sent lately.
            models.Index(fields=["kind", "sent_at"], name="mail_sent_lately"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["kind", "to", "about"], name="mail_sent_once"),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.to}"

    def sent(self):
        """Record that the mail server took it."""
        self.record(sent_at=timezone.now(), failed_at=None, error="")

    def drop(self, error=""):
        """Record that it will not be sent."""
        self.record(dropped_at=timezone.now(), failed_at=None, error=error[:300])

    def fail(self, error):
        """Record why it could not be sent this time."""
        self.record(failed_at=self.failed_at or timezone.now(), error=error[:300])

    def record(self, **changes):
        Mail.objects.filter(pk=self.pk).update(**changes)


class MailAddress(models.Model):
    """An address that a reader gave, in lower case, and whether its owner confirmed or refused."""

    email = models.EmailField(unique=True)
    # Where its mail ends up; see mailbox_of.
    mailbox = models.CharField(max_length=254, blank=True, db_index=True, editable=False)
    # When a confirmation was last asked for, and first given.
    asked_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    # "This was not me": nothing is mailed here ever again.
    refused_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("mail address")
        verbose_name_plural = _("mail addresses")

    def __str__(self):
        return self.email

    def save(self, **kwargs):
        self.mailbox = mailbox_of(self.email)
        super().save(**kwargs)

    @property
    def is_refused(self):
        """Whether its owner refused mail, at this address or another tag of the same mailbox.

        What was said at another tag does not count for a confirmed address (one query at most).
        """
        if self.refused_at or self.confirmed_at:
            return self.refused_at is not None
        same = MailAddress.objects.filter(mailbox=self.mailbox)
        return same.exclude(refused_at=None).exists()

    def use_by(self, browser):
        """Return the AddressUse of a browser, created if needed (one query, more for a new one)."""
        return AddressUse.objects.get_or_create(address=self, browser=browser)[0]

    def is_proven_by(self, browser):
        """Return whether the owner confirmed this browser; False if it has no key."""
        if not browser:
            return False
        return self.uses.filter(browser=browser, confirmed_at__isnull=False).exists()

    def ask(self, comment):
        """Store a mail that asks the owner whether the comment's browser is theirs, if needed.

        Returns None if that is known, was asked within a day, or if such a mail waits already: its
        page lists every browser.
        """
        now = timezone.now()
        if self.is_refused:
            return None
        rested = models.Q(asked_at=None) | models.Q(asked_at__lte=now - ASK_AGAIN_AFTER)
        same = AddressUse.objects.filter(rested, pk=self.use_by(comment.browser).pk)
        # If several comments come at once, only one of them updates the row.
        if not same.filter(confirmed_at=None).update(asked_at=now):
            return None
        MailAddress.objects.filter(pk=self.pk).update(asked_at=now)
        kind = Mail.Kind.CONFIRM
        if Mail.objects.waiting().filter(kind=kind, to=self.email).exists():
            return None
        return Mail.objects.put(kind, self.email, now.isoformat(), comment=comment)

    @transaction.atomic
    def refuse(self):
        """Never mail this address again: somebody else typed it."""
        self.subscriptions.all().delete()
        self.uses.all().delete()
        MailAddress.objects.filter(pk=self.pk).update(refused_at=timezone.now(), confirmed_at=None)

    @transaction.atomic
    def stop(self, post=None):
        """End the subscriptions under one essay, or all; later ones must be confirmed again."""
        if post:
            self.subscriptions.filter(comment__post=post).delete()
        else:
            self.subscriptions.all().delete()
            self.uses.all().delete()
            MailAddress.objects.filter(pk=self.pk).update(confirmed_at=None)


class AddressUseQuerySet(models.QuerySet):
    def confirmed(self):
        return self.exclude(confirmed_at=None)

    def same_person(self, browser):
        """Return the keys of all browsers that share a confirmed address with this one."""
        here = self.confirmed().exclude(browser="")
        addresses = here.filter(browser=browser).values("address")
        return here.filter(address__in=addresses).values("browser")

    def forget(self, now):
        """Delete those of browsers whose cookie has expired and that have no comment left."""
        old = models.Q(asked_at=None) | models.Q(asked_at__lt=now - BROWSER_KEPT)
        left = Comment.objects.filter(browser=models.OuterRef("browser")).exclude(browser="")
        return delete(self.filter(old, ~models.Exists(left)))


class AddressUse(models.Model):
    """One browser's use of an address, and whether the address's owner confirmed it."""

    address = models.ForeignKey(MailAddress, on_delete=models.CASCADE, related_name="uses")
    # As in Comment.browser; "" for comments from before browsers had keys.
    browser = models.CharField(max_length=32, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    objects = AddressUseQuerySet.as_manager()

    class Meta:
        verbose_name = _("use of a mail address")
        verbose_name_plural = _("uses of mail addresses")
        indexes = [models.Index(fields=["browser"], name="address_use_browser")]
        constraints = [
            models.UniqueConstraint(fields=["address", "browser"], name="address_used_by_browser"),
        ]

    def __str__(self):
        return f"{self.address}: {self.browser}"

    @property
    def wishes(self):
        """The subscriptions that this browser made with the address."""
        return self.address.subscriptions.filter(comment__browser=self.browser)

    @transaction.atomic
    def confirm(self):
        """Confirm this browser and its subscriptions; return whether this changed anything."""
        now = timezone.now()
        same = AddressUse.objects.filter(pk=self.pk, confirmed_at=None)
        same = same.filter(address__refused_at=None)
        if not same.update(confirmed_at=now, asked_at=now):
            return False
        self.wishes.filter(confirmed_at=None).update(confirmed_at=now)
        MailAddress.objects.filter(pk=self.address_id, confirmed_at=None).update(confirmed_at=now)
        return True


class SubscriptionQuerySet(models.QuerySet):
    def live(self):
        """Return those that the owner of the address confirmed."""
        return self.filter(confirmed_at__isnull=False, address__refused_at=None)

    def unanswered(self):
        """Return those not confirmed yet, except under comments in spam or trash."""
        gone = [Comment.Status.SPAM, Comment.Status.TRASH]
        return self.filter(confirmed_at=None).exclude(comment__status__in=gone)


class Subscription(models.Model):
    """A writer's wish to get mail when a comment of theirs is approved or answered."""

    address = models.ForeignKey(MailAddress, on_delete=models.CASCADE, related_name="subscriptions")
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="subscriptions")
    created_at = models.DateTimeField(default=timezone.now)
    # When the owner of the address confirmed the browser that the comment came from. Kept after
    # the browser's key is forgotten.
    confirmed_at = models.DateTimeField(null=True, blank=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        constraints = [
            models.UniqueConstraint(fields=["address", "comment"], name="subscribed_once"),
        ]

    def __str__(self):
        return f"{self.address}: {self.comment_id}"

    @property
    def is_live(self):
        return self.confirmed_at is not None and self.address.refused_at is None


class MailChoice(models.Model):
    """When a moderator or an author wants mail about new comments."""

    class When(models.TextChoices):
        AT_ONCE = "at-once", _("at once")
        HOURLY = "hourly", _("once an hour, together")
        DAILY = "daily", _("once a day, together")
        NEVER = "never", _("never")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mail_choice"
    )
    when = models.CharField(_("when"), max_length=10, choices=When, default=When.DAILY)

    class Meta:
        verbose_name = _("your mail")
        verbose_name_plural = _("your mail")

    def __str__(self):
        return f"{self.user}: {self.get_when_display()}"

    @classmethod
    def of(cls, user):
        """Return this person's choice, or the default: at once for authors, else once a day."""
        if found := cls.objects.filter(user=user).first():
            return found
        writes = user.posts.exists()
        return cls(user=user, when=cls.When.AT_ONCE if writes else cls.When.DAILY)
