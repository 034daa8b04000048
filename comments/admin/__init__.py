"""Moderation in the Django admin."""

from .block_rules import BlockRuleAdmin
from .queue import CommentAdmin

__all__ = ["BlockRuleAdmin", "CommentAdmin"]
