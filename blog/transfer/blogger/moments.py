"""Moments as Atom writes them."""

from __future__ import annotations

from datetime import UTC, datetime

from blog.posts.models import YEARS


def moment(said: str) -> datetime | None:
    """Return a moment, in GMT where it says no zone; None for what is none."""
    try:
        found = datetime.fromisoformat(said.strip())
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        found = found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return found if found.year in YEARS else None
