"""Moderation in the Django admin: the queue, block rules, the log; it never decides by itself."""

from comments.admin import draft_notes  # noqa: F401 - adds its page to that of essays
from comments.admin.block_rules import BlockRuleAdmin
from comments.admin.linked_pages import LinkedPageInline
from comments.admin.log import ModerationEventAdmin
from comments.admin.mail import MailAdmin, MailChoiceAdmin
from comments.admin.queue import CommentAdmin

__all__ = [
    "BlockRuleAdmin",
    "CommentAdmin",
    "LinkedPageInline",
    "MailAdmin",
    "MailChoiceAdmin",
    "ModerationEventAdmin",
]
