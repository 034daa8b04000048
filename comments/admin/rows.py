"""Prepares the rows of a page of the queue, in a fixed number of queries."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.db.models import Count, Window
from django.db.models.functions import RowNumber
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext

from blog.lib.differences import Budget, marked
from blog.lib.figures import figure
from comments.admin.shown import carried
from comments.models import Comment, Linkback
from comments.screening.rules import sentences
from comments.text.differences import changes_of
from comments.text.spam import describe

# Words that weigh less than this, in log-odds, are not shown.
NAMED = 0.5

# Comments folded into one row at most; more are shown when these are decided.
FOLDED = 500
# Of those, at most this many whose words differ: their differences are marked word by word, as long
# as the page's budget lasts.
ALIKE = 100
# Characters that one unit of that budget reads.
READ = 60


@dataclass
class Row:
    """One comment of the queue, with those that say the same folded under it."""

    comment: Comment
    # How earlier comments from this browser and network, or mentions from this host, were judged.
    records: list[str]
    # Those folded under it: equal ones, and nearly equal ones with their differences marked.
    equal: list[Comment] = field(default_factory=list)
    alike: list[tuple[Comment, str]] = field(default_factory=list)
    more: bool = False  # whether there are more like them than are shown
    next: int | None = None  # the comment in the next row, or in the row before if there is none
    # The version that was shown before, if it changed since and so was not decided.
    was_shown: str | None = None
    said: list = field(default_factory=list)  # messages that are shown at this row
    work: Budget = field(default_factory=Budget)  # what is left for marking differences on the page

    @property
    def together(self):
        """How many comments a decision about this row decides."""
        return 1 + len(self.equal) + len(self.alike)

    @property
    def shown(self):
        """The comments shown in this row, which are those that its buttons decide."""
        return carried([self.comment, *self.equal, *(copy for copy, _differs in self.alike)])

    @property
    def same(self):
        """How many say exactly the same, the comment itself included."""
        return 1 + len(self.equal)

    @property
    def button(self):
        """The part of a button's value after its verb: comment, status, version and next row."""
        comment = self.comment
        return f"{comment.pk}:{comment.status}:{comment.version}:{self.next or ''}"

    @property
    def why(self):
        return sentences(self.comment.reasons)

    @property
    def weighed(self):
        """The words that weighed most in the filter's points, spam words first."""
        weights = sorted(self.comment.weighed, key=lambda pair: -pair[1])
        return [(describe(token), weight > 0) for token, weight in weights if abs(weight) >= NAMED]

    @cached_property
    def differs(self):
        alike = self.comment.look_alike
        return marked(alike.body, self.comment.body, self.work) if alike else ""

    @cached_property
    def changes(self):
        """The changes since it was shown before, as (label, marked text); None if not known."""
        if self.was_shown is None:
            return None
        return changes_of(self.comment, self.was_shown, self.work)

    @property
    def origins(self):
        """Links to everything from the same origin, as (filter value, text)."""
        comment, links = self.comment, []
        if comment.source:
            links.append((f"site:{comment.source_host}", gettext("Everything from this site")))
        if comment.browser:
            links.append((f"browser:{comment.pk}", gettext("Everything from this browser")))
        if network := comment.network or comment.address:
            links.append((f"network:{network}", gettext("Everything from this network")))
        return links


def rows_of(comments, moderated, *, fold, was_shown=None):
    """Return the rows of a page, in four queries at most (three without folding).

    `moderated` are the comments the user may judge. `was_shown` has the earlier versions, by
    number, of comments that changed since they were shown, and which are not folded.
    """
    was_shown = was_shown or {}
    history = _records(comments)
    copies = {}
    if fold:
        folding = [comment for comment in comments if comment.pk not in was_shown]
        copies = _copies(folding, moderated.exclude(pk__in=was_shown))
    rows, work = [], Budget()
    for at, comment in enumerate(comments):
        following = comments[at + 1 : at + 2] or comments[max(at - 1, 0) : at]
        row = Row(
            comment=comment,
            records=history(comment),
            next=following[0].pk if following else None,
            was_shown=was_shown.get(comment.pk),
            work=work,
        )
        if row.was_shown is None:
            _fold(row, copies.get(comment.campaign, []) if comment.campaign else [])
        rows.append(row)
    return rows


def _fold(row, group):
    """Fold the equal and nearly equal comments of a group under a row, up to the limits."""
    others = [other for other in group if other.pk != row.comment.pk]
    row.more = len(others) > FOLDED
    body, words = row.comment.body, row.comment.body.split()
    for other in others[:FOLDED]:
        if other.body == body:
            row.equal.append(other)
        elif not row.work.take(1 + len(other.body) // READ):
            row.more = True
        elif other.body.split() == words:
            row.equal.append(other)
        elif len(row.alike) < ALIKE:
            row.alike.append((other, marked(body, other.body, row.work)))
        else:
            row.more = True


def _copies(comments, moderated):
    """Return the comments with the campaign and status of these, at most FOLDED + 2 of each."""
    campaigns = {comment.campaign for comment in comments if comment.campaign}
    if not campaigns:
        return {}
    statuses = {comment.status for comment in comments}
    place = Window(RowNumber(), partition_by=["campaign", "status"], order_by="pk")
    first = moderated.filter(campaign__in=campaigns, status__in=statuses).annotate(place=place)
    found = Comment.objects.filter(pk__in=first.filter(place__lte=FOLDED + 2).values("pk"))
    groups = {}
    for comment in found.defer("body_html").select_related("post", "parent").order_by("pk"):
        groups.setdefault(comment.campaign, []).append(comment)
    return groups


# --- How others from the same origin were judged ----------------------------------------------


def _records(comments):
    """Return a function that says how others from a comment's origin were judged.

    Names and e-mail addresses are not used, because anyone can type them.
    """
    browsers = _judged("browser", {comment.browser for comment in comments})
    networks = _judged("network", {comment.network for comment in comments})
    sites = _records_of_mentions({hostname_of(comment.source) for comment in comments})

    def record(comment):
        said = []
        if counts := browsers.get(comment.browser):
            said.append(gettext("From this browser: %(counts)s") % {"counts": counts})
        if counts := networks.get(comment.network):
            said.append(gettext("From this network: %(counts)s") % {"counts": counts})
        if counts := sites.get(hostname_of(comment.source)):
            said.append(gettext("%(counts)s from this site before") % {"counts": counts})
        return said

    return record


def _judged(origin, values):
    """Return for each value of the field `origin` how comments with it were judged, as text."""
    values = values - {""}
    if not values:
        return {}
    judged = Comment.objects.filter(**{f"{origin}__in": values})
    judged = judged.exclude(status=Comment.Status.PENDING).values_list(origin, "status")
    return _in_words(judged.annotate(count=Count("pk")).order_by("status"))


def _records_of_mentions(hosts):
    hosts = hosts - {""}
    return _in_words(Linkback.objects.records(hosts)) if hosts else {}


def _in_words(counts):
    said = {}
    for value, status, count in counts:
        said.setdefault(value, []).append(_of_status(status, count))
    return {value: " · ".join(parts) for value, parts in said.items()}


def _of_status(status, n):
    said = {
        "pending": ngettext("%(n)s waiting", "%(n)s waiting", n),
        "approved": ngettext("%(n)s approved", "%(n)s approved", n),
        "spam": ngettext("%(n)s spam", "%(n)s spam", n),
        "trash": ngettext("%(n)s trash", "%(n)s trash", n),
    }
    return said[status] % {"n": figure(n)}


def hostname_of(address):
    return urlsplit(address).hostname or ""
