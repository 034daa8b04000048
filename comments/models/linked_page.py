"""The pages our essays link to, and what came of telling each.

One row is one essay and one page. It is told of the link, of changes by webmention, and once more
when the link or the essay is gone. Whatever a notice waits for is in its row; a job only names the
row and its `round`, which counts the notices: a job of an earlier round finds nothing to do, so
that one notice is not sent twice, whoever asked for it how often.
"""

from datetime import timedelta
from urllib.parse import urlsplit

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blog.posts.models import Post
from comments.models.turns import NOTICES, take_turn
from comments.text.permalinks import MAX_LENGTH

# After each attempt that may go well another time. Then it is given up, and said so.
RESTS = [
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=3),
    timedelta(hours=12),
    timedelta(hours=24),
]
# Between notices to one host, whichever essays they are about: as long as both requests of a notice
# can take, so that a slow host holds one thread of a worker at most. WordPress refuses a pingback
# that comes within 15 seconds of another (wp_check_comment_flood).
APART = timedelta(seconds=20)
# Characters of the reason that is kept.
MAX_WHY = 300
# Who would not have a notice, or takes none, is asked again when the essay changes after so long.
ASK_AGAIN_AFTER = timedelta(days=7)


class LinkedPageManager(models.Manager):
    def follow(self, post, targets, digest, source, now):
        """Bring the rows of an essay to what it links to now; return those that are to be told.

        `targets` are addresses by `address_key`, none if readers do not see the essay; `digest`
        stands for what it says. Belongs into a transaction that holds the essay's row.
        """
        # Held, so that what comes of a notice just now is noted before this or not at all.
        known = {page.key: page for page in self.select_for_update().filter(post=post)}
        wanted = []
        for key, target in targets.items():
            page = known.pop(key, None) or LinkedPage(post=post, key=key, source=source)
            page.target = target
            if page.has_to_hear(digest, now):
                page.linked = True
                wanted.append(page)
            elif not page.linked:
                self.filter(pk=page.pk).update(linked=True)
        for page in known.values():
            if not page.may_know:
                page.delete()
            elif page.linked:
                page.linked = False
                if page.hears_of_loss:
                    wanted.append(page)
                else:
                    self.filter(pk=page.pk).update(linked=False)
        return self.schedule(wanted, digest, now)

    def leave(self, post, now):
        """Keep of an essay that is being deleted the rows that are to hear so; return them.

        Belongs into a transaction that holds the essay's row.
        """
        wanted = []
        for page in self.select_for_update().filter(post=post):
            last = page.linked or page.is_waiting
            if last and page.may_know and page.hears_of_loss:
                page.linked = False
                wanted.append(page)
            else:
                page.delete()
        return self.schedule(wanted, "", now)

    def schedule(self, pages, digest, now):
        """Have these told, those of one host one after the other; return them.

        Belongs into a transaction that holds their rows.
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
        """Return when each of these hosts was just called or is going to be, of all essays.

        `but` are rows whose own waiting notice does not count. One query.
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
    """Return the first moment from `now` on that is APART from all the moments in `busy`."""
    at = now
    for moment in sorted(busy):
        if at - APART < moment < at + APART:
            at = moment + APART
    return at


def host_of(key):
    """Return the host in an address key, with a port of its own if it has one, cut to 255."""
    return urlsplit(key).netloc.rpartition("@")[2][:255]


class LinkedPage(models.Model):
    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        ACCEPTED = "accepted", _("accepted")
        REFUSED = "refused", _("refused")
        NONE = "none", _("takes no notices")
        FAILED = "failed", _("given up")

    class Protocol(models.TextChoices):
        WEBMENTION = "webmention", "Webmention"
        PINGBACK = "pingback", "Pingback"

    # Null once the essay is deleted; then the row is there for its last notice only.
    post = models.ForeignKey(
        Post, null=True, on_delete=models.SET_NULL, related_name="linked_pages"
    )
    # As written in the essay, and what any spelling of it has in common.
    target = models.CharField(_("page"), max_length=MAX_LENGTH)
    key = models.CharField(max_length=MAX_LENGTH)
    # The host that the key names, by which notices keep their pace.
    host = models.CharField(max_length=255, blank=True, editable=False)
    # The essay's address as this page was first told it. Later notices name the same one, which
    # leads on to where the essay is now; by another they would be about another page.
    source = models.CharField(max_length=MAX_LENGTH)
    # Whether readers of the essay find the link. If not, the notice is the last one.
    linked = models.BooleanField(default=True)

    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    why = models.CharField(_("why"), max_length=MAX_WHY, blank=True)
    status = models.PositiveSmallIntegerField(_("HTTP status"), null=True, blank=True)
    protocol = models.CharField(_("protocol"), max_length=10, choices=Protocol, blank=True)
    endpoint = models.CharField(_("endpoint"), max_length=MAX_LENGTH, blank=True)
    changed_at = models.DateTimeField(_("when"), default=timezone.now)
    # When the notice that waits is to be sent, and how often it was tried.
    due_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    round = models.PositiveIntegerField(default=0)
    # What the essay said when this page was last to be told.
    digest = models.CharField(max_length=64, blank=True)
    # When it was last called, and took a notice: a worker may be killed between the two.
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
        """Keep the host beside the key, by which notices keep their pace."""
        self.host = host_of(self.key)
        super().save(**kwargs)

    @property
    def may_know(self):
        """Whether it took a notice, or may have taken one whose answer never came."""
        return self.told_at is not None or (self.is_waiting and self.called_at is not None)

    @property
    def hears_of_loss(self):
        """Whether there are words for it that the link or the essay is gone.

        Pingback knows no taking back; a server would answer a second ping with 48.
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
        """The one protocol that the waiting notice may go by; None for either."""
        if self.told_at:
            return self.protocol
        return None if self.linked else self.Protocol.WEBMENTION

    def has_to_hear(self, digest, now):
        """Whether it is to be told what an essay says that links to it and has this `digest`."""
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
        return self.changed_at <= now - ASK_AGAIN_AFTER

    @transaction.atomic
    def begin(self, digest, now):
        """Write down that it is called now, about an essay that says this; whether it is to be.

        It is not if there is another notice by now, or if another page of its host was called a
        moment ago. A change from here on is another notice.
        """
        take_turn(NOTICES)
        others = LinkedPage.objects.filter(host=self.host).exclude(pk=self.pk)
        if others.filter(called_at__gt=now - APART, called_at__lte=now).exists():
            return False
        return bool(self.same().update(called_at=now, digest=digest))

    @transaction.atomic
    def put_off(self, now):
        """Have the notice wait for the next free moment of its host; return whether it still is."""
        take_turn(NOTICES)
        busy = LinkedPage.objects.busy([self.host], now, but=[self])
        due = first_free(busy[self.host], now)
        changed = self.same().update(due_at=due, round=F("round") + 1)
        if changed:
            self.refresh_from_db(fields=["due_at", "round"])
        return bool(changed)

    def settle(self, outcome, now):
        """Write down what came of the notice; return whether it is to be tried again."""
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
        """Return its row as long as the notice is the one that was read."""
        return LinkedPage.objects.filter(pk=self.pk, round=self.round, state=self.State.WAITING)
