"""Moderation in the Django admin."""

from .block_rules import BlockRuleAdmin
from .mail import MailAdmin, MailChoiceAdmin
from .queue import CommentAdmin

__all__ = ["BlockRuleAdmin", "CommentAdmin", "MailAdmin", "MailChoiceAdmin"]
