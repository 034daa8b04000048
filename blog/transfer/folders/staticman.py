"""Comments that Staticman kept among a blog's files: each was let in by its owner."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from blog.lib.listing import labelled
from blog.posts.models import Post
from blog.transfer.discussions.bringing import bring_under
from blog.transfer.discussions.said import Said
from blog.transfer.report import Report

from .front_matter import in_lines, read_data
from .tree import Tree
from .values import moment, words
from .yaml_data import DataError

FOLDERS = ("_data/comments", "_data/replies")
_ENDINGS = {".yml": "yaml", ".yaml": "yaml", ".json": "json"}


class Kept(NamedTuple):
    """One comment's file, when it was written, and what it says."""

    at: datetime
    file: str
    data: dict[str, Any]


def threads(tree: Tree, source: str, report: Report) -> dict[str, list[Kept]]:
    """Return the comments by the names of their folders, each in order of date."""
    found: dict[str, list[Kept]] = {}
    for folder in FOLDERS:
        start = f"{source}{folder}/"
        for path in tree.under(start):
            form = _ENDINGS.get(path[path.rfind(".") :].lower())
            if form is None:
                continue
            try:
                data = read_data(in_lines(tree.content(path)), form)
            except DataError as error:
                report.note(_("Left out, because it cannot be read"), labelled(path, error))
                continue
            if isinstance(data, dict):
                name = path.removeprefix(start).rpartition("/")[0]
                found.setdefault(name, []).append(Kept(_at(data), path, data))
    return {name: sorted(said, key=lambda each: each.at) for name, said in found.items()}


def _at(data: dict[str, Any]) -> datetime:
    """Return when one was written: as a date, or in seconds or milliseconds since 1970."""
    said = words(data.get("date"))
    if said.isdecimal() and len(said) <= 13:
        seconds = int(said) / (1000 if len(said) > 11 else 1)
        return datetime.fromtimestamp(seconds, UTC)
    return moment(said, UTC) or timezone.now()


def bring_thread(post: Post, thread: list[Kept], report: Report) -> None:
    """Add the comments of one essay that are not here yet, with their answers."""
    ids = [words(kept.data.get("_id")) or kept.file for kept in thread]
    said = [_said(kept, id, ids) for kept, id in zip(thread, ids, strict=True)]
    bring_under(post, said, report, f"{post.origin}#staticman-")


def _said(kept: Kept, id: str, ids: list[str]) -> Said:
    data = kept.data
    body = data.get("message") or data.get("comment") or data.get("body")
    return Said(
        id=id,
        parent=_parent(words(data.get("replying_to")), ids),
        name=words(data.get("name") or data.get("author")),
        email=words(data.get("email")),
        url=words(data.get("url") or data.get("website")),
        markdown=body if isinstance(body, str) else "",
        at=kept.at,
    )


def _parent(place: str, ids: list[str]) -> str:
    """Return the id that one answers, which Staticman says by its place in the order of dates."""
    if place in ("", "0"):
        return ""
    number = int(place) if place.isdecimal() and len(place) < 7 else 0
    return ids[number - 1] if 0 < number <= len(ids) else place
