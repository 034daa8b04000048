"""Comments that Staticman kept among a blog's files: each was let in by its owner."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from blog.markup import MarkupError
from blog.posts.models import Post
from blog.transfer.fields import email_address, website
from blog.transfer.report import Report, quoted
from comments.models import Comment, ThreadPage

from .front_matter import in_lines, read_data
from .tree import Tree
from .values import moment, words
from .yaml_data import DataError

FOLDERS = ("_data/comments", "_data/replies")
_ENDINGS = {".yml": "yaml", ".yaml": "yaml", ".json": "json"}


class Said(NamedTuple):
    """One comment's file, when it was written, and what it says."""

    at: datetime
    file: str
    data: dict[str, Any]


def threads(tree: Tree, source: str, report: Report) -> dict[str, list[Said]]:
    """Return the comments by the names of their folders, each in order of date."""
    found: dict[str, list[Said]] = {}
    for folder in FOLDERS:
        start = f"{source}{folder}/"
        for path in tree.under(start):
            form = _ENDINGS.get(path[path.rfind(".") :].lower())
            if form is None:
                continue
            try:
                data = read_data(in_lines(tree.content(path)), form)
            except DataError as error:
                report.note(_("Left out, because it cannot be read"), f"{path}: {error}")
                continue
            if isinstance(data, dict):
                name = path.removeprefix(start).rpartition("/")[0]
                found.setdefault(name, []).append(Said(_at(data), path, data))
    return {name: sorted(said, key=lambda each: each.at) for name, said in found.items()}


def _at(data: dict[str, Any]) -> datetime:
    """Return when one was written: as a date, or in seconds or milliseconds since 1970."""
    said = words(data.get("date"))
    if said.isdecimal() and len(said) <= 13:
        seconds = int(said) / (1000 if len(said) > 11 else 1)
        return datetime.fromtimestamp(seconds, UTC)
    return moment(said, UTC) or timezone.now()


def bring_thread(post: Post, thread: list[Said], report: Report) -> None:
    """Add the comments of one essay that are not here yet, with their answers."""
    known = dict(post.comments.filter(origin__isnull=False).values_list("origin", "pk"))
    brought: list[int | None] = []
    new = False
    for said in thread:
        origin = f"{post.origin}#staticman-{words(said.data.get('_id')) or said.file}"[:500]
        if origin in known:
            report.already["comment"] += 1
            brought.append(known[origin])
            continue
        made = _comment(post, said, origin, brought, report)
        brought.append(made and made.pk)
        new = new or made is not None
    if new:
        ThreadPage.objects.refresh(post)


def _comment(
    post: Post, said: Said, origin: str, brought: list[int | None], report: Report
) -> Comment | None:
    data = said.data
    body = data.get("message") or data.get("comment") or data.get("body")
    if not isinstance(body, str) or not body.strip():
        report.note(_("Comments left out"), f"{said.file}: {_('without words')}")
        return None
    url = website(words(data.get("url") or data.get("website")))
    comment = Comment(
        post=post,
        status=Comment.Status.APPROVED,
        name=words(data.get("name") or data.get("author"))[:200],
        email=email_address(words(data.get("email"))),
        url=url or "",
        body=body.replace("\r\n", "\n").strip(),
        created_at=said.at,
        parent=_parent(said, brought, report),
        origin=origin,
    )
    try:
        comment.save(refresh=False)
    except MarkupError as error:
        report.note(_("Comments left out"), f"{said.file}: {error}")
        return None
    report.added["comment"] += 1
    return comment


def _parent(said: Said, brought: list[int | None], report: Report) -> Comment | None:
    """Return what one answers, which Staticman says by its place in the order of dates."""
    place = words(said.data.get("replying_to"))
    if place in ("", "0"):
        return None
    number = int(place) if place.isdecimal() and len(place) < 7 else 0
    key = brought[number - 1] if 0 < number <= len(brought) else None
    if key is None:
        heading = _("No longer in reply to another, because that one is not here")
        report.note(heading, f"{said.file}: {quoted(place)}")
        return None
    return Comment.objects.select_related("root").get(pk=key)
