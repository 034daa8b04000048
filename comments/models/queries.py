"""What is asked of many comments at once, and how many are judged at once."""

import uuid
from datetime import timedelta
from functools import cache
from typing import NamedTuple

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from blog.markup import plain_text
from blog.posts.models import SearchEntry
from comments.models import thread_change
from comments.models.event import ModerationEvent
from comments.models.thread_page import ThreadPage

# Comments whose threads are rendered while the moderator waits, some 20 ms each if all stand under
# different essays. Of more, threads are rendered as they are read, and soon by a job.
SHOWN_AT_ONCE = 5
# What a fingerprint is made of, without the network.
IN_FINGERPRINTS = ("fingerprint", "post", "name", "email", "author", "browser", "parent", "body")

# How long a comment keeps the key of its browser: as long as a browser keeps the cookie of its
# last comment (browser.COOKIE_AGE).
BROWSER_KEPT = timedelta(days=180)


# What a line of a thread shows of a comment.
SHOWN_IN_THREAD = (
    *("post", "parent", "author", "status", "kind"),
    *("name", "url", "body_html", "created_at", "edited"),
)


class Judgement(NamedTuple):
    """What one decision did.

    `events` are what was decided, `untouched` the comments that were judged otherwise already, and
    `changed` those that are no longer in the version that was shown.
    """

    batch: str
    events: list
    untouched: list
    changed: list


def as_in(shown):
    """Return a test whether a comment is in the version that was shown; None passes all."""
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

    def decided(self):
        """Return what a person approved or marked as spam, here or before an import."""
        by_a_person = models.Q(judged_at__isnull=False) | models.Q(origin__isnull=False)
        return self.filter(
            by_a_person, status__in=[self.model.Status.APPROVED, self.model.Status.SPAM]
        )

    def forget_addresses(self):
        """Forget the network addresses older than COMMENT_ADDRESS_DAYS; return how many.

        With them go the fingerprints they are part of, as all else in those is public: the network
        could be found by trying all. What is stored still makes another.
        """
        before = timezone.now() - timedelta(days=settings.COMMENT_ADDRESS_DAYS)
        old = self.exclude(address=None, network="").filter(created_at__lt=before)
        printed = old.exclude(fingerprint=None).only(*IN_FINGERPRINTS).order_by("pk")
        for comment in list(printed):
            known = comment.fingerprint_without_network
            if known == comment.fingerprint:
                continue
            same = self.model.objects.filter(post=comment.post_id, fingerprint=known)
            # Two that only their networks told apart: the first keeps what both would have.
            rows = self.model.objects.filter(pk=comment.pk)
            rows.update(fingerprint=None if same.exists() else known)
        return old.update(address=None, network="")

    def forget_browsers(self):
        """Forget the browsers of comments older than a browser's cookie; return how many."""
        before = timezone.now() - BROWSER_KEPT
        return self.exclude(browser="").filter(created_at__lt=before).update(browser="")

    def empty_trash(self, before):
        """Take away for good what went into the trash before that moment; return how many.

        What others answered keeps its line without its words, and so does what was imported, or
        the next run of the import would bring it back.
        """
        old = self.filter(status=self.model.Status.TRASH, judged_at__lt=before)
        count = 0
        while deleted := old.filter(replies=None, origin=None).delete()[1]:
            count += deleted[self.model._meta.label]
        for comment in old.exclude(events__action=ModerationEvent.Action.ERASE):
            comment.erase()
            count += 1
        return count

    def of_person(self, email):
        """Return everything that was sent with this e-mail address, whatever its status."""
        return self.filter(email__iexact=email.strip())

    def same_words(self, comment):
        """Return the comments of the campaign this one belongs to, itself among them, if any."""
        return self.filter(campaign=comment.campaign) if comment.campaign else self.none()

    def for_thread(self):
        """Read what a line of a thread shows, with who it answers, and nothing else."""
        parent = ("parent__name", "parent__status")
        return self.select_related("parent").only(*SHOWN_IN_THREAD, *parent)

    def moderated_by(self, user):
        """Return what this account may judge: all, an author's own essays' comments, or nothing."""
        if user.has_perm("comments.change_comment"):
            return self
        if user.has_perm("posts.change_post"):
            return self.filter(post__author=user)
        return self.none()

    def from_same_senders(self, comments):
        """Return everything from the browsers and networks these came from, and these themselves.

        A typed name or e-mail address proves nothing, so nobody is found by one.
        """
        rows = list(comments.values_list("pk", "browser", "network"))
        same = models.Q(pk__in=[pk for pk, _browser, _network in rows])
        if browsers := {browser for _pk, browser, _network in rows if browser}:
            same |= models.Q(browser__in=browsers)
        if networks := {network for _pk, _browser, network in rows if network}:
            same |= models.Q(network__in=networks)
        return self.filter(same)

    def judge(self, status, *, by=None, why="", seen=None, shown=None):
        """Give these comments a status, and record who did it, when, from what and why.

        `by` is the moderator. Those that have that status already, or no longer the one they were
        `seen` with (one for all, or a dict by number), because someone else was faster, stay as
        they are. So do those that are not in the version that was `shown`, a dict of versions by
        number; None where nobody was shown anything, as for a command.
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
        """Give these comments back the status they had before their last one; else as `judge`."""
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
        """Take one decision back, except where a comment was judged again or changed since."""
        events = {event.comment_id: event for event in ModerationEvent.objects.filter(batch=batch)}

        @cache
        def last():  # first asked for when the rows are locked
            decided = ModerationEvent.objects.filter(comment__events__batch=batch)
            decided = decided.exclude(before=models.F("after")).order_by().values_list("comment")
            return dict(decided.annotate(models.Max("pk")))

        def was(comment):
            # The status alone may be the same again, by two decisions of others.
            event = events[comment.pk]
            same = comment.status == event.after and last().get(comment.pk) == event.pk
            return event.before if same else None

        def unchanged(comment):
            event = events[comment.pk]
            if event.version:
                return event.version == comment.version
            # Decided before there were versions.
            edits = comment.events.filter(action=ModerationEvent.Action.EDIT, pk__gt=event.pk)
            return not edits.exists()

        undone = self.filter(pk__in=events)
        action = ModerationEvent.Action.UNDO
        return undone._move(was, action=action, by=by, unchanged=unchanged)

    @transaction.atomic
    def _move(self, wanted, *, action, unchanged, by=None, why=""):
        """Move each comment to the status `wanted` returns for it; None leaves it where it is.

        So does `unchanged`, if it returns False: the comment is not what was decided about.
        """
        rows = self.model.objects.filter(pk__in=list(self.values_list("pk", flat=True)))
        # Two moderators at once take turns; the second then finds what the first decided.
        rows = rows.select_for_update(of=("self",)).select_related("post__author", "parent")
        batch, now, events, untouched, changed = uuid.uuid4().hex, timezone.now(), [], [], []
        by_status = {}
        for comment in rows.order_by("pk"):
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
        """Bring search and the threads readers see up to date with these comments.

        `edited` says that more may have changed than what readers may see.
        """
        SearchEntry.objects.drop(
            kind=SearchEntry.Kind.COMMENT, keys=[comment.pk for comment in comments]
        )
        SearchEntry.objects.bulk_create(
            SearchEntry(
                kind=SearchEntry.Kind.COMMENT,
                key=comment.pk,
                post=comment.post,
                title=comment.shown_name,
                text=plain_text(comment.body_html),
                dated=comment.created_at,
            )
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
            if comment.passage or (edited and comment.post.annotated_html)
        }
        if len(comments) > SHOWN_AT_ONCE:
            ThreadPage.objects.refresh_later(comments)
            for pk in sorted(noted):
                ThreadPage.objects.refresh_margin(by_post[pk][0].post)
            return
        for pk in sorted(by_post):
            thread_change.follow(by_post[pk][0].post, by_post[pk], margin=pk in noted)
