"""Screens a comment or mention: finds a look-alike, then scores it, then applies the rules."""

from comments.models import BlockRule, Comment
from comments.models.filter_counts import FilterToken, tokens_of
from comments.text.spam import score

from .look_alikes import find_look_alike
from .rules import Submission, screen


def assess(comment, *, trap="", browser="", known, staff):
    """Return the status of a comment or mention, and all rules that apply; saves nothing.

    Sets the look-alike and the filter's points in `comment`. `trap` is the content of the field
    that people do not see, `browser` the key that the sender's cookie proves; `known` and `staff`
    are as in Submission.
    """
    if comment.kind == Comment.Kind.COMMENT:
        find_look_alike(comment, browser)
    weigh(comment)
    blocks = BlockRule.objects.met_by(comment)
    return screen(Submission(comment, trap, blocks, known=known, staff=staff))


def weigh(comment):
    """Return the filter's Score of a comment, None while it has learned too little (one query).

    Sets the points and the words that weighed most in `comment`; saves nothing.
    """
    tokens = tokens_of(comment)
    found = score(tokens, FilterToken.objects.counts_of(tokens))
    comment.score, comment.weighed = found or (None, [])
    return found
