"""What one row of the queue shows, gathered for a page of them in a fixed number of queries."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.db.models import Count, Window
from django.db.models.functions import RowNumber
from django.utils.functional import cached_property
from django.utils.translation import gettext

from comments.admin.shown import carried
from comments.models import Comment, Linkback
from comments.screening.rules import sentences
from comments.text.differences import Work, changes_of, marked
from comments.text.spam import describe

# A word that weighs less, in log-odds, says nothing to a person either.
NAMED = 0.5

# Comments folded into one row at most; the next ones follow when these are decided.
FOLDED = 500
# Of those, the ones whose words differ: each is compared and shown, word by word, while the page
# has work left for that.
ALIKE = 100
# Characters that are read in the time of one unit of that work.
READ = 60


@dataclass
class Row:
    """One comment of the queue, with those that say the same and stand folded under it."""

    comment: Comment
    # How comments from this browser and network, or mentions from this host, were judged before.
    records: list[str]
    # Those folded under it that say the same, and those that nearly do, with what differs marked.
    equal: list[Comment] = field(default_factory=list)
    alike: list[tuple[Comment, str]] = field(default_factory=list)
    more: bool = False  # whether others like them are too many to stand here
    next: int | None = None  # the comment of the row that is next, or else the one before
    # The version in which it was shown before, if it changed since and nothing was decided.
    was_shown: str | None = None
    said: list = field(default_factory=list)  # messages that stand at this row
    work: Work = field(default_factory=Work)  # what is left for marking differences on the page

    @property
    def together(self):
        """How many comments a decision about this row is about."""
        return 1 + len(self.equal) + len(self.alike)

    @property
    def shown(self):
        """What stands on the page: exactly these comments are decided by a button of this row."""
        return carried([self.comment, *self.equal, *(copy for copy, _differs in self.alike)])

    @property
    def same(self):
        """How many say exactly the same, the comment itself among them."""
        return 1 + len(self.equal)

    @property
    def button(self):
        """What a button says after its verb: which comment, how it was shown, and the next row."""
        comment = self.comment
        return f"{comment.pk}:{comment.status}:{comment.version}:{self.next or ''}"

    @property
    def why(self):
        return sentences(self.comment.reasons)

    @property
    def weighed(self):
        """The words that weighed most in the filter's points, those for spam first."""
        weights = sorted(self.comment.weighed, key=lambda pair: -pair[1])
        return [(describe(token), weight > 0) for token, weight in weights if abs(weight) >= NAMED]

    @cached_property
    def differs(self):
        alike = self.comment.look_alike
        return marked(alike.body, self.comment.body, self.work) if alike else ""

    @cached_property
    def changes(self):
        """What differs from what was shown before, as (label, marked text); None if not known."""
        if self.was_shown is None:
            return None
        return changes_of(self.comment, self.was_shown, self.work)

    @property
    def origins(self):
        """Links to all that came from where this did: where it goes, and what it is called."""
        comment, links = self.comment, []
        if comment.source:
            links.append((f"site:{comment.source_host}", gettext("Everything from this site")))
        if comment.browser:
            links.append((f"browser:{comment.pk}", gettext("Everything from this browser")))
        if network := comment.network or comment.address:
            links.append((f"network:{network}", gettext("Everything from this network")))
        return links


def rows_of(comments, moderated, *, fold, was_shown=None):
    """Return the rows of a page: four queries at most, whatever the number (three without folds).

    One of them only where there are mentions. `moderated` is what may be judged; `was_shown` are
    versions by number of what changed since it was shown, and stands unfolded therefore.
    """
    was_shown = was_shown or {}
    history = _records(comments)
    copies = {}
    if fold:
        folding = [comment for comment in comments if comment.pk not in was_shown]
        copies = _copies(folding, moderated.exclude(pk__in=was_shown))
    rows, work = [], Work()
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
    """Put what says the same, or nearly, under a row; what is too much to be shown stays out."""
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
    """Return what has the campaign and the status of one of these, FOLDED + 1 of each at most."""
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


# --- How others from there were judged --------------------------------------------------------


def _records(comments):
    """Return a function that says how others from where a comment came were judged, in words.

    A typed name or e-mail proves nothing, so nobody's history is found by one.
    """
    browsers = _judged("browser", {comment.browser for comment in comments})
    networks = _judged("network", {comment.network for comment in comments})
    sites = _records_of_mentions({host_of(comment.source) for comment in comments})

    def record(comment):
        said = []
        if counts := browsers.get(comment.browser):
            said.append(gettext("From this browser: %(counts)s") % {"counts": counts})
        if counts := networks.get(comment.network):
            said.append(gettext("From this network: %(counts)s") % {"counts": counts})
        if counts := sites.get(host_of(comment.source)):
            said.append(gettext("%(counts)s from this site before") % {"counts": counts})
        return said

    return record


def _judged(origin, values):
    """Return for each value of that field how comments with it were judged, in words."""
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
        said.setdefault(value, []).append(f"{count} {Comment.Status(status).label}")
    return {value: " · ".join(parts) for value, parts in said.items()}


def host_of(address):
    return urlsplit(address).hostname or ""
