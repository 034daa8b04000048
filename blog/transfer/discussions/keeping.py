"""What found no essay: kept, listed by address, and brought by a later run."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from comments.models import Unplaced
from comments.models.unplaced import LONGEST_PAGE

from .said import Page, Said

AT_ONCE = 500


def kept_before() -> Iterator[tuple[Unplaced, Said, Page]]:
    """Yield all that earlier runs kept, each with its page, in the order they came."""
    for row in Unplaced.objects.order_by("pk").iterator(chunk_size=AT_ONCE):
        name = f"\x1f{row.page}"  # as no file writes it
        said = Said(
            id=row.origin,
            page=name,
            name=row.name,
            email=row.email,
            url=row.url,
            html=row.html,
            markdown=row.markdown,
            at=row.created_at,
            status=row.status,
            left_out="" if row.html or row.markdown else _("deleted here"),
        )
        yield (
            row,
            said,
            Page(name, addresses=tuple(map(str, row.addresses or [row.page])), closed=None),
        )


def keep(said: Said, origin: str, answers: str, page: str, addresses: list[str]) -> Unplaced:
    """Return one that found no essay, not saved. Its network address is not kept."""
    return Unplaced(
        origin=origin,
        answers=answers,
        page=page[:LONGEST_PAGE],
        addresses=[each[:LONGEST_PAGE] for each in addresses[:10]],
        status=said.status,
        name=said.name[:200],
        email=said.email[:254],
        url=said.url[:LONGEST_PAGE],
        html="" if said.markdown else said.html,
        markdown=said.markdown,
        created_at=said.at,
    )


def add(rows: list[Unplaced]) -> int:
    """Store those that are not kept yet; return how many."""
    known = Unplaced.objects.filter(origin__in=[row.origin for row in rows])
    known_origins = set(known.values_list("origin", flat=True))
    new = [row for row in rows if row.origin not in known_origins]
    Unplaced.objects.bulk_create(new)
    return len(new)
