"""Moderation in the Django admin."""

from .block_rules import BlockRuleAdmin
from .linked_pages import LinkedPageInline
from .log import ModerationEventAdmin
from .mail import MailAdmin, MailChoiceAdmin
from .queue import CommentAdmin

__all__ = [
    "BlockRuleAdmin",
    "CommentAdmin",
    "LinkedPageInline",
    "MailAdmin",
    "MailChoiceAdmin",
    "ModerationEventAdmin",
]
