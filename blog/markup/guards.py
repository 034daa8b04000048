"""Stops texts that are made to be slow, before Python-Markdown sees them."""

from __future__ import annotations

from django.utils.translation import gettext as _


class MarkupError(ValueError):
    """The text was refused. The message is a translated sentence that says what to do."""


POST_LIMIT = 500_000
COMMENT_LIMIT = 65_536


def too_deep() -> str:
    return str(_("This nests too deep. Take some of the marks away."))


def check(text: str, limit: int) -> None:
    pass
