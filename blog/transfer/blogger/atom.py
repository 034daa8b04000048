"""Reading Blogger's Atom: its entries one at a time, in constant memory.

There are two forms. The export that Blogger had of its own says by a category what an entry is;
Google's Takeout, since 2018, has elements of its own for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from lxml import etree

from blog.jobs.alive import still_working
from blog.transfer.xml_characters import Readable

ATOM = "http://www.w3.org/2005/Atom"
_NAMES = {
    ATOM: "",
    "http://schemas.google.com/blogger/2018": "blogger:",
    "http://purl.org/syndication/thread/1.0": "thr:",
    "http://schemas.google.com/g/2005": "gd:",
    "http://purl.org/atom/app#": "app:",
    "http://www.w3.org/2007/app": "app:",
}
_KIND = re.compile(r"https?://schemas\.google\.com/blogger/2008/kind#([a-z]+)")
_LABELS = re.compile(r"https?://www\.blogger\.com/atom/ns#|tag:blogger\.com,.*")
_NUMBER = re.compile(r"(?:post|page)-([0-9A-Za-z_]{1,60})\Z")
_LAST = re.compile(r"/([0-9]{1,60})/?\Z")
# No entities, no DTD and nothing from the network; libxml2's limits hold.
_SAFELY: Any = {
    "resolve_entities": False,
    "load_dtd": False,
    "no_network": True,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


class BloggerError(ValueError):
    """The file was refused. The message is one translated sentence saying what and where."""


@dataclass(slots=True)
class Item:
    """One entry of the file: `kind` is post, page, comment, or what else Blogger keeps."""

    id: str = ""
    kind: str = ""
    # Takeout's word for who sees it; "" where the form has none.
    status: str = ""
    is_takeout: bool = False
    trashed: str = ""  # when it was thrown away
    is_draft: bool = False
    is_removed: bool = False
    title: str = ""
    html: str = ""
    standfirst: str = ""
    created: str = ""
    published: str = ""
    updated: str = ""
    labels: list[str] = field(default_factory=list)
    name: str = ""
    url: str = ""
    email: str = ""
    # Its page, or in Takeout the path of it.
    address: str = ""
    # The numbers of the post that a comment stands under, and of the comment that it answers.
    post: str = ""
    answers: str = ""

    @property
    def number(self) -> str:
        """What entries call each other by: the same for a page, which comments call a post."""
        found = _NUMBER.search(self.id)
        return found[1] if found else self.id[:200]


@dataclass
class Feed:
    """What a file says of itself besides its entries."""

    id: str = ""
    title: str = ""
    address: str = ""
    is_takeout: bool = False
    # What XML does not have and was left out, by line.
    unreadable: dict[int, list[str]] = field(default_factory=dict)


def items(path: Path, feed: Feed | None = None) -> Iterator[Item]:
    """Yield the entries of a file in order; raises BloggerError where it is none or breaks off."""
    feed = Feed() if feed is None else feed
    for name, element in _children(path, feed):
        if name == "entry":
            still_working()
            item = _item(element)
            item.is_takeout = feed.is_takeout
            yield item
        elif name == "id":
            feed.id = _text(element)
        elif name == "title":
            feed.title = _text(element)
        elif name == "link" and element.get("rel") == "alternate":
            feed.address = feed.address or (element.get("href") or "").strip()


def _item(element: etree._Element) -> Item:
    item = Item()
    for child in element:
        name = _name(child)
        if reader := _READERS.get(name):
            setattr(item, reader, getattr(item, reader) or _text(child))
        elif name in {"content", "summary"}:
            item.html = item.html or _html(child)
        elif name == "author":
            _read_author(item, child)
        elif name == "category":
            _read_category(item, child)
        elif name == "link":
            _read_link(item, child)
        elif name == "thr:in-reply-to":
            item.post = item.post or _number_in(child.get("ref", ""), child.get("source", ""))
        elif name == "blogger:type":
            item.kind = _text(child).lower()[:40]
        elif name == "app:control":
            item.is_draft = any(_text(part).lower() not in {"", "no"} for part in child)
        elif name == "gd:extendedProperty":
            is_removal = child.get("name") == "blogger.contentRemoved"
            item.is_removed |= is_removal and child.get("value", "").lower() == "true"
    item.post, item.answers = _number_in(item.post), _number_in(item.answers)
    return item


_READERS = {
    "id": "id",
    "title": "title",
    "published": "published",
    "updated": "updated",
    "blogger:created": "created",
    "blogger:status": "status",
    "blogger:filename": "address",
    "blogger:trashed": "trashed",
    "blogger:metaDescription": "standfirst",
    "blogger:parent": "post",
    "blogger:inReplyTo": "answers",
}


def _read_author(item: Item, element: etree._Element) -> None:
    if item.name:
        return  # the first of several
    said = {_name(part): _text(part) for part in element}
    item.name, item.url = said.get("name", ""), said.get("uri", "")
    email = said.get("email", "")
    item.email = "" if email.lower().startswith("noreply@") else email


def _read_category(item: Item, element: etree._Element) -> None:
    scheme, term = element.get("scheme", ""), element.get("term", "").strip()
    if found := _KIND.fullmatch(term):
        item.kind = item.kind or found[1]
    elif term and _LABELS.fullmatch(scheme) and term not in item.labels:
        item.labels.append(term)


def _read_link(item: Item, element: etree._Element) -> None:
    relation, address = element.get("rel", ""), (element.get("href") or "").strip()
    if relation == "alternate" and address:
        item.address = item.address or address
    elif relation == "related" and "/comments/" in address:
        item.answers = item.answers or address


def _number_in(*said: str) -> str:
    """Return the number of an entry from its id, or from the address of its own feed."""
    for each in said:
        each = each.strip()
        if found := _NUMBER.search(each) or _LAST.search(each):
            return found[1]
    return next((each.strip()[:200] for each in said if each.strip()), "")


# --- XML ------------------------------------------------------------------------------------


def _name(element: etree._Element) -> str:
    """Return a name such as `blogger:type`; of Atom's own `title`; "?" for any other."""
    namespace, _brace, name = element.tag.removeprefix("{").rpartition("}")
    prefix = _NAMES.get(namespace)
    return "?" if prefix is None else prefix + name


def _text(element: etree._Element) -> str:
    return "".join(element.itertext()).strip()


def _html(element: etree._Element) -> str:
    """Return what an element holds as HTML, in whichever of Atom's three ways it is written."""
    kind = element.get("type", "text").lower()
    if kind == "xhtml" or (len(element) and kind != "text"):
        for part in element.iter():
            part.tag = etree.QName(part).localname
        inner = "".join(map(_alone, element))
        return (escape(element.text or "", quote=False) + inner).strip()
    text = _text(element)
    return escape(text, quote=False) if kind in {"text", "text/plain"} else text


def _alone(element: etree._Element) -> str:
    """Return an element without the namespaces of what it stands in."""
    copy = deepcopy(element)
    etree.cleanup_namespaces(copy)
    return etree.tostring(copy, encoding="unicode")


def _children(path: Path, feed: Feed) -> Iterator[tuple[str, etree._Element]]:
    """Yield each child of `<feed>` with its name, and free it afterwards."""
    try:
        with path.open("rb") as file:
            _refuse_by_its_head(file.read(4096), path)
            file.seek(0)
            depth = 0
            readable = Readable(file)
            for event, element in etree.iterparse(readable, events=("start", "end"), **_SAFELY):
                if event == "start":
                    if not depth:
                        _look_at_its_root(element, path, feed)
                    depth += 1
                    continue
                depth -= 1
                if depth == 1:
                    yield _name(element), element
                if depth <= 1:
                    element.clear()
                    while element.getprevious() is not None:
                        del element.getparent()[0]
            feed.unreadable = readable.lines
    except BloggerError:
        raise
    except (etree.XMLSyntaxError, OSError, ValueError, LookupError) as error:
        raise _in_words(error, path) from error


def _in_words(error: Exception, path: Path) -> BloggerError:
    """Return the error that says what is wrong with the file, and where."""
    if isinstance(error, etree.XMLSyntaxError):
        line, column = error.position
        said = " ".join(re.sub(r", line \d+, column \d+", "", error.msg or "").split())
        return BloggerError(
            _("%(file)s is not well-formed XML at line %(line)d, column %(column)d: %(said)s.")
            % {"file": path, "line": line, "column": column, "said": said.rstrip(" .")}
        )
    reason = getattr(error, "strerror", None) or error
    return BloggerError(
        _("%(file)s cannot be read: %(reason)s.") % {"file": path, "reason": reason}
    )


def _refuse_by_its_head(head: bytes, path: Path) -> None:
    """Raise BloggerError for what the first bytes show, in words a person expects."""
    start = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if not head.strip():
        message = _("%(file)s is empty.")
    elif head.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf")):
        message = _("%(file)s is compressed: unpack it first, then import the feed in it.")
    elif start.startswith((b"<!doctype html", b"<html")):
        message = _("%(file)s is a web page, not a Blogger export: perhaps a page to log in.")
    elif not start.startswith(b"<"):
        message = _("%(file)s is not XML, so it is not a Blogger export.")
    else:
        return
    raise BloggerError(message % {"file": path})


def _look_at_its_root(root: etree._Element, path: Path, feed: Feed) -> None:
    if root.getroottree().docinfo.doctype:
        raise BloggerError(
            _("%(file)s has a DOCTYPE, which no Blogger export has and which can be an attack.")
            % {"file": path}
        )
    if root.tag != f"{{{ATOM}}}feed":
        raise BloggerError(
            _(
                "%(file)s begins with <%(tag)s> and not with Atom’s <feed>, so it is not a Blogger"
                " export."
            )
            % {"file": path, "tag": etree.QName(root).localname}
        )
    feed.is_takeout = "http://schemas.google.com/blogger/2018" in root.nsmap.values()
