"""Mail: what is to be sent and was, who asked for replies, and when moderators want to be told.

Every mail is a row before it is sent, written in the transaction that wants it; the database
keeps (kind, address, what it is about) unique, so whatever runs twice sends once.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blog.lib.rates import limits_of, sender_of
from comments.models.comment import Comment
from comments.models.queries import BROWSER_KEPT

# A sent mail is remembered for so long, so that nothing is sent again.
KEEP_SENT = timedelta(days=30)
# So long a mail is tried before it is given up (RFC 5321, section 4.5.4.1: four to five days).
GIVE_UP_AFTER = timedelta(days=5)
# A mailbox is asked to confirm at most this often.
ASK_AGAIN_AFTER = timedelta(days=1)


def mailbox_of(email):
    """Return the mailbox an address leads to, in lower case: `me+tag@` and `me@` are one."""
    local, _at, domain = email.strip().lower().rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"


def domain_of(email):
    """Return the domain somebody registered: the last two labels, or three as in `co.uk`."""
    labels = email.strip().lower().rpartition("@")[2].rstrip(".").split(".")
    country = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3
    return ".".join(labels[-3:] if country else labels[-2:])


def first_turn(now, limits):
    """Return the first moment from `now` on that keeps to all limits.

    Each is how many there may be in any span of time, that span, and the moments that are taken.
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
    """A moment at which an address is asked to confirm, for a comment from somewhere."""

    at: datetime
    to: str
    address: str | None


def limits_on(mail, taken):
    """Return the limits that hold for one more confirmation, as `first_turn` takes them."""
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
        """Write down a mail to be sent; return it, or None where it is written already."""
        mail, new = self.get_or_create(kind=kind, to=to, about=about, defaults=more)
        return mail if new else None

    def waiting(self):
        return self.filter(sent_at=None, dropped_at=None)

    def failing(self):
        """Return what was tried in vain and waits for the next attempt, the oldest failure first"""
        return self.waiting().exclude(failed_at=None).order_by("failed_at")

    def turn(self, mail):
        """Return when a confirmation may be sent by mailbox, domain, network and site.

        Counted are those sent lately, those that have a later turn, and those that were written
        before this one and are about to be sent, perhaps by another worker (two queries).

        A network whose comments ask for many has a share of the site's, so that the others' do not
        queue behind them.
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
        """Delete what was sent, or given up, long ago; return how many."""
        return self.filter(due_at__lt=now - KEEP_SENT).delete()[0]


class Mail(models.Model):
    class Kind(models.TextChoices):
        MODERATOR = "moderator", _("new comment")
        DIGEST = "digest", _("digest")
        CONFIRM = "confirm", _("confirmation of an address")
        REPLY = "reply", _("reply")
        APPROVED = "approved", _("approval")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    to = models.EmailField(_("to"))
    # What makes it this mail and no other: a comment's number, the moment of a digest.
    about = models.CharField(max_length=60)
    comment = models.ForeignKey(
        Comment, null=True, blank=True, on_delete=models.CASCADE, related_name="mails",
        verbose_name=_("comment"),
    )  # fmt: skip
    # The moderator it goes to, for whom its links act; empty for readers.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    created_at = models.DateTimeField(_("written"), default=timezone.now)
    due_at = models.DateTimeField(_("due"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    # When there was nothing left to say, or its address turned out not to exist.
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
        """Write down that the mail server took it."""
        self.record(sent_at=timezone.now(), failed_at=None, error="")

    def drop(self, error=""):
        """Write down that it is not to be sent any more."""
        self.record(dropped_at=timezone.now(), failed_at=None, error=error[:300])

    def fail(self, error):
        """Write down why it could not be sent just now."""
        self.record(failed_at=self.failed_at or timezone.now(), error=error[:300])

    def record(self, **changes):
        Mail.objects.filter(pk=self.pk).update(**changes)


class MailAddress(models.Model):
    """An address a reader gave to be mailed at, in lower case, and what its owner said to that."""

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
        """Whether it is not to be asked: its owner said so, here or at another tag of the mailbox.

        An address confirmed elsewhere is still asked (one query at most).
        """
        if self.refused_at or self.confirmed_at:
            return self.refused_at is not None
        same = MailAddress.objects.filter(mailbox=self.mailbox)
        return same.exclude(refused_at=None).exists()

    def use_by(self, browser):
        """Return what is known of this address and a browser (one query, or more for a new one)."""
        return AddressUse.objects.get_or_create(address=self, browser=browser)[0]

    def is_proven_by(self, browser):
        """Return whether the owner confirmed a comment of this browser; never without its key."""
        if not browser:
            return False
        return self.uses.filter(browser=browser, confirmed_at__isnull=False).exists()

    def ask(self, comment):
        """Write down a mail that asks whether the comment's browser is its owner's, if need be.

        None where that is known, was asked within the day, or will be asked by a mail that waits:
        the page that one leads to names every browser.
        """
        now = timezone.now()
        if self.is_refused:
            return None
        rested = models.Q(asked_at=None) | models.Q(asked_at__lte=now - ASK_AGAIN_AFTER)
        same = AddressUse.objects.filter(rested, pk=self.use_by(comment.browser).pk)
        # Of several comments at once only one finds the row as it was.
        if not same.filter(confirmed_at=None).update(asked_at=now):
            return None
        MailAddress.objects.filter(pk=self.pk).update(asked_at=now)
        kind = Mail.Kind.CONFIRM
        if Mail.objects.waiting().filter(kind=kind, to=self.email).exists():
            return None
        return Mail.objects.put(kind, self.email, now.isoformat(), comment=comment)

    @transaction.atomic
    def refuse(self):
        """Never take mail again: somebody else typed this address."""
        self.subscriptions.all().delete()
        self.uses.all().delete()
        MailAddress.objects.filter(pk=self.pk).update(refused_at=timezone.now(), confirmed_at=None)

    @transaction.atomic
    def stop(self, post=None):
        """End what was asked for under one essay, or everything; later wishes are asked about."""
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
        """Return the keys of browsers that an address was confirmed for, as it was for this."""
        here = self.confirmed().exclude(browser="")
        addresses = here.filter(browser=browser).values("address")
        return here.filter(address__in=addresses).values("browser")

    def forget(self, now):
        """Delete those of browsers that left no comment for so long as they keep their cookie."""
        old = models.Q(asked_at=None) | models.Q(asked_at__lt=now - BROWSER_KEPT)
        left = Comment.objects.filter(browser=models.OuterRef("browser")).exclude(browser="")
        return self.filter(old, ~models.Exists(left)).delete()[0]


class AddressUse(models.Model):
    """One browser's use of an address, and whether the address's owner confirmed it."""

    address = models.ForeignKey(MailAddress, on_delete=models.CASCADE, related_name="uses")
    # As in Comment.browser; "" for comments of before browsers had keys.
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
        """The wishes to be mailed that this browser left under the address."""
        return self.address.subscriptions.filter(comment__browser=self.browser)

    @transaction.atomic
    def confirm(self):
        """Mail what this browser asked for from now on; return whether this changed anything."""
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
        """Return those that their address's owner confirmed."""
        return self.filter(confirmed_at__isnull=False, address__refused_at=None)

    def unanswered(self):
        """Return those whose owner is still to be asked, under comments that may yet be read."""
        gone = [Comment.Status.SPAM, Comment.Status.TRASH]
        return self.filter(confirmed_at=None).exclude(comment__status__in=gone)


class Subscription(models.Model):
    """The wish to be mailed what is said in reply to one's comment, and that it was approved."""

    address = models.ForeignKey(MailAddress, on_delete=models.CASCADE, related_name="subscriptions")
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="subscriptions")
    created_at = models.DateTimeField(default=timezone.now)
    # When the owner of the address confirmed the browser that left the comment. It stays when
    # nobody knows any more which browser that was.
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
    """When a moderator or an author wants to be told of comments."""

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
