"""Comments of Disqus, from the XML that it exports (disqus.xsd): threads, and posts in them.

Disqus has no mark for what waits for approval; a post is deleted, spam or neither. Deleted posts
keep their words, which are not ours to publish.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, cast

from django.utils.translation import gettext as _
from lxml import etree

from blog.lib.listing import listed
from blog.transfer.xml_characters import Readable
from comments.models import Comment

from .files import opened
from .said import Discussion, DiscussionError, Page, Said

# What a post has that is read, or says nothing of the post itself.
_READ = frozenset(
    "id message createdAt isDeleted isSpam isApproved author ipAddress thread parent forum".split()
)
_ADDRESS = re.compile(r"https?://\S+|\A/\S*")
_WORDPRESS = re.compile(r"wp_id=([0-9]{1,20})")
_SPOILER = re.compile(r"</?spoiler>", re.IGNORECASE)
# Bytes before the first tag that are left out, and reported.
_MOST_JUNK = 1000

# No entities, no DTD and nothing from the network; libxml2's limits hold.
_SAFELY = {
    "resolve_entities": False,
    "load_dtd": False,
    "no_network": True,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


class _From:
    """A file as if it began later."""

    def __init__(self, file: IO[bytes], start: int) -> None:
        self.file, self.start = file, start

    def read(self, size: int = -1) -> bytes:
        return self.file.read(size)

    def seek(self, place: int) -> int:
        return self.file.seek(self.start + place)


class Disqus(Discussion):
    system = "disqus"
    anchor = "comment-"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.left_out: dict[str, list[str]] = {}

    def unreadable(self) -> dict[str, list[str]]:
        return self.left_out

    def pages(self) -> Iterator[Page]:
        for name, element in self.elements():
            if name == "thread":
                yield _page(element)

    def said(self) -> Iterator[Said]:
        for name, element in self.elements():
            if name == "post":
                yield _said(element)

    def elements(self) -> Iterator[tuple[str, etree._Element]]:
        """Yield each child of the root with its name, and free it afterwards."""
        with opened(self.path, "Disqus") as file:
            self.left_out = {}
            readable = Readable(self.without_junk(file))
            try:
                yield from self.children(readable)
            except etree.XMLSyntaxError as error:
                raise self.in_words(error) from error
            except (ValueError, LookupError) as error:
                if isinstance(error, DiscussionError):
                    raise
                raise self.refused(_("%(file)s cannot be read: %(why)s."), why=error) from error
            for line, names in readable.lines.items():
                said = _("line %(line)d: %(names)s") % {"line": line, "names": listed(names)}
                heading = _("Characters that XML does not have were left out")
                self.left_out.setdefault(heading, []).append(said)

    def children(self, file: Readable) -> Iterator[tuple[str, etree._Element]]:
        depth = 0
        for event, element in etree.iterparse(file, events=("start", "end"), **_SAFELY):
            if event == "start":
                if not depth:
                    self.check_root(element)
                depth += 1
                continue
            depth -= 1
            if depth == 1:
                yield _name(element), element
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]

    def without_junk(self, file: IO[bytes]) -> IO[bytes]:
        """Return the file from its first tag on, if only a little stands before it."""
        head = file.read(_MOST_JUNK)
        start = head.find(b"<")
        junk = head[: max(start, 0)].removeprefix(b"\xef\xbb\xbf").strip()
        if b"\0" in head or not junk or b"\n" in junk:
            start = 0
        if start:
            heading = _("Left out, because it stands before the first tag")
            self.left_out[heading] = [junk[:100].decode(errors="replace")]
        file.seek(max(start, 0))
        return cast("IO[bytes]", _From(file, max(start, 0)))

    def check_root(self, root: etree._Element) -> None:
        if root.getroottree().docinfo.doctype:
            raise self.refused(
                _("%(file)s has a DOCTYPE, which no Disqus export has and which can be an attack.")
            )
        if _name(root) != "disqus":
            raise self.refused(
                _("%(file)s begins with <%(tag)s> and not with <disqus>: no Disqus export."),
                tag=_name(root),
            )

    def in_words(self, error: etree.XMLSyntaxError) -> DiscussionError:
        line, column = error.position
        said = " ".join(re.sub(r", line \d+, column \d+", "", error.msg or "").split())
        return self.refused(
            _("%(file)s is not well-formed XML at line %(line)d, column %(column)d: %(said)s."),
            line=line,
            column=column,
            said=said.rstrip(" ."),
        )

    def refused(self, message: str, **said: object) -> DiscussionError:
        return DiscussionError(message % {"file": self.path, **said})


# --- Threads and posts ------------------------------------------------------------------------


def _page(thread: etree._Element) -> Page:
    said = _texts(thread)
    addresses = [said.get("link", ""), *_ADDRESS.findall(said.get("id", ""))]
    is_deleted = _truth(said.get("isDeleted", "")) is not False
    return Page(
        name=_thread_name(_id(thread)),
        addresses=tuple(filter(None, addresses)),
        closed=_truth(said.get("isClosed", "")) is True,
        left_out=_("its discussion was deleted there") if is_deleted else "",
    )


def _thread_name(id: str) -> str:
    """Return what a thread is called that has no address; a table of addresses can say so."""
    return f"thread {id}"


def _said(post: etree._Element) -> Said:
    said = _texts(post)
    refers = {_name(child): _id(child) for child in post if _name(child) in {"thread", "parent"}}
    author = next((_texts(child) for child in post if _name(child) == "author"), {})
    deleted = _truth(said.get("isDeleted", ""))
    return Said(
        id=_id(post),
        page=_thread_name(refers.get("thread", "")),
        parent=refers.get("parent", ""),
        name=author.get("name") or author.get("username", ""),
        email=author.get("email", ""),
        url=author.get("link") or author.get("url", ""),
        address=said.get("ipAddress", ""),
        html=_SPOILER.sub("", said.get("message", "")),
        at=_moment(said.get("createdAt", "")),
        status=_status(said),
        left_out=_("deleted there") if deleted else "",
        lost=_lost(said, author),
        wordpress=taken[1] if (taken := _WORDPRESS.fullmatch(said.get("id", ""))) else "",
    )


def _status(said: dict[str, str]) -> str:
    """Return the status here. What says neither yes nor no is not public."""
    spam, deleted = _truth(said.get("isSpam", "")), _truth(said.get("isDeleted", ""))
    approved = _truth(said.get("isApproved", "true"))
    if spam:
        return Comment.Status.SPAM
    is_sure = spam is False and deleted is False and approved is True
    return Comment.Status.APPROVED if is_sure else Comment.Status.PENDING


def _lost(said: dict[str, str], author: dict[str, str]) -> dict[str, int]:
    lost = {}
    if author.get("username"):
        lost[_("names of accounts at Disqus")] = 1
    for name, text in said.items():
        if name in _READ or not text or text in {"0", "false"}:
            continue
        number = int(text) if text.isdecimal() and len(text) < 10 else 1
        lost[_("“%(name)s”") % {"name": name}] = number
    return lost


def _truth(text: str) -> bool | None:
    """Return yes or no, no for nothing, None for what is neither."""
    return {"true": True, "1": True, "false": False, "0": False, "": False}.get(text.lower())


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


# --- XML ------------------------------------------------------------------------------------


def _name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _id(element: etree._Element) -> str:
    return next((v.strip() for k, v in element.items() if k.rpartition("}")[2] == "id"), "")


def _texts(element: etree._Element) -> dict[str, str]:
    """Return the text of each child by its name; the first of a name counts."""
    found: dict[str, str] = {}
    for child in element:
        if _name(child) != "author":
            found.setdefault(_name(child), "".join(child.itertext()).strip())
    return found
