"""What happens to a comment or mention: likeness, points of the filter and rules, in this order."""

from comments.models import BlockRule, Comment
from comments.models.filter_counts import FilterToken, tokens_of
from comments.text.spam import score

from .look_alikes import find_look_alike
from .rules import Submission, screen


def assess(comment, *, trap="", browser="", known, staff):
    """Return the status a comment or mention gets, and all rules that say so; saves nothing.

    Remembers in `comment` what it looks like and what the filter gives it. `trap` is what stood in
    the field that no person meets, `browser` the key that the sender's cookie proves; `known` and
    `staff` are as in Submission.
    """
    if comment.kind == Comment.Kind.COMMENT:
        find_look_alike(comment, browser)
    weigh(comment)
    blocks = BlockRule.objects.met_by(comment)
    return screen(Submission(comment, trap, blocks, known=known, staff=staff))


def weigh(comment):
    """Return the filter's Score of a comment, or None while it learned too little (one query).

    Remembers the points and the words that weighed in `comment`; saves nothing.
    """
    tokens = tokens_of(comment)
    found = score(tokens, FilterToken.objects.counts_of(tokens))
    comment.score, comment.weighed = found or (None, [])
    return found
