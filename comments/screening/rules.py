"""Which comments appear at once, which wait for a person, and why: an ordered list of rules.

Each rule has a name, which is stored with the comment, and a sentence for the moderator. All
reasons that apply are kept; the strictest outcome holds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from comments.models import BlockRule, Comment
from comments.screening.reserved import reserved_name
from comments.text.spam import HOLD_ABOVE

# More links than this in one comment wait for a person; people who cite sources use two or three.
MOST_LINKS = 3


@dataclass(frozen=True)
class Submission:
    """A comment as it was sent, and what is known of its sender."""

    comment: Comment
    trap: str  # what stood in the field that no person meets
    blocks: list[BlockRule]  # the rules of moderators that it meets
    # This browser proved that a comment of its writer was approved before; for a mention, one from
    # the same site was.
    known: bool
    staff: bool  # signed in, with the permission to approve; for a mention, from this site itself

    @property
    def mention(self) -> bool:
        return bool(self.comment.source)


class Rule(NamedTuple):
    """A rule applies where its last part returns anything true; a text is kept as the detail."""

    name: str
    sentence: Any
    outcome: str
    applies: Callable[[Submission], bool | str]


def met(outcome: str) -> Callable[[Submission], str]:
    """Return a test for block rules of this outcome, which names those that are met."""
    return lambda sent: ", ".join(str(rule) for rule in sent.blocks if rule.outcome == outcome)


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
        lambda sent: (
            settings.COMMENT_POLICY == "hold-first" and not sent.known and not sent.mention
        ),
    ),
    Rule(
        "hold-all",
        _("Every comment waits here."),
        Comment.Status.PENDING,
        lambda sent: settings.COMMENT_POLICY == "hold-all" and not sent.mention,
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

# Rules of earlier versions, by name: comments that they held keep their sentence.
FORMER_RULES = {"too-fast": _("It was sent faster than anyone reads and types.")}


def screen(sent: Submission) -> tuple[str, list[str]]:
    """Return the status a comment gets, and all rules that say so as `name` or `name:detail`."""
    if sent.staff:
        return Comment.Status.APPROVED, []
    status, reasons = Comment.Status.APPROVED, []
    for rule in RULES:
        if found := rule.applies(sent):
            status = max(status, rule.outcome, key=Comment.STRICTNESS.index)
            reasons.append(f"{rule.name}:{found}" if isinstance(found, str) else rule.name)
    return status, reasons


def sentences(reasons: list[str]) -> list[str]:
    """Return what the rules say to a moderator, of reasons as `screen` gives them."""
    known = FORMER_RULES | {rule.name: rule.sentence for rule in RULES}
    said = []
    for reason in reasons:
        name, _colon, detail = reason.partition(":")
        said.append(str(known[name]) % {"detail": detail} if name in known else reason)
    return said
