"""Changes of one comment: decisions, edits, and which version of it someone was shown.

Every write here locks the row, reads its state again, and writes only its own fields, so that a
decision and an edit at the same moment are both kept.
"""

import hashlib
import json

from django.db import transaction
from django.utils import timezone

from comments.models.event import ModerationEvent
from comments.models.filter_counts import learn
from comments.text import recent

# The fields that a moderator sees and decides about. `version` changes with each of them.
MODERATED_FIELDS = (
    "kind",
    "body",
    "name",
    "email",
    "url",
    "passage",
    "parent_id",
    "author_id",
    "source",
    "title",
)
# And those that change it only where they are not empty, since versions are older than they are.
IF_ANY = ("reaction",)
# The fields that a writer may edit, and those that screening fills in from them.
BY_WRITER = ("body", "name", "email", "url")
FOUND_OUT = ("fingerprint", "look_alike", "likeness", "score", "weighed")


class TooLate(Exception):
    """A writer's change came too late: the comment is decided, or its time to edit is over.

    `comment` is the comment as stored now; None if it is deleted, or not proven to be theirs.
    """

    def __init__(self, comment=None):
        super().__init__(comment)
        self.comment = comment


def version_of(shown):
    """Return the version for these values: 16 hex digits, the same for the same values."""
    values = [shown[name] for name in MODERATED_FIELDS]
    values = json.dumps(values + [shown[name] for name in IF_ANY if shown[name]])
    return hashlib.blake2s(values.encode(), digest_size=8).hexdigest()


class Changes:
    """The methods of Comment that change what is stored, and its version."""

    @property
    def version(self):
        """The version of this comment, which changes with every field in MODERATED_FIELDS.

        It is computed, not stored, so that no write can forget to change it.
        """
        return version_of(self._moderated())

    def _moderated(self):
        return {name: getattr(self, name) for name in (*MODERATED_FIELDS, *IF_ANY)}

    def as_shown(self, version):
        """Return the values this comment had in an earlier version, by name; None if not known.

        They are in the history, where each edit keeps the earlier values (one query).
        """
        values = self._moderated()
        if version_of(values) == version:
            return values
        edits = self.events.filter(action__in=ModerationEvent.CHANGES).order_by("-pk")
        for original in edits.values_list("original", flat=True):
            values |= {name: text for name, text in original.items() if name in values}
            if version_of(values) == version:
                return values
        return None

    def locked(self):
        """Return the comment as stored now, with its row locked until the transaction ends.

        Raises DoesNotExist if it was deleted meanwhile.
        """
        rows = type(self).objects.select_for_update(of=("self",))
        return rows.select_related("post__author", "parent").get(pk=self.pk)

    def _become(self, other):
        for field in self._meta.concrete_fields:
            setattr(self, field.attname, getattr(other, field.attname))

    # --- Decisions ----------------------------------------------------------------------------

    def approve(self, **how):
        """Publish it; `how` is as for `judge`. Return whether this changed anything."""
        return self.judge(self.Status.APPROVED, **how)

    def mark_spam(self, **how):
        """File it as spam, which its writer does not see; otherwise like `approve`."""
        return self.judge(self.Status.SPAM, **how)

    def trash(self, **how):
        """Put it into the trash; it can be restored for 30 days. Otherwise like `approve`."""
        return self.judge(self.Status.TRASH, **how)

    def judge(self, status, **how):
        changed = bool(type(self).objects.filter(pk=self.pk).judge(status, **how).events)
        self.refresh_from_db(fields=["status", "judged_at"])
        return changed

    def restore(self, **how):
        """Give it back its status before the last decision; otherwise like `approve`."""
        changed = bool(type(self).objects.filter(pk=self.pk).restore(**how).events)
        self.refresh_from_db(fields=["status", "judged_at"])
        return changed

    # --- Changes of its words -----------------------------------------------------------------

    @transaction.atomic
    def edit(self, *, by=None, why="", **fields):
        """Change fields and keep their earlier values; return whether any changed.

        `by` is the moderator, or None if a mention's source changed. Readers see a note if someone
        other than the writer changed the text.
        """
        kept = self.locked()
        original = kept._change(fields)
        if original:
            names = [*original]
            if by and "body" in original and kept.author_id != by.pk:
                kept.edited = True
                names.append("edited")
            kept.save(update_fields=names)
            action = ModerationEvent.Action.EDIT
            kept.record(action, kept.status, by=by, why=why, original=original)
        self._become(kept)
        return bool(original)

    @transaction.atomic
    def correct(self, status, reasons):
        """Store what its writer changed in this object; raises TooLate if the time is over.

        `status` and `reasons` come from screening the new words. The stricter status holds, so
        that editing never gets a comment out of spam.
        """
        kept = self.locked()
        if not kept.can_be_edited:
            raise TooLate(kept)
        before = kept.status
        original = kept._change({name: getattr(self, name) for name in BY_WRITER})
        for name in FOUND_OUT:
            setattr(kept, name, getattr(self, name))
        kept.status = kept.stricter(status)
        kept.reasons = list(dict.fromkeys([*kept.reasons, *reasons]))
        kept.save(update_fields=[*BY_WRITER, *FOUND_OUT, "status", "reasons"])
        kept.record(ModerationEvent.Action.EDIT, before, original=original)
        self._become(kept)

    def _change(self, fields):
        """Set the fields without saving; return the earlier values of those that changed."""
        original = {}
        for name, value in fields.items():
            if (before := getattr(self, name)) != value:
                original[name] = before
                setattr(self, name, value)
        if "passage" in original:
            self.forget_place()
        return original

    @transaction.atomic
    def withdraw(self):
        """Withdraw it for its writer, who may then post the same again. Raises TooLate."""
        kept = self.locked()
        if kept.status not in self.SHOWN_AS_WAITING:
            raise TooLate(kept)
        before, kept.status, kept.fingerprint = kept.status, self.Status.TRASH, None
        kept.reasons = [*kept.reasons, "withdrawn"]
        kept.judged_at = timezone.now()
        kept.save(update_fields=["status", "fingerprint", "reasons", "judged_at"])
        kept.record(ModerationEvent.Action.WITHDRAW, before)
        self._become(kept)

    def erase(self):
        """Delete for good everything its writer gave; the line that replies need stays.

        The row is kept without words, so that a second import does not bring it back.
        """
        with transaction.atomic():
            kept = self.locked()
            kept.name = kept.email = kept.url = kept.passage = kept.network = kept.browser = ""
            kept.address = kept.author = kept.fingerprint = kept.look_alike = kept.likeness = None
            kept.weighed, kept.also, kept.published_at, kept.reaction = [], None, None, ""
            kept.body, before, kept.status = "–", kept.status, self.Status.TRASH
            kept.save()
            kept.events.update(original={}, why="", version="")
            kept.record(ModerationEvent.Action.ERASE, before)
            learn(kept)
        self._become(kept)
        recent.forget()

    def record(self, action, before, **how):
        """Add what happened to its history."""
        event = ModerationEvent(
            comment=self,
            action=action,
            before=before,
            after=self.status,
            version=self.version,
            **how,
        )
        ModerationEvent.objects.record([event])
        return event
