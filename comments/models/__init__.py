"""Everything said about an essay, and what is kept about it."""

from comments.learning import FilterToken, Lesson

from .block_rule import BlockRule
from .changes import BY_WRITER, TooLate
from .comment import EDIT_FOR, URL_LENGTH, Comment
from .event import ModerationEvent, decided
from .linkback import Call, Linkback, Look
from .linked_page import LinkedPage
from .mail import AddressUse, Mail, MailAddress, MailChoice, Subscription
from .rate_event import RateEvent
from .thread_page import ThreadLine, ThreadPage

__all__ = [
    "BY_WRITER",
    "EDIT_FOR",
    "URL_LENGTH",
    "AddressUse",
    "BlockRule",
    "Call",
    "Comment",
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
    "decided",
]
