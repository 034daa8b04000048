"""What one row of the queue shows, gathered for a page of them in a fixed number of queries."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.db.models import Count
from django.db.models.functions import Lower
from django.utils.functional import cached_property
from django.utils.translation import gettext

from comments.differences import marked
from comments.models import Comment, Linkback
from comments.screening import sentences
from comments.spam import describe

# A word that weighs less, in log-odds, says nothing to a person either.
NAMED = 0.5

# Of the comments folded into one row, this many are shown; the rest are a link away.
COPIES_SHOWN = 20


@dataclass
class Row:
    """One comment of the queue, with those that say the same and stand folded under it."""

    comment: Comment
    # How comments from this e-mail address, or mentions from this host, were judged before.
    record: str
    # Those folded under it, each with what it says where that is not the same.
    copies: list[tuple[Comment, str]] = field(default_factory=list)
    folded: int = 0  # how many comments a decision about this row is about, besides its own
    next: int | None = None  # the comment of the row that is next, or else the one before

    @property
    def together(self):
        return self.folded + 1

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
        return marked(alike.body, self.comment.body) if alike else ""

    @property
    def origin(self):
        """What “everything from them” looks for: the surest of what is known of the writer."""
        comment = self.comment
        if comment.email:
            return f"email:{comment.email.lower()}"
        if comment.source:
            return f"site:{comment.source_host}"
        if comment.address:
            return f"network:{comment.address}"
        return f"name:{comment.name}" if comment.name else ""


def rows_of(comments, *, fold):
    """Return the rows of a page: four queries at most, whatever the number (three without folds).

    One of them only where there are mentions.
    """
    records, mentions = _records(comments), _records_of_mentions(comments)
    copies = _copies(comments) if fold else {}
    rows = []
    for at, comment in enumerate(comments):
        group = copies.get((comment.campaign, comment.status), [])
        folded = [other for other in group if other.pk != comment.pk] if comment.campaign else []
        following = comments[at + 1 : at + 2] or comments[max(at - 1, 0) : at]
        rows.append(
            Row(
                comment=comment,
                record=mentions.get(host_of(comment.source))
                or " · ".join(records.get(comment.email.lower(), [])),
                copies=[(other, said_otherwise(comment, other)) for other in folded[:COPIES_SHOWN]],
                folded=len(folded),
                next=following[0].pk if following else None,
            )
        )
    return rows


def said_otherwise(comment, other):
    """Return the other's words with what differs marked; nothing where they are the same."""
    return "" if other.words == comment.words else marked(comment.body, other.body)


def _records(comments):
    emails = {comment.email.lower() for comment in comments if comment.email}
    judged = Comment.objects.annotate(address_of=Lower("email")).filter(address_of__in=emails)
    judged = judged.exclude(status=Comment.Status.PENDING).values_list("address_of", "status")
    records = {}
    for email, status, count in judged.annotate(count=Count("pk")).order_by("status"):
        said = f"{count} {Comment.Status(status).label}"
        records.setdefault(email, []).append(said)
    return records


def host_of(address):
    return urlsplit(address).hostname or ""


def _records_of_mentions(comments):
    """Return for each host how mentions from it were judged, in words."""
    hosts = {host_of(comment.source) for comment in comments if comment.source}
    if not hosts:
        return {}
    counted = {}
    for host, status, count in Linkback.objects.records(hosts):
        counted.setdefault(host, []).append(f"{count} {Comment.Status(status).label}")
    words = gettext("%(counts)s from this site before")
    return {host: words % {"counts": " · ".join(said)} for host, said in counted.items()}


def _copies(comments):
    campaigns = {comment.campaign for comment in comments if comment.campaign}
    groups = {}
    found = Comment.objects.filter(campaign__in=campaigns).defer("body_html")
    for comment in found.select_related("post").order_by("pk"):
        groups.setdefault((comment.campaign, comment.status), []).append(comment)
    return groups
