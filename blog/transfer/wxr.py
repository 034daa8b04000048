"""Reading WXR, the XML that WordPress exports: its items one at a time, in constant memory.

WordPress documents the format only in its own exporter, wp-admin/includes/export.php. Versions
1.0 to 1.2 differ in the address of their namespace and in what elements there are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from django.utils.translation import gettext as _
from lxml import etree

from .xml_characters import Readable


class WxrError(ValueError):
    """The file was refused. The message is one translated sentence saying what and where."""


@dataclass
class Author:
    login: str
    id: str = ""
    email: str = ""
    name: str = ""


@dataclass(slots=True)
class Attachment:
    """A file of the blog, and the page WordPress showed it on."""

    id: str
    address: str
    page: str
    title: str = ""
    alt: str = ""
    caption: str = ""
    parent: str = ""
    order: int = 0
    status: str = ""


@dataclass
class Term:
    """A category or a tag, whether or not a post has it."""

    kind: str
    id: str
    slug: str
    parent: str = ""


@dataclass
class Blog:
    """What a file says of itself, known before its first item is imported."""

    url: str = ""
    title: str = ""
    version: str = ""
    authors: list[Author] = field(default_factory=list)
    types: Counter[str] = field(default_factory=Counter)
    attachments: list[Attachment] = field(default_factory=list)
    terms: list[Term] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)  # under which the blog was or is read
    public: set[str] = field(default_factory=set)  # the numbers of posts and pages that were
    # What XML does not have and was left out, by line.
    unreadable: dict[int, list[str]] = field(default_factory=dict)


@dataclass
class Item:
    """One post, page, picture or menu entry; `fields` by names such as `wp:post_id` or `title`."""

    fields: dict[str, str]
    categories: list[tuple[str, str, str]]  # domain, nicename, name
    # Of a comment the fields too, and its metadata under names such as `meta:_wp_trash_meta_time`.
    comments: list[dict[str, str]]
    meta: list[tuple[str, str]]

    def __getitem__(self, name: str) -> str:
        """Return a field without white space at its ends, "" where the item has none."""
        return self.fields.get(name, "")

    @property
    def id(self) -> str:
        """The number in WordPress; where the element is missing, an address like /?p=4 has it."""
        if self["wp:post_id"]:
            return self["wp:post_id"]
        query = parse_qs(split_address(self["link"]).query)
        return (query.get("p") or query.get("page_id") or [""])[0]

    @property
    def type(self) -> str:
        return self["wp:post_type"] or "post"


def split_address(address: str):
    """`urlsplit` that takes what is not an address for an empty one."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


def survey(path: Path) -> Blog:
    """Read the whole file once: is it sound, whose is it, and how much is in it?

    Raises WxrError, so that a broken file is refused before anything is written.
    """
    blog = Blog()
    for name, element in _channel(path, blog.unreadable):
        if name == "item":
            _survey_item(blog, element)
        elif name == "wp:author":
            said = _fields(element)
            full = f"{said.get('wp:author_first_name', '')} {said.get('wp:author_last_name', '')}"
            blog.authors.append(
                Author(
                    login=said.get("wp:author_login", ""),
                    id=said.get("wp:author_id", ""),
                    email=said.get("wp:author_email", ""),
                    name=said.get("wp:author_display_name") or full.strip(),
                )
            )
        elif name in _TERMS:
            blog.terms.append(_term(_TERMS[name], _fields(element)))
        elif name == "wp:wxr_version":
            blog.version = _text(element)
        elif name == "title":
            blog.title = _text(element)
        # Blogs of one network share the site's address; the blog's own comes later in the file.
        elif name == "wp:base_blog_url" or (name in {"link", "wp:base_site_url"} and not blog.url):
            blog.url = _text(element) or blog.url
    if not blog.version and not blog.types:
        raise WxrError(
            _("%(file)s says no WXR version and holds no items, so it is not a WordPress export.")
            % {"file": path}
        )
    return blog


def _survey_item(blog: Blog, element: etree._Element) -> None:
    said = _fields(element)
    kind = said.get("wp:post_type") or "post"
    blog.types[kind] += 1
    number, status = said.get("wp:post_id", ""), said.get("wp:status", "")
    _survey_hosts(blog, said)
    if kind in {"post", "page"} and status == "publish" and not said.get("wp:post_password"):
        blog.public.add(number)
    if kind != "attachment":
        return
    meta = dict(_meta(element, "wp:postmeta"))
    order = said.get("wp:menu_order", "")
    blog.attachments.append(
        Attachment(
            id=number,
            address=said.get("wp:attachment_url") or said.get("guid", ""),
            page=said.get("link", ""),
            title=said.get("title", ""),
            alt=meta.get("_wp_attachment_image_alt", ""),
            caption=said.get("excerpt:encoded", ""),
            parent=said.get("wp:post_parent", ""),
            order=int(order) if order.isdecimal() and len(order) < 9 else 0,
            status=status,
        )
    )


def _survey_hosts(blog: Blog, said: dict[str, str]) -> None:
    """Note the host of an item's guid, which names the blog as it was called then."""
    guid = split_address(said.get("guid", ""))
    number = said.get("wp:post_id", "")
    ids = parse_qs(guid.query)
    numbers = [*ids.get("p", []), *ids.get("page_id", []), *ids.get("attachment_id", [])]
    if number in numbers or (guid.path and "/uploads/" in guid.path):
        blog.hosts.add(guid.netloc.lower())


_TERMS = {"wp:category": "category", "wp:tag": "tag"}


def _term(kind: str, said: dict[str, str]) -> Term:
    slug = said.get("wp:category_nicename" if kind == "category" else "wp:tag_slug", "")
    return Term(kind, said.get("wp:term_id", ""), slug, said.get("wp:category_parent", ""))


def items(path: Path) -> Iterator[Item]:
    """Yield the items of a file in order; raises WxrError where it breaks off."""
    for name, element in _channel(path):
        if name == "item":
            yield Item(
                fields=_fields(element),
                categories=[
                    (part.get("domain", ""), part.get("nicename", ""), _text(part))
                    for part in element
                    if part.tag == "category"
                ],
                comments=[
                    _fields(part)
                    | {f"meta:{key}": value for key, value in _meta(part, "wp:commentmeta")}
                    for part in element
                    if _name(part.tag) == "wp:comment"
                ],
                meta=_meta(element, "wp:postmeta"),
            )


# --- XML ------------------------------------------------------------------------------------

# http in what WordPress writes, https in files that a careful hand has gone over.
_NAMESPACES = [
    (re.compile(r"https?://wordpress\.org/export/[\d.]+/excerpt/?"), "excerpt"),
    (re.compile(r"https?://wordpress\.org/export/[\d.]+/?"), "wp"),
    (re.compile(r"https?://purl\.org/rss/1\.0/modules/content/?"), "content"),
    (re.compile(r"https?://purl\.org/dc/elements/1\.1/?"), "dc"),
]


def _name(tag: str) -> str:
    """Return `wp:post_id` for `{http://wordpress.org/export/1.2/}post_id`."""
    namespace, brace, name = tag.removeprefix("{").partition("}")
    if not brace:
        return tag
    prefixes = (prefix for pattern, prefix in _NAMESPACES if pattern.fullmatch(namespace))
    return f"{next(prefixes, '?')}:{name}"


def _text(element: etree._Element) -> str:
    return "".join(element.itertext()).strip()


def _fields(element: etree._Element) -> dict[str, str]:
    """Return the text of each child that has no children itself; the first of a name counts."""
    fields: dict[str, str] = {}
    for child in element:
        if len(child) == 0:
            fields.setdefault(_name(child.tag), _text(child))
    return fields


def _meta(element: etree._Element, name: str) -> list[tuple[str, str]]:
    """Return the keys and values that plugins, and Postil's own export, keep with it.

    A value's white space belongs to it.
    """
    found = []
    for child in element:
        if _name(child.tag) == name:
            texts = {_name(part.tag): "".join(part.itertext()) for part in child}
            found.append((texts.get("wp:meta_key", ""), texts.get("wp:meta_value", "")))
    return found


# No entities, no DTD and nothing from the network; libxml2's limits hold.
_SAFELY = {
    "resolve_entities": False,
    "load_dtd": False,
    "no_network": True,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


def _in_words(error: Exception, path: Path) -> WxrError:
    """Return the error that says what is wrong with the file, and where."""
    if isinstance(error, etree.XMLSyntaxError):
        line, column = error.position
        said = " ".join(re.sub(r", line \d+, column \d+", "", error.msg or "").split())
        return WxrError(
            _("%(file)s is not well-formed XML at line %(line)d, column %(column)d: %(said)s.")
            % {"file": path, "line": line, "column": column, "said": said.rstrip(" .")}
        )
    reason = getattr(error, "strerror", None) or error
    return WxrError(_("%(file)s cannot be read: %(reason)s.") % {"file": path, "reason": reason})


def _channel(
    path: Path, unreadable: dict[int, list[str]] | None = None
) -> Iterator[tuple[str, etree._Element]]:
    """Yield each child of `<channel>` with its name, and free it afterwards.

    Entities stay as they are, no DTD and nothing from the network is read, and libxml2's limits
    on depth, size and growth hold.
    """
    seen_channel = False
    try:
        with path.open("rb") as file:
            _refuse_by_its_head(file.read(4096), path)
            file.seek(0)
            above: list[str] = []
            readable = Readable(file)
            for event, element in etree.iterparse(readable, events=("start", "end"), **_SAFELY):
                if event == "start":
                    if not above:
                        _refuse_by_its_root(element, path)
                    above.append(element.tag)
                    seen_channel = seen_channel or above == ["rss", "channel"]
                    continue
                above.pop()
                if above == ["rss", "channel"]:
                    yield _name(element.tag), element
                if len(above) <= 2:
                    element.clear()
                    while element.getprevious() is not None:
                        del element.getparent()[0]
    except WxrError:
        raise
    except (etree.XMLSyntaxError, OSError, ValueError, LookupError) as error:
        raise _in_words(error, path) from error
    if unreadable is not None:
        unreadable.update(readable.lines)
    if not seen_channel:
        raise WxrError(
            _("%(file)s has no <channel> in its <rss>, so it is not a WordPress export.")
            % {"file": path}
        )


def _refuse_by_its_head(head: bytes, path: Path) -> None:
    """Raise WxrError for what the first bytes show, in words a person expects."""
    # UTF-16 has a zero beside each letter, and begins with a mark like UTF-8 may.
    start = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if not head.strip():
        message = _("%(file)s is empty.")
    elif head.startswith((b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zXZ")):
        message = _("%(file)s is compressed: unpack it first, then import the .xml file in it.")
    elif start.startswith((b"<!doctype html", b"<html")):
        message = _("%(file)s is a web page, not a WordPress export: perhaps a page to log in.")
    elif not start.startswith(b"<"):
        message = _("%(file)s is not XML, so it is not a WordPress export.")
    else:
        return
    raise WxrError(message % {"file": path})


def _refuse_by_its_root(root: etree._Element, path: Path) -> None:
    if root.getroottree().docinfo.doctype:
        raise WxrError(
            _("%(file)s has a DOCTYPE, which no WordPress export has and which can be an attack.")
            % {"file": path}
        )
    if root.tag != "rss":
        raise WxrError(
            _("%(file)s begins with <%(tag)s> and not with <rss>, so it is not a WordPress export.")
            % {"file": path, "tag": etree.QName(root).localname}
        )
    if not any(_NAMESPACES[1][0].fullmatch(address) for address in root.nsmap.values()):
        raise WxrError(
            _("%(file)s is an RSS feed and not a WordPress export (Tools, Export in WordPress).")
            % {"file": path}
        )
