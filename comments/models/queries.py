"""The queryset of comments: how they are found, and how many are judged at once."""

import uuid
from datetime import timedelta
from functools import cache
from typing import NamedTuple

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from blog.jobs.slices import in_slices
from blog.markup import plain_lines
from blog.posts.models import SearchEntry, writes_essays
from comments.models import thread_change
from comments.models.beside import settle_some
from comments.models.event import ModerationEvent
from comments.models.thread_page import ThreadPage

# For this many decided comments, threads are rendered while the moderator waits, some 20 ms for
# each essay. For more, threads are rendered when they are read, and soon by a job.
SHOWN_AT_ONCE = 5
# Rows of one statement, in an import.
INSERTED_AT_ONCE = 200
# The fields that a fingerprint is made of, without the network.
IN_FINGERPRINTS = (
    *("fingerprint", "post", "name", "email", "author", "browser", "parent", "body", "passage"),
)

# How long a comment keeps the key of its browser: as long as a browser keeps the cookie of its
# last comment (browser.COOKIE_AGE).
BROWSER_KEPT = timedelta(days=180)


# The fields that a line of a thread shows.
SHOWN_IN_THREAD = (
    *("post", "parent", "author", "status", "kind"),
    *("name", "url", "body_html", "created_at", "edited", "passage", "passage_state", "also"),
    *("source", "title", "reaction", "published_at", "origin"),
)


class Judgement(NamedTuple):
    """The result of one decision.

    `events` are the decisions recorded, `untouched` the comments that someone else had decided
    about, and `changed` those that are no longer in the version that was shown.
    """

    batch: str
    events: list
    untouched: list
    changed: list


def as_in(shown):
    """Return a test whether a comment is in the version in `shown`; None accepts all."""
    return lambda comment: shown is None or shown.get(comment.pk) == comment.version


def is_as_seen(comment, seen):
    """Return whether a comment has the status it was seen with: one for all, or a dict."""
    was = seen.get(comment.pk) if isinstance(seen, dict) else seen
    return was in (None, "", comment.status)


class CommentQuerySet(models.QuerySet):
    def approved(self):
        return self.filter(status=self.model.Status.APPROVED)

    def pending(self):
        return self.filter(status=self.model.Status.PENDING)

    def written(self):
        """Return comments people wrote here, not mentions from elsewhere."""
        return self.filter(kind=self.model.Kind.COMMENT)

    def mentions(self):
        """Return pingbacks and webmentions."""
        return self.exclude(kind=self.model.Kind.COMMENT)

    def in_thread(self):
        """Return what has a line in the thread: comments, and mentions that answer one."""
        answers = models.Q(parent__isnull=False) & ~models.Q(reaction__in=self.model.COUNTED)
        return self.filter(models.Q(kind=self.model.Kind.COMMENT) | answers)

    def decided(self):
        """Return what a person approved or marked as spam, here or before it was imported."""
        by_a_person = models.Q(judged_at__isnull=False) | models.Q(origin__isnull=False)
        return self.filter(
            by_a_person, status__in=[self.model.Status.APPROVED, self.model.Status.SPAM]
        )

    def forget_addresses(self):
        """Delete network addresses older than COMMENT_ADDRESS_DAYS; return how many.

        Fingerprints made with a network are replaced by ones without it: everything else in them
        is public, so the network could be found by trying all.
        """
        before = timezone.now() - timedelta(days=settings.COMMENT_ADDRESS_DAYS)
        old = self.exclude(address=None, network="").filter(created_at__lt=before)
        return in_slices(old, forget_networks)

    def forget_browsers(self):
        """Delete the browser keys of comments older than such a cookie lasts; return how many."""
        before = timezone.now() - BROWSER_KEPT
        old = self.exclude(browser="").filter(created_at__lt=before)
        return in_slices(old, lambda some: some.update(browser=""))

    def empty_trash(self, before):
        """Delete for good what was put into the trash before that time; return how many.

        Comments with replies, and imported ones, keep their row without words: replies need the
        line, and the next import would bring an imported one back.
        """
        old = self.filter(status=self.model.Status.TRASH, judged_at__lt=before)
        count = 0
        while deleted := in_slices(
            old.filter(replies=None, origin=None),
            lambda some: some.delete()[1].get(self.model._meta.label, 0),
        ):
            count += deleted
        for comment in old.exclude(events__action=ModerationEvent.Action.ERASE):
            comment.erase()
            count += 1
        return count

    def of_person(self, email):
        """Return everything sent with this e-mail address, in any status."""
        return self.filter(email__iexact=email.strip())

    def same_words(self, comment):
        """Return the comments of this one's campaign, itself included, if it has one."""
        return self.filter(campaign=comment.campaign) if comment.campaign else self.none()

    def for_thread(self):
        """Read only what a line of a thread shows, with the parent's name."""
        parent = ("parent__name", "parent__status", "parent__source")
        return self.select_related("parent").only(*SHOWN_IN_THREAD, *parent)

    def moderated_by(self, user):
        """Return the comments a user may judge: all, those under their own essays, or none."""
        if user.has_perm("comments.change_comment"):
            return self
        if writes_essays(user):
            return self.filter(post__author=user)
        return self.none()

    def from_same_senders(self, comments):
        """Return these comments and all others from the same browsers and networks.

        Names and e-mail addresses are not compared, because anyone can type them.
        """
        rows = list(comments.values_list("pk", "browser", "network"))
        same = models.Q(pk__in=[pk for pk, _browser, _network in rows])
        if browsers := {browser for _pk, browser, _network in rows if browser}:
            same |= models.Q(browser__in=browsers)
        if networks := {network for _pk, _browser, network in rows if network}:
            same |= models.Q(network__in=networks)
        return self.filter(same)

    def judge(self, status, *, by=None, why="", seen=None, shown=None):
        """Give these comments a status and record the decision; returns a Judgement.

        `by` is the moderator. A comment stays as it is if it has that status already; if its
        status is not the one in `seen` (one for all, or a dict by number), because someone else
        was faster; or if its version is not the one in `shown` (a dict by number, or None for a
        command, which shows nothing).
        """

        def wanted(comment):
            return status if is_as_seen(comment, seen) else None

        return self._move(
            wanted,
            action=ModerationEvent.ACTIONS[status],
            by=by,
            why=why,
            unchanged=as_in(shown),
        )

    def restore(self, *, by=None, why="", seen=None, shown=None):
        """Give these comments back their status before the last decision; otherwise as `judge`."""
        latest = ModerationEvent.objects.filter(comment=models.OuterRef("pk")).exclude(
            before=models.F("after")
        )
        before = self.annotate(was=models.Subquery(latest.order_by("-pk").values("before")[:1]))
        was = dict(before.values_list("pk", "was"))

        def wanted(comment):
            earlier = was[comment.pk] or self.model.Status.PENDING
            return earlier if is_as_seen(comment, seen) else None

        return self._move(
            wanted,
            action=ModerationEvent.Action.RESTORE,
            by=by,
            why=why,
            unchanged=as_in(shown),
        )

    def undo(self, batch, *, by=None):
        """Undo one decision, except for comments that were judged again or changed since."""
        events = {event.comment_id: event for event in ModerationEvent.objects.filter(batch=batch)}
        if any(event.action in ModerationEvent.MOVES for event in events.values()):
            return self.filter(pk__in=events)._move_back(events, by=by)

        @cache
        def last():  # first asked for when the rows are locked
            decided = ModerationEvent.objects.filter(comment__events__batch=batch)
            decided = decided.exclude(before=models.F("after")).order_by().values_list("comment")
            return dict(decided.annotate(models.Max("pk")))

        def was(comment):
            # Comparing the status is not enough: two later decisions may have restored it.
            event = events[comment.pk]
            same = comment.status == event.after and last().get(comment.pk) == event.pk
            return event.before if same else None

        def unchanged(comment):
            event = events[comment.pk]
            if event.version:
                return event.version == comment.version
            # The decision is from before there were versions.
            edits = comment.events.filter(action=ModerationEvent.Action.EDIT, pk__gt=event.pk)
            return not edits.exists()

        undone = self.filter(pk__in=events)
        action = ModerationEvent.Action.UNDO
        return undone._move(was, action=action, by=by, unchanged=unchanged)

    @transaction.atomic
    def set_beside(self, selector, *, by=None, shown=None):
        """Set these beside words of the essay, or with None in the thread; otherwise as `judge`."""
        batch, unchanged = uuid.uuid4().hex, as_in(shown)
        events, untouched, changed = [], [], []
        for comment in self._locked():
            if not unchanged(comment):
                changed.append(comment)
                continue
            more = {"parent": None} if comment.source else {}
            if event := comment.move(selector, by=by, batch=batch, **more):
                events.append(event)
            else:
                untouched.append(comment)
        return Judgement(batch, events, untouched, changed)

    @transaction.atomic
    def _move_back(self, moves, *, by):
        """Undo moves, except for comments that were changed since."""
        batch, events, untouched, changed = uuid.uuid4().hex, [], [], []
        for comment in self._locked():
            move = moves[comment.pk]
            if move.version != comment.version:
                changed.append(comment)
            elif event := comment.move_back(move, by=by, batch=batch):
                events.append(event)
        return Judgement(batch, events, untouched, changed)

    def _locked(self):
        """Return these with their rows locked, in the order in which all lock them."""
        rows = self.model.objects.filter(pk__in=list(self.values_list("pk", flat=True)))
        rows = rows.select_for_update(of=("self",)).select_related("post__author", "parent")
        return rows.order_by("pk")

    @transaction.atomic
    def _move(self, wanted, *, action, unchanged, by=None, why=""):
        """Give each comment the status that `wanted` returns for it; None leaves it as it is.

        A comment for which `unchanged` returns False is left too: it is not what was decided about.
        """
        # Locked, so that of two moderators the second sees what the first decided.
        rows = self._locked()
        batch, now, events, untouched, changed = uuid.uuid4().hex, timezone.now(), [], [], []
        by_status = {}
        for comment in rows:
            if not unchanged(comment):
                changed.append(comment)
                continue
            status = wanted(comment)
            if status is None or status == comment.status:
                untouched.append(comment)
                continue
            event = ModerationEvent(batch=batch, action=action, by=by, why=why, at=now)
            event.comment, event.version = comment, comment.version
            event.before, event.after = comment.status, status
            events.append(event)
            comment.status, comment.judged_at = status, now
            by_status.setdefault(status, []).append(comment)
        for status, moved in by_status.items():
            pks = [comment.pk for comment in moved]
            self.model.objects.filter(pk__in=pks).update(
                status=status, judged_at=now, updated_at=now
            )
        approved = self.model.Status.APPROVED  # readers see no other
        self.model.objects.show([e.comment for e in events if approved in (e.before, e.after)])
        ModerationEvent.objects.record(events)
        return Judgement(batch, events, untouched, changed)

    def show(self, comments, *, threads=True, edited=False):
        """Update search and the threads that readers see for these comments.

        `edited` says that their words may have changed, not only their status.
        """
        SearchEntry.objects.drop(
            kind=SearchEntry.Kind.COMMENT, keys=[comment.pk for comment in comments]
        )
        SearchEntry.objects.bulk_create(
            entry_of(comment)
            for comment in comments
            if comment.is_approved and comment.kind == self.model.Kind.COMMENT
        )
        if not threads or not comments:
            return
        by_post = {}
        for comment in comments:
            by_post.setdefault(comment.post_id, []).append(comment)
        noted = {
            comment.post_id
            for comment in comments
            if comment.passage or ((edited or comment.parent_id) and comment.post.annotated_html)
        }
        # Their essays may have changed since they were set, or while they were out of sight.
        settle_some(by_post)
        if len(comments) > SHOWN_AT_ONCE:
            ThreadPage.objects.refresh_later(comments)
            for pk in sorted(noted):
                ThreadPage.objects.refresh_margin(by_post[pk][0].post)
            return
        for pk in sorted(by_post):
            thread_change.follow(by_post[pk][0].post, by_post[pk], margin=pk in noted)

    @transaction.atomic
    def add_settled(self, comments):
        """Insert new comments of which `settle` was called, in order, which is that of their keys.

        Each comes after the one it answers. Their threads are laid out afterwards, and no signals
        are sent.
        """
        together = []
        for comment in comments:
            if (comment.parent and not comment.parent.pk) or len(together) >= INSERTED_AT_ONCE:
                self.bulk_create(together)
                together = []
            together.append(comment)
        self.bulk_create(together)
        SearchEntry.objects.bulk_create(
            entry_of(comment)
            for comment in comments
            if comment.is_approved and comment.kind == self.model.Kind.COMMENT
        )


def forget_networks(comments):
    """Delete the network addresses of a few comments; return how many."""
    rows, changed = comments.model.objects, []
    for comment in comments.exclude(fingerprint=None).only(*IN_FINGERPRINTS).order_by("pk"):
        known = comment.fingerprint_without_network
        if known != comment.fingerprint:
            comment.fingerprint = known
            changed.append(comment)
    posts = {comment.post_id for comment in changed}
    same = rows.filter(post__in=posts, fingerprint__in=[c.fingerprint for c in changed])
    taken = set(same.values_list("post_id", "fingerprint"))
    for comment in changed:
        # If two comments would now have the same fingerprint, only the first one keeps it.
        if (key := (comment.post_id, comment.fingerprint)) in taken:
            comment.fingerprint = None
        taken.add(key)
    rows.bulk_update(changed, ["fingerprint"])
    return comments.update(address=None, network="")


def entry_of(comment):
    """Return what search knows of a comment, not saved."""
    return SearchEntry(
        kind=SearchEntry.Kind.COMMENT,
        key=comment.pk,
        post_id=comment.post_id,
        title=comment.shown_name,
        text=plain_lines(comment.body_html),
        dated=comment.created_at,
    )
