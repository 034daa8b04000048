"""Mail: what is to be sent and was, who asked for replies, and when moderators want to be told.

Every mail is a row before it is sent, written in the transaction that wants it; the database
keeps (kind, address, what it is about) unique, so whatever runs twice sends once.
"""

from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .comment import Comment

# A sent mail is remembered for so long, so that nothing is sent again.
KEEP_SENT = timedelta(days=30)
# So long a mail is tried before it is given up (RFC 5321, section 4.5.4.1: four to five days).
GIVE_UP_AFTER = timedelta(days=5)
# An address that never answers a confirmation mail is asked at most this often.
ASK_AGAIN_AFTER = timedelta(days=1)


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
    # When a confirmation was last asked for and given.
    asked_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    # "This was not me": nothing is mailed here ever again.
    refused_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("mail address")
        verbose_name_plural = _("mail addresses")

    def __str__(self):
        return self.email

    @property
    def may_be_mailed(self):
        return self.confirmed_at is not None and self.refused_at is None

    def ask(self, comment):
        """Write down a mail that asks for confirmation; None within a day, or where it is known."""
        now = timezone.now()
        rested = models.Q(asked_at=None) | models.Q(asked_at__lte=now - ASK_AGAIN_AFTER)
        same = MailAddress.objects.filter(rested, pk=self.pk, confirmed_at=None, refused_at=None)
        # Of several comments at once only one finds the row as it was.
        if not same.update(asked_at=now):
            return None
        kind = Mail.Kind.CONFIRM
        return Mail.objects.put(kind, self.email, now.isoformat(), comment=comment)

    def confirm(self):
        """Take mail from now on; return whether this changed anything."""
        same = MailAddress.objects.filter(pk=self.pk, confirmed_at=None, refused_at=None)
        return bool(same.update(confirmed_at=timezone.now()))

    @transaction.atomic
    def refuse(self):
        """Never take mail again: somebody else typed this address."""
        self.subscriptions.all().delete()
        MailAddress.objects.filter(pk=self.pk).update(refused_at=timezone.now(), confirmed_at=None)

    @transaction.atomic
    def stop(self, post=None):
        """End what was asked for under one essay, or everything; a later wish is confirmed anew."""
        if post:
            self.subscriptions.filter(comment__post=post).delete()
        else:
            self.subscriptions.all().delete()
            MailAddress.objects.filter(pk=self.pk).update(confirmed_at=None)


class SubscriptionQuerySet(models.QuerySet):
    def live(self):
        """Return those whose address was confirmed and takes mail."""
        return self.filter(address__confirmed_at__isnull=False, address__refused_at=None)


class Subscription(models.Model):
    """The wish to be mailed what is said in reply to one's comment, and that it was approved."""

    address = models.ForeignKey(MailAddress, on_delete=models.CASCADE, related_name="subscriptions")
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="subscriptions")
    created_at = models.DateTimeField(default=timezone.now)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        constraints = [
            models.UniqueConstraint(fields=["address", "comment"], name="subscribed_once"),
        ]

    def __str__(self):
        return f"{self.address}: {self.comment_id}"


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
        """Return this person's choice, or what is usual (one or two queries).

        Whoever writes here has readers' answers come in as they would letters: at once. Who only
        moderates does so as a round, for which a digest a day is enough.
        """
        if found := cls.objects.filter(user=user).first():
            return found
        writes = user.posts.exists()
        return cls(user=user, when=cls.When.AT_ONCE if writes else cls.When.DAILY)
