"""The pages our essays link to, with the state of the notices sent to them.

One row is one link: an essay and a page. A notice is sent for the new link, with webmention for
each change, and a last one when the link or the essay is gone. The row holds everything about the
waiting notice. A job holds only the row's number and its `round`, which counts the notices: a job
of an earlier round does nothing, so no notice is sent twice.
"""

from datetime import timedelta
from urllib.parse import urlsplit

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from blog.posts.models import Post
from comments.models.turns import NOTICES, take_turn
from comments.text.permalinks import MAX_LENGTH

# Waits after each failed attempt. After the last the notice is given up.
RESTS = [
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=3),
    timedelta(hours=12),
    timedelta(hours=24),
]
# Time between two notices to one host, of all essays: as long as both requests of a notice can
# take, so that a slow host keeps at most one worker thread busy. WordPress refuses a pingback that
# comes within 15 seconds of another (wp_check_comment_flood).
APART = timedelta(seconds=20)
# Characters of the reason that is kept.
MAX_WHY = 300
# A page that refused notices, or takes none, is tried again if the essay changes after this time.
REFUSED_AGAIN_AFTER = timedelta(days=7)


class LinkedPageManager(models.Manager):
    def follow(self, post, targets, digest, source, now):
        """Update the rows of an essay to its links; return the rows that get a notice.

        `targets` are addresses by `address_key`, empty if the essay is not public; `digest` is the
        digest of its text. Call it in a transaction that has locked the essay's row.
        """
        # Locked, so that the result of a notice is saved before this or is ignored.
        known = {page.key: page for page in self.select_for_update().filter(post=post)}
        wanted = []
        for key, target in targets.items():
            page = known.pop(key, None) or LinkedPage(post=post, key=key, source=source)
            page.target = target
            if page.needs_notice(digest, now):
                page.linked = True
                wanted.append(page)
            elif not page.linked:
                self.filter(pk=page.pk).update(linked=True)
        for page in known.values():
            if not page.may_know:
                page.delete()
            elif page.linked:
                page.linked = False
                if page.takes_removals:
                    wanted.append(page)
                else:
                    self.filter(pk=page.pk).update(linked=False)
        return self.schedule(wanted, digest, now)

    def leave(self, post, now):
        """Keep those rows of an essay being deleted that get a last notice; return them.

        Call it in a transaction that has locked the essay's row.
        """
        wanted = []
        for page in self.select_for_update().filter(post=post):
            last = page.linked or page.is_waiting
            if last and page.may_know and page.takes_removals:
                page.linked = False
                wanted.append(page)
            else:
                page.delete()
        return self.schedule(wanted, "", now)

    def schedule(self, pages, digest, now):
        """Set when these rows' notices are due, one after another for each host; return the rows.

        Call it in a transaction that has locked their rows.
        """
        if not pages:
            return []
        take_turn(NOTICES)
        busy = self.busy({host_of(page.key) for page in pages}, now, but=pages)
        for page in pages:
            taken = busy[host_of(page.key)]
            page.state, page.why, page.status = LinkedPage.State.WAITING, "", None
            page.due_at, page.changed_at = first_free(taken, now), now
            taken.append(page.due_at)
            page.attempts, page.digest, page.round = 0, digest, page.round + 1
            page.save()
        return pages

    def busy(self, hosts, now, but=()):
        """Return when each of these hosts was called lately and will be called, for all essays.

        The waiting notices of the rows in `but` do not count. One query.
        """
        own = {page.pk for page in but}
        near = Q(called_at__gt=now - APART) | Q(state=LinkedPage.State.WAITING)
        busy = {host: [] for host in hosts}
        rows = self.filter(near, host__in=hosts)
        for pk, host, due, called in rows.values_list("pk", "host", "due_at", "called_at"):
            if due and pk not in own:
                busy[host].append(due)
            if called:
                busy[host].append(called)
        return busy


def first_free(busy, now):
    """Return the first time from `now` on that is APART from all times in `busy`."""
    at = now
    for moment in sorted(busy):
        if at - APART < moment < at + APART:
            at = moment + APART
    return at


def host_of(key):
    """Return the host of an address key, with its port unless that is the usual one."""
    return urlsplit(key).netloc.rpartition("@")[2][:255]


class LinkedPage(models.Model):
    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("state of a notice to a page", "waiting")
        SENT = "sent", pgettext_lazy("state of a notice to a page", "sent")
        ACCEPTED = "accepted", pgettext_lazy("state of a notice to a page", "accepted")
        REFUSED = "refused", pgettext_lazy("state of a notice to a page", "refused")
        NONE = "none", pgettext_lazy("state of a notice to a page", "takes no notices")
        FAILED = "failed", pgettext_lazy("state of a notice to a page", "given up")

    class Protocol(models.TextChoices):
        WEBMENTION = "webmention", "Webmention"
        PINGBACK = "pingback", "Pingback"

    # Null once the essay is deleted; the row is then kept for its last notice only.
    post = models.ForeignKey(
        Post, null=True, on_delete=models.SET_NULL, related_name="linked_pages"
    )
    # The address as written in the essay, and its key, the same for every spelling.
    target = models.CharField(
        pgettext_lazy("page that an essay links to", "page"), max_length=MAX_LENGTH
    )
    key = models.CharField(max_length=MAX_LENGTH)
    # The host in the key; notices to one host are sent APART.
    host = models.CharField(max_length=255, blank=True, editable=False)
    # The essay's address in the first notice. Later notices name the same address, which redirects
    # to the essay: with another one they would be about another source.
    source = models.CharField(max_length=MAX_LENGTH)
    # Whether the public essay has the link. If not, the notice is the last one.
    linked = models.BooleanField(default=True)

    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    why = models.CharField(_("why"), max_length=MAX_WHY, blank=True)
    status = models.PositiveSmallIntegerField(_("HTTP status"), null=True, blank=True)
    protocol = models.CharField(_("protocol"), max_length=10, choices=Protocol, blank=True)
    endpoint = models.CharField(_("endpoint"), max_length=MAX_LENGTH, blank=True)
    changed_at = models.DateTimeField(_("when"), default=timezone.now)
    # When the waiting notice is due, and how often it was tried.
    due_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    round = models.PositiveIntegerField(default=0)
    # The digest of the essay's text in the last notice.
    digest = models.CharField(max_length=64, blank=True)
    # When it was last called, and when it last took a notice: a worker may be killed in between.
    called_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)

    objects = LinkedPageManager()

    class Meta:
        verbose_name = _("linked page")
        verbose_name_plural = _("linked pages")
        ordering = ["pk"]
        indexes = [models.Index(fields=["host"], name="linked_page_host")]
        constraints = [
            models.UniqueConstraint(fields=["post", "key"], name="linked_page_once"),
            models.CheckConstraint(
                condition=~Q(state="waiting") | Q(due_at__isnull=False),
                name="linked_page_waiting_is_due",
            ),
        ]

    def __str__(self):
        return self.target

    def save(self, **kwargs):
        """Store the key's host too, so that notices to one host are sent APART."""
        self.host = host_of(self.key)
        super().save(**kwargs)

    @property
    def may_know(self):
        """Whether it took a notice, or may have taken one whose answer was lost."""
        return self.told_at is not None or (self.is_waiting and self.called_at is not None)

    @property
    def takes_removals(self):
        """Whether it can be notified that the link or the essay is gone.

        Pingback has no such notice: a server would answer a second ping with fault 48.
        """
        return self.protocol != self.Protocol.PINGBACK

    @property
    def is_waiting(self):
        return self.state == self.State.WAITING

    @property
    def is_tried_again(self):
        return self.is_waiting and self.attempts > 0

    @property
    def only_by(self):
        """The only protocol the waiting notice may use; None for either."""
        if self.told_at:
            return self.protocol
        return None if self.linked else self.Protocol.WEBMENTION

    def needs_notice(self, digest, now):
        """Whether it gets a notice of an essay that links to it and now has this `digest`."""
        if self.pk is None:
            return True
        if self.told_at and self.protocol == self.Protocol.PINGBACK:
            return False
        if not self.linked:
            return True
        if digest == self.digest:
            return False
        if self.told_at or self.is_waiting:
            return True
        return self.changed_at <= now - REFUSED_AGAIN_AFTER

    @transaction.atomic
    def begin(self, digest, now):
        """Record that it is called now about an essay with this `digest`; return whether to call.

        False if the row has a newer notice, or if another page of its host was called just now.
        A change of the essay after this causes another notice.
        """
        take_turn(NOTICES)
        others = LinkedPage.objects.filter(host=self.host).exclude(pk=self.pk)
        if others.filter(called_at__gt=now - APART, called_at__lte=now).exists():
            return False
        return bool(self.same().update(called_at=now, digest=digest))

    @transaction.atomic
    def put_off(self, now):
        """Set the notice due at the next free time of its host; return whether it still waits."""
        take_turn(NOTICES)
        busy = LinkedPage.objects.busy([self.host], now, but=[self])
        due = first_free(busy[self.host], now)
        changed = self.same().update(due_at=due, round=F("round") + 1)
        if changed:
            self.refresh_from_db(fields=["due_at", "round"])
        return bool(changed)

    def settle(self, outcome, now):
        """Save the result of the notice; return whether it will be tried again."""
        changes = {"why": outcome.why[:MAX_WHY], "status": outcome.status, "changed_at": now}
        if outcome.endpoint:
            changes |= {"endpoint": outcome.endpoint}
        if outcome.verdict == "later" and self.attempts < len(RESTS):
            wanted = min(timedelta(seconds=outcome.rest), RESTS[-1])
            changes["due_at"] = now + max(RESTS[self.attempts], wanted)
            changes |= {"attempts": F("attempts") + 1, "round": F("round") + 1}
        elif outcome.verdict == "later":
            changes |= {"state": self.State.FAILED, "due_at": None}
        else:
            changes |= {"state": self.State(outcome.verdict), "due_at": None}
        if outcome.verdict in ("sent", "accepted"):
            changes |= {"told_at": now, "protocol": outcome.protocol}
        changed = self.same().update(**changes)
        return bool(changed) and "round" in changes

    def same(self):
        """Return its row as a queryset, empty if it has a newer notice than this object."""
        return LinkedPage.objects.filter(pk=self.pk, round=self.round, state=self.State.WAITING)
