"""The models of comments and of everything stored about them; they never use the network."""

from comments.models.block_rule import BlockRule
from comments.models.changes import BY_WRITER, TooLate
from comments.models.comment import EDIT_FOR, URL_LENGTH, Comment
from comments.models.draft_note import DraftNote
from comments.models.event import ModerationEvent, decided
from comments.models.filter_counts import FilterToken, Lesson
from comments.models.linkback import Call, Linkback, Look
from comments.models.linked_page import LinkedPage
from comments.models.mail import AddressUse, Mail, MailAddress, MailChoice, Subscription
from comments.models.rate_event import RateEvent
from comments.models.rendering import (
    comments_of_earlier_markup,
    findable_again,
    render_again,
    rendered_now,
)
from comments.models.thread_page import ThreadLine, ThreadPage
from comments.models.unplaced import Unplaced

__all__ = [
    "BY_WRITER",
    "EDIT_FOR",
    "URL_LENGTH",
    "AddressUse",
    "BlockRule",
    "Call",
    "Comment",
    "DraftNote",
    "FilterToken",
    "Lesson",
    "Linkback",
    "LinkedPage",
    "Look",
    "Mail",
    "MailAddress",
    "MailChoice",
    "ModerationEvent",
    "RateEvent",
    "Subscription",
    "ThreadLine",
    "ThreadPage",
    "TooLate",
    "Unplaced",
    "comments_of_earlier_markup",
    "decided",
    "findable_again",
    "render_again",
    "rendered_now",
]
