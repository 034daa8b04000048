"""Comments of an export that found no essay where it was made; they wait here as they did there."""

from __future__ import annotations

from django.utils import timezone

from blog.transfer.fields import email_address
from blog.transfer.folders.tree import Tree
from blog.transfer.report import Report
from comments.models import Comment, Unplaced
from comments.models.unplaced import LONGEST_PAGE

from .rows import moment, rows_of, text, texts


def bring_unplaced(tree: Tree, report: Report) -> None:
    for row in rows_of(tree, "unplaced.json"):
        origin, status = text(row, "origin", 500), text(row, "status")
        html, markdown = text(row, "html"), text(row, "markdown")
        here = Unplaced.objects.filter(origin=origin), Comment.objects.filter(origin=origin)
        if not origin or any(found.exists() for found in here):
            continue
        has_words = bool(html or markdown)
        known = status if status in Comment.Status.values else Comment.Status.PENDING
        Unplaced.objects.create(
            origin=origin,
            answers=text(row, "answers", 500),
            page=text(row, "page", LONGEST_PAGE),
            addresses=texts(row, "addresses")[:10],
            status=known if has_words else Comment.Status.TRASH,
            name=text(row, "name", 200),
            email=email_address(text(row, "email")) if has_words else "",
            url=text(row, "url", LONGEST_PAGE),
            html=html,
            markdown=markdown,
            created_at=moment(row, "created_at"),
            kept_at=moment(row, "kept_at") or timezone.now(),
        )
        report.kept["comment"] += has_words
