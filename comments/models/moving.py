"""Moves comments beside other words of their essay, or into the thread alone, and back."""

from django.db import transaction

from comments.models.beside import PLACE
from comments.models.event import ModerationEvent
from comments.models.thread_page import ThreadPage

# All that says where a comment stands.
MOVED = ("passage", *PLACE, "also", "parent_id")


class Moving:
    """The part of Comment that moves it."""

    @property
    def is_placed(self):
        """Whether it stands beside words, or is a mention under a comment, and can be moved."""
        return bool(self.passage or (self.source and self.parent_id))

    @property
    def was_moved_by_hand(self):
        """Whether a moderator has set its words, so that its source no longer does (one query)."""
        by_hand = self.events.filter(by__isnull=False)
        moved = by_hand.filter(action__in=ModerationEvent.MOVES)
        return (moved | by_hand.filter(original__has_key="passage")).exists()

    def stand(self, selector, **more):
        """Set it beside these words, or beside none; saves nothing. `more` is the rest of MOVED."""
        self.forget_place()
        self.passage, self.also = "", None
        if selector:
            self.stand_at(selector)
        for name, value in more.items():
            setattr(self, name, value)
        self.find_place()

    @transaction.atomic
    def move(self, selector, *, by=None, why="", batch="", **more):
        """Set it beside these words, or with None in the thread alone; return the event, or None.

        `more` is as for `stand`.
        """
        kept = self.locked()
        before = {name: getattr(kept, name) for name in MOVED}
        kept.stand(selector, **more)
        actions = ModerationEvent.Action
        action = actions.BESIDE if selector else actions.THREAD
        event = kept._moved(before, action, by=by, why=why, batch=batch)
        self._become(kept)
        return event

    def move_back(self, event, *, by, batch):
        """Take a move back; return the event of that."""
        kept = self.locked()
        before = {name: getattr(kept, name) for name in MOVED}
        for name in MOVED:
            if name in event.original:
                setattr(kept, name, event.original[name])
        if kept.parent_id and not kept.post.comments.filter(pk=kept.parent_id).exists():
            kept.parent = None
        undone = kept._moved(before, ModerationEvent.Action.UNDO, by=by, batch=batch)
        self._become(kept)
        return undone

    def _moved(self, before, action, **how):
        """Save where it stands now, and record what changed."""
        original = {name: was for name, was in before.items() if getattr(self, name) != was}
        if not original:
            return None
        self.save(update_fields=["passage", "also", "parent"])
        if "parent_id" in original and self.is_approved:
            ThreadPage.objects.refresh_later([self])
        return self.record(action, self.status, original=original, **how)
