"""The history of decisions about comments: who decided what, when and why."""

from django.conf import settings
from django.db import models
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

# Sent with `events` inside the transaction that records them, so that jobs which follow from a
# decision, such as mail, are added together with it or not at all.
decided = Signal()


class ModerationEventManager(models.Manager):
    def record(self, events):
        """Store these decisions and send the signal `decided` (one query)."""
        if events:
            self.bulk_create(events)
            decided.send(self.model, events=events)

    def of_person(self, email):
        """Return the edits that removed this e-mail address from a comment and still store it."""
        return self.filter(original__email__iexact=email.strip())


class ModerationEvent(models.Model):
    """One decision about one comment. Rows are never changed; they go with their comment."""

    class Action(models.TextChoices):
        APPROVE = "approve", pgettext_lazy("decision about a comment", "approved")
        HOLD = "hold", _("set back to waiting")
        SPAM = "spam", _("marked as spam")
        TRASH = "trash", _("put into the trash")
        RESTORE = "restore", pgettext_lazy("decision about a comment", "restored")
        UNDO = "undo", pgettext_lazy("decision about a comment", "undone")
        EDIT = "edit", pgettext_lazy("decision about a comment", "edited")
        WITHDRAW = "withdraw", _("taken back by its writer")
        ERASE = "erase", pgettext_lazy("decision about a comment", "erased")
        BESIDE = "beside", _("set beside other words")
        THREAD = "thread", _("moved to the thread")

    # The action that gives a comment each status.
    ACTIONS = {
        "approved": Action.APPROVE,
        "pending": Action.HOLD,
        "spam": Action.SPAM,
        "trash": Action.TRASH,
    }

    # Those that keep in `original` where a comment stood, for an undo; and those that keep words.
    MOVES = (Action.BESIDE, Action.THREAD)
    CHANGES = (Action.EDIT, *MOVES)

    comment = models.ForeignKey(
        "comments.Comment",
        on_delete=models.CASCADE,
        related_name="events",
        verbose_name=_("comment"),
    )
    action = models.CharField(_("decision"), max_length=10, choices=Action)
    # The same for all comments decided at once, so that they can be undone at once.
    batch = models.CharField(max_length=32, blank=True, db_index=True)
    before = models.CharField(pgettext_lazy("status before a decision", "from"), max_length=10)
    after = models.CharField(pgettext_lazy("status after a decision", "to"), max_length=10)
    # Null if its writer, a command or the site itself did it.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=pgettext_lazy("who decided", "by"),
    )
    why = models.CharField(_("why"), max_length=300, blank=True)
    # The version of the comment that was decided about, or that an edit produced; "" for decisions
    # from before there were versions, and after the comment was erased.
    version = models.CharField(max_length=16, blank=True, editable=False)
    # For an edit: the earlier values of the changed fields, by name.
    original = models.JSONField(_("before the edit"), default=dict, blank=True)
    at = models.DateTimeField(_("when"), default=timezone.now)

    objects = ModerationEventManager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["-at", "-id"], name="event_log_order")]

    def __str__(self):
        return f"{self.get_action_display()} {self.at:%Y-%m-%d %H:%M}"

    @property
    def earlier(self):
        """What is shown of the earlier values: those that a person entered."""
        return {
            name: text
            for name, text in self.original.items()
            if isinstance(text, str)
            and text
            and name not in ("passage_before", "passage_after", "passage_state")
        }
