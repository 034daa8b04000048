"""The one documented form of comments, into which those of any other system can be turned.

docs/move-in-comments.md says what each field means. It is strict: an entry that is wrong in form
refuses the file, with its number, its line and its field. Two other forms are read as well: the
`comments.json` of Postil's export, and the JSON that Isso imports, which is a list of threads.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from blog.lib.listing import clauses
from comments.models import Comment

from .entries import Entry, entries
from .said import Discussion, DiscussionError, Said
from .values import moment, text

SYSTEM = "Postil"
# What every field may hold; `page` and `id` have to be there, with one of the texts.
TEXTS = ("markdown", "html", "text")
NEEDED = ("page", "id")
NAMES = ("parent", "name", "email", "url", "address")
TIMES = ("at", "edited")
KNOWN = {*TEXTS, *NEEDED, *NAMES, *TIMES, "status", "likes", "title"}
# What Postil's comments.json calls the same; of its others nothing is needed for a comment.
OWN = {
    "essay": "page",
    "in_reply_to": "parent",
    "received": "at",
    "body": "markdown",
    "body_html": "html",
}
_TAG = re.compile(r"<[a-zA-Z!/]")
# Faults that are named before a file is refused.
MOST_FAULTS = 10


class CommentsJson(Discussion):
    """A file of comments. Raises DiscussionError with the entries that are wrong."""

    system = "comments"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.unknown = Counter[str]()
        faults: list[str] = []
        ids = set[bytes]()
        is_empty = True
        for entry in entries(path, SYSTEM):
            is_empty = False
            for said in _each(entry, self.name_unknown, faults):
                sum_ = hashlib.blake2b(said.id.encode(), digest_size=12).digest()
                if sum_ in ids:
                    faults.append(_fault(entry, _("its id “%(id)s” stood before"), id=said.id))
                ids.add(sum_)
            if len(faults) >= MOST_FAULTS:
                break
        if is_empty:
            raise DiscussionError(_("%(file)s holds no comments.") % {"file": path.name})
        if faults:
            raise DiscussionError(
                _("%(file)s is wrong in form. Correct it, and bring it then: %(faults)s.")
                % {"file": path.name, "faults": clauses(faults[:MOST_FAULTS])}
            )

    def name_unknown(self, name: str) -> None:
        if name in self.unknown or len(self.unknown) < MOST_FAULTS:
            self.unknown[name] += 1

    def unreadable(self) -> dict[str, list[str]]:
        if not self.unknown:
            return {}
        lines = [
            _("“%(field)s”: %(count)d") % {"field": name[:60], "count": count}
            for name, count in self.unknown.items()
        ]
        return {_("Fields that are not known here, and were left out"): lines}

    def said(self) -> Iterator[Said]:
        faults: list[str] = []
        for entry in entries(self.path, SYSTEM):
            yield from _each(entry, lambda _name: None, faults)
            if faults:  # it was changed since it was checked
                raise DiscussionError(faults[0])


def _each(entry: Entry, unknown: Callable[[str], None], faults: list[str]) -> Iterator[Said]:
    """Yield the comments of an entry, which is one, or one of Isso's threads."""
    fields = entry.fields
    if isinstance(fields.get("comments"), list):
        yield from _thread(entry, faults)
        return
    if "essay" in fields and "page" not in fields:
        if fields.get("kind", "comment") != "comment":
            yield _mention(fields)
            return
        fields = {OWN.get(name, name): value for name, value in fields.items()}
        fields = {name: value for name, value in fields.items() if name in KNOWN}
    found = len(faults)
    said = _Fields(entry._replace(fields=fields), faults).said()
    if len(faults) == found:
        for name in fields.keys() - KNOWN:
            unknown(name)
        yield said


class _Fields:
    """The fields of one entry; what is wrong with them is added to `faults`."""

    def __init__(self, entry: Entry, faults: list[str]) -> None:
        self.entry, self.fields, self.faults = entry, entry.fields, faults

    def said(self) -> Said:
        for name in NEEDED:
            if not self.text(name).strip():
                self.fault(_("“%(field)s” is missing"), field=name)
        given: dict[str, Any] = {name: self.text(name) for name in (*NEEDED, *NAMES)}
        return Said(
            **given,
            **self.words(),
            at=self.moment("at"),
            status=self.status(),
            lost=self.lost(),
        )

    def words(self) -> dict[str, str]:
        """Return its words as Markdown or as HTML.

        Where both stand, HTML counts if there are tags in the Markdown: not every system takes
        those for HTML, and what it took them for the HTML shows.
        """
        markdown, html, text = map(self.text, TEXTS)
        if text.strip() and (markdown.strip() or html.strip()):
            self.fault(_("“%(field)s” stands beside another text; give one"), field="text")
        if markdown.strip() and not (html.strip() and _TAG.search(markdown)):
            return {"markdown": markdown}
        return {"html": html if html.strip() else plain_html(text)}

    def text(self, name: str) -> str:
        value = self.fields.get(name)
        if value is not None and not (isinstance(value, str) or type(value) is int):
            self.fault(_("“%(field)s” should be text"), field=name)
        return text(value)

    def moment(self, name: str) -> datetime | None:
        value = self.fields.get(name)
        if value in (None, ""):
            return None
        found = _moment(value)
        if found is None:
            said = _("“%(field)s” is not a time such as 2021-03-02T08:15:00Z: “%(value)s”")
            self.fault(said, field=name, value=str(value)[:40])
        return found

    def status(self) -> str:
        """Return its status; what says none waits, so that nothing becomes public by itself."""
        value = self.fields.get("status") or Comment.Status.PENDING
        if value not in Comment.Status.values:
            said = _("“status” is none of approved, pending, spam and trash: “%(value)s”")
            self.fault(said, value=str(value)[:40])
        return str(value)

    def lost(self) -> dict[str, int]:
        likes = self.fields.get("likes")
        if likes is not None and type(likes) is not int:
            self.fault(_("“%(field)s” should be a whole number"), field="likes")
        lost = {}
        if type(likes) is int and 0 < likes < 10**9:
            lost[_("likes")] = likes
        if self.moment("edited"):
            lost[_("times of an edit")] = 1
        return lost

    def fault(self, said: str, **names: str) -> None:
        fault = _fault(self.entry, said, **names)
        if fault not in self.faults:
            self.faults.append(fault)


def _moment(value: Any) -> datetime | None:
    """Return a moment, by the site's clock where it names no zone."""
    try:
        found = datetime.fromisoformat(value.strip()) if isinstance(value, str) else None
    except ValueError:
        return None
    if found and not found.tzinfo:
        value = found.replace(tzinfo=timezone.get_default_timezone()).isoformat()
    return moment(value)


def _fault(entry: Entry, said: str, **names: str) -> str:
    return f"{entry.place}: {said % {name: value[:60] for name, value in names.items()}}"


def _mention(fields: dict[str, Any]) -> Said:
    """A mention of Postil's own export, which is not a comment."""
    return Said(
        id=text(fields.get("id")),
        page=text(fields.get("essay")),
        name=text(fields.get("name")),
        left_out=_("a mention and no comment"),
    )


def plain_html(text: str) -> str:
    """Return plain text as HTML: blank lines part paragraphs, and other line ends stay."""
    paragraphs = text.replace("\r\n", "\n").strip("\n").split("\n\n")
    lines = ["<br>".join(escape(part).split("\n")) for part in paragraphs if part.strip()]
    return "".join(f"<p>{line}</p>" for line in lines)


# --- Isso's form ----------------------------------------------------------------------------


def _thread(entry: Entry, faults: list[str]) -> Iterator[Said]:
    """Yield the comments of one thread as Isso imports them: all public, none in reply."""
    page = text(entry.fields.get("id"))
    if not page.strip():
        faults.append(_fault(entry, _("“%(field)s” is missing"), field="id"))
        return
    seen = Counter[str]()
    for row in entry.fields["comments"]:
        if not isinstance(row, dict) or not isinstance(row.get("text", ""), str):
            faults.append(_fault(entry, _("a comment in it has no “text”")))
            return
        id = text(row.get("id"))
        seen[id] += 1
        again = f"~{seen[id]}" if seen[id] > 1 else ""
        yield Said(
            id=f"{page}#{id}{again}",
            page=page,
            name=text(row.get("author")),
            email=text(row.get("email")),
            url=text(row.get("website")),
            markdown=text(row.get("text")),
            at=_moment(row.get("created")),
        )
