"""The list of rules that decide which comments appear at once, which wait, and which are spam.

Each rule has a name, which is stored with the comment, and a sentence for the moderator. All rules
that apply are stored as reasons; the strictest outcome holds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from blog.lib.listing import listed
from blog.site.reading import site
from comments.models import BlockRule, Comment
from comments.screening.reserved import reserved_name
from comments.text.spam import HOLD_ABOVE

# A comment with more links than this waits for a person; people who cite sources use two or three.
MOST_LINKS = 3


@dataclass(frozen=True)
class Submission:
    """A comment as it was sent, and what is known about its sender."""

    comment: Comment
    trap: str  # the content of the field that people do not see
    blocks: list[BlockRule]  # the block rules that match it
    # Whether an earlier comment from this browser was approved; for a mention, one from its site.
    known: bool
    staff: bool  # signed in, with the permission to approve; for a mention, from this site itself

    @property
    def mention(self) -> bool:
        return bool(self.comment.source)


class Rule(NamedTuple):
    """A rule applies if `applies` returns something true; if that is a text, it is the detail."""

    name: str
    sentence: Any
    outcome: str
    applies: Callable[[Submission], bool | str]


def met(outcome: str) -> Callable[[Submission], str]:
    """Return a test that names the matching block rules with this outcome."""
    return lambda sent: listed(str(rule) for rule in sent.blocks if rule.outcome == outcome)


RULES = [
    Rule(
        "trap",
        _("A field that people do not see was filled in."),
        Comment.Status.SPAM,
        lambda sent: bool(sent.trap),
    ),
    Rule(
        "blocked",
        _("Matches a block rule: %(detail)s."),
        Comment.Status.SPAM,
        met(BlockRule.Outcome.SPAM),
    ),
    Rule(
        "hold-listed",
        _("Matches a rule to hold comments: %(detail)s."),
        Comment.Status.PENDING,
        met(BlockRule.Outcome.PENDING),
    ),
    Rule(
        "reserved-name",
        _("The name reads as that of %(detail)s, and its writer was not signed in."),
        Comment.Status.PENDING,
        lambda sent: reserved_name(sent.comment),
    ),
    Rule(
        "links",
        _("It holds more than three links."),
        Comment.Status.PENDING,
        lambda sent: sent.comment.body.count("://") > MOST_LINKS,
    ),
    Rule(
        "near",
        _("It says nearly the same as an earlier comment."),
        Comment.Status.PENDING,
        lambda sent: sent.comment.likeness is not None,
    ),
    Rule(
        "not-compared",
        _("There was no time to compare it with all earlier comments."),
        Comment.Status.PENDING,
        lambda sent: not sent.comment.compared_in_time,
    ),
    Rule(
        "filter",
        _("It is worded like comments that were marked as spam here."),
        Comment.Status.PENDING,
        lambda sent: HOLD_ABOVE < (sent.comment.score or 0) <= settings.COMMENT_SPAM_ABOVE,
    ),
    Rule(
        "filter-sure",
        _("It is worded very much like comments that were marked as spam here."),
        Comment.Status.SPAM,
        lambda sent: (sent.comment.score or 0) > settings.COMMENT_SPAM_ABOVE,
    ),
    Rule(
        "first-comment",
        _("No comment from this browser was approved before."),
        Comment.Status.PENDING,
        lambda sent: site().comment_policy == "hold-first" and not sent.known and not sent.mention,
    ),
    Rule(
        "hold-all",
        _("Every comment waits here."),
        Comment.Status.PENDING,
        lambda sent: site().comment_policy == "hold-all" and not sent.mention,
    ),
    Rule(
        "first-mention",
        _("No mention from this site was approved before."),
        Comment.Status.PENDING,
        lambda sent: settings.LINKBACK_POLICY == "known" and sent.mention and not sent.known,
    ),
    Rule(
        "hold-mentions",
        _("Every mention waits here."),
        Comment.Status.PENDING,
        lambda sent: settings.LINKBACK_POLICY == "hold" and sent.mention,
    ),
]

# What else a comment may have among its reasons: a rule of an earlier version of Postil, and what
# `Comment.withdraw` notes.
OTHER_REASONS = {
    "too-fast": _("It was sent faster than anyone reads and types."),
    "withdrawn": _("Its writer took it back."),
}


def screen(sent: Submission) -> tuple[str, list[str]]:
    """Return the status of a comment, and all rules that apply, as `name` or `name:detail`."""
    if sent.staff:
        return Comment.Status.APPROVED, []
    status, reasons = Comment.Status.APPROVED, []
    for rule in RULES:
        if found := rule.applies(sent):
            status = max(status, rule.outcome, key=Comment.STRICTNESS.index)
            reasons.append(f"{rule.name}:{found}" if isinstance(found, str) else rule.name)
    return status, reasons


def sentences(reasons: list[str]) -> list[str]:
    """Return the moderators' sentences for reasons as `screen` returns them."""
    known = OTHER_REASONS | {rule.name: rule.sentence for rule in RULES}
    said = []
    for reason in reasons:
        name, _colon, detail = reason.partition(":")
        said.append(str(known[name]) % {"detail": detail} if name in known else reason)
    return said
