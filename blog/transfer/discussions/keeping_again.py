"""Bringing what was kept to an essay that an owner names."""

from __future__ import annotations

from collections.abc import Iterator

from blog.transfer.report import Report

from .bringing import bring
from .said import Discussion, Said


class Kept(Discussion):
    """An export without comments, so that only those come that were kept before."""

    def said(self) -> Iterator[Said]:
        yield from ()


def bring_to(page: str, post: int) -> Report:
    """Bring the comments that were kept at an address to an essay."""
    report = Report()
    bring(Kept(), report, table={(page.strip(),): post})
    return report
