"""Pictures and links of an imported text: brought along, or led to where they stand here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape, unescape
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext as _

from blog.lib.listing import labelled, listed
from blog.markup.from_html.around import Around
from blog.markup.from_html.html_to_markdown import Converted, noted
from blog.media.names import FOLDER
from blog.transfer.old_site import is_file
from blog.transfer.pictures import Pictures
from blog.transfer.report import Report

from .code import outside_code
from .entries import HERE, Entry, System
from .paths import path_of, relative_to

# What the library keeps; other files have no place here.
_FILES = re.compile(
    r"[^?#]*\.(?:jpe?g|png|gif|webp|avif|heic|svg|bmp|tiff?|mp3|m4a|ogg|oga|opus|mp4|webm|mov)",
    re.I,
)
_ADDRESS = r"<[^<>\n]{0,2000}>|[^\s()<>]{1,2000}(?:\([^\s()]{0,500}\)[^\s()]{0,500}){0,4}"
_TITLE = r"""(?:[ \t\n]{1,8}(?P<title>"(?:[^"\\]|\\.){0,2000}"|'(?:[^'\\]|\\.){0,2000}'))?"""
_EITHER = re.compile(
    r"!\[(?P<alt>(?:[^\[\]\\]|\\.){0,2000})\]\([ \t]{0,8}"
    rf"(?P<image>{_ADDRESS}){_TITLE}[ \t\n]{{0,8}}\)"
    rf"|(?P<before>\]\([ \t]{{0,8}})(?P<link>{_ADDRESS})"
    # A definition, whose link stands elsewhere.
    r"|(?P<label>^ {0,3}\[(?!\^)[^\[\]\n]{1,300}\]:[ \t]{0,8})"
    r"(?P<defined><[^<>\n]{1,2000}>|[^\s<>]{1,2000})",
    re.MULTILINE,
)
_TAG = re.compile(r"<(img|a|source|video|audio)(\s[^<>]{0,3000})>", re.I)
_ATTRIBUTE = re.compile(
    r"""\b(src|href|alt|srcset)\s{0,8}=\s{0,8}("[^"]*"|'[^']*'|[^\s"'<>]+)""", re.I
)
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]{0,30}:")


class Links:
    """Where files and entries of a folder are on this site.

    `planned` says by an entry's file the path it has here, and `moved` by its path there.
    """

    def __init__(self, system: System, pictures: Pictures, report: Report) -> None:
        self.system, self.pictures, self.report = system, pictures, report
        self.planned: dict[str, str] = {}
        self.moved: dict[str, str] = {}

    def plan(self, entry: Entry, here: str) -> None:
        self.planned[entry.file] = here
        for old in (entry.address, *entry.old):
            if path := path_of(old):
                self.moved.setdefault(path, here)

    def reference(self, entry: Entry, said: str) -> str | None:
        """Return where an entry is that another names as its program has it; None for nowhere.

        It is marked as an address of this site, lest it be read as one of the old blog.
        """
        for path in self.system.reference(entry, said):
            if path in self.planned:
                return HERE + self.planned[path]
        self.note_nowhere(entry, said)
        return None

    def note_tags(self, entry: Entry, names: Iterable[str]) -> None:
        heading = _("Holds tags of its program, which now show as text")
        self.report.note(heading, labelled(entry.what, listed(names)))

    def note_nowhere(self, entry: Entry, address: str) -> None:
        self.report.note(_("Links that lead nowhere here"), labelled(entry.what, address[:300]))

    # --- Texts ------------------------------------------------------------------------------

    def rewritten(self, entry: Entry, text: str) -> str:
        """Return a text with its pictures brought along and its links leading to what is here."""
        if entry.is_html:
            return self._html(entry, text)
        return outside_code(text, lambda part: self._markdown(entry, part))

    def _markdown(self, entry: Entry, text: str) -> str:
        def either(found: re.Match[str]) -> str:
            return self._image(entry, found) if found["image"] else self._link(entry, found)

        # In one pass, so that nothing which was made is read again.
        text = _EITHER.sub(either, text)
        return self._html(entry, text)

    def _image(self, entry: Entry, found: re.Match[str]) -> str:
        title = found["title"][1:-1] if found["title"] else ""
        words = re.sub(r"\\(.)", r"\1", found["alt"])
        made = self.picture(entry, _bare(found["image"]), words, title)
        return found[0] if made is None else made

    def _link(self, entry: Entry, found: re.Match[str]) -> str:
        before, source = found["before"] or found["label"], found["link"] or found["defined"]
        address = _bare(source)
        led = self.led(entry, address)
        if led == address:
            return found[0]
        return f"{before}<{led}>" if re.search(r"[\s()]", led) else f"{before}{led}"

    def picture(self, entry: Entry, address: str, alt: str, title: str = "") -> str | None:
        """Return what shows a picture; None for one that is somebody else's, or here already."""
        file = self.file_of(entry, address)
        if file is None and not self.is_own(address):
            return None
        return self.pictures.markdown(
            file or self._looked_for(entry, address), entry.what, alt=alt, title=title
        )

    def _html(self, entry: Entry, text: str) -> str:
        def tag(found: re.Match[str]) -> str:
            name = found[1].lower()
            given = {key.lower(): _unquoted(value) for key, value in _ATTRIBUTE.findall(found[2])}
            address = given.get("href" if name == "a" else "src", "")
            if not address:
                return found[0]
            if name == "a":
                return _with(found[0], "href", address, self.led(entry, address))
            return self._embedded(entry, found[0], name, address, given.get("alt", ""))

        return _TAG.sub(tag, text)

    def _embedded(self, entry: Entry, source: str, name: str, address: str, alt: str) -> str:
        file = self.file_of(entry, address)
        if file is None and not self.is_own(address):
            return source
        here = self.pictures.address(file or self._looked_for(entry, address), entry.what, alt=alt)
        if here is not None:
            return _with(
                re.sub(r"""\ssrcset\s{0,8}=\s{0,8}("[^"]*"|'[^']*')""", "", source),
                "src",
                address,
                here,
            )
        if name != "img":
            return source
        said = self.pictures.markdown(file or self._looked_for(entry, address), entry.what, alt=alt)
        words = said[1 : said.rindex("](")]
        if entry.is_html:
            words = escape(re.sub(r"\\(.)", r"\1", words))
            return f'<a href="{escape(address)}">{words}</a>'
        return said

    def converted(self, entry: Entry, text: str, notes: dict[str, str] | None = None) -> Converted:
        """Return a whole text as Markdown, with its pictures and links as they are here.

        `notes` has the HTML of its notes by the names that `<sup data-fn="name">` has for them.
        """
        if not entry.is_html:
            return Converted(self.rewritten(entry, text))
        return noted(text, breaks=False, around=OfEntry(self, entry, notes))

    # --- Addresses --------------------------------------------------------------------------

    def is_own(self, address: str) -> bool:
        """Whether an address means the blog itself: it has no host, or the blog's own."""
        if address.startswith(FOLDER) or address.startswith("#") or not address:
            return False
        if not (_SCHEME.match(address) or address.startswith("//")):
            return True
        try:
            parts = urlsplit(address)
        except ValueError:
            return False
        host = parts.netloc.lower().removeprefix("www.")
        return parts.scheme in ("", "http", "https") and host in self.hosts

    @property
    def hosts(self) -> set[str]:
        return {host.removeprefix("www.") for host in self.system.hosts}

    def own(self, entry: Entry, address: str) -> str | None:
        """Return an address of the blog's own without its host; None for any other."""
        if not self.is_own(address):
            return None
        return relative_to(_without_host(address.strip()), entry.address or "/")

    def media_of(self, entry: Entry, address: str) -> str | None:
        """Return by which address a file of the blog is looked for; None if it has no such."""
        own = self.own(entry, address)
        return None if own is None else self.system.file_at(own)

    def _looked_for(self, entry: Entry, address: str) -> str:
        return self.system.file_at(address) if self.is_own(address) else address

    def file_of(self, entry: Entry, address: str) -> str | None:
        """Return the file of the folder that an address means; None where there is none."""
        if not self.is_own(address):
            return None
        for path in self._paths(entry, address):
            if path in self.system.files:
                return path
        return None

    def _paths(self, entry: Entry, address: str) -> Iterable[str]:
        path = re.split(r"[?#]", _without_host(address))[0]
        for spelled in dict.fromkeys((path, unquote(path))):
            if spelled:
                yield from self.system.places(entry, spelled)

    def led(self, entry: Entry, address: str) -> str:
        """Return where a link leads on this site; the same address where that is elsewhere."""
        if address.startswith(HERE):
            return address.removeprefix(HERE)
        if (known := self.system.elsewhere(address)) is not None:
            return known
        if not self.is_own(address):
            return address
        rest = _without_host(address)
        fragment = rest[rest.index("#") :] if "#" in rest else ""
        file = self.file_of(entry, address)
        if file in self.planned:
            return self.planned[file] + fragment
        if file and _FILES.fullmatch(file):
            return self.pictures.address(file, entry.what) or address
        if file:
            self.report.note(_("Files that have no place here"), labelled(entry.what, file))
            return address
        path = path_of(relative_to(re.split(r"[?#]", rest)[0], entry.address or "/"))
        if path in self.moved:
            return self.moved[path] + fragment
        if self.system.keeps(path):
            return f"/{path}/{fragment}"
        if path:
            self.note_nowhere(entry, address)
        return address


def _bare(address: str) -> str:
    address = address[1:-1] if address.startswith("<") else address
    return re.sub(r"\\([()<>\\_*])", r"\1", unescape(address)).strip()


def _without_host(address: str) -> str:
    if "://" not in address[:10] and not address.startswith("//"):
        return address
    parts = urlsplit(address)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.path or '/'}{query}{f'#{parts.fragment}' if parts.fragment else ''}"


def _unquoted(value: str) -> str:
    return unescape(value[1:-1] if value[:1] in "\"'" else value).strip()


def _with(tag: str, name: str, old: str, new: str) -> str:
    """Return a tag with another address in one of its attributes."""
    if old == new:
        return tag

    def attribute(found: re.Match[str]) -> str:
        return f'{found[1]}="{escape(new)}"' if found[1].lower() == name else found[0]

    return _ATTRIBUTE.sub(attribute, tag)


class OfEntry(Around):
    """What is around the HTML of one entry."""

    def __init__(self, links: Links, entry: Entry, notes: dict[str, str] | None = None) -> None:
        super().__init__(notes or {})
        self.links, self.entry = links, entry

    def file(self, address: str, alt: str) -> str | None:
        own = self.links.media_of(self.entry, address)
        return address if own is None else self._here(own, alt)

    def link(self, address: str) -> str:
        own = self._own_file(address)
        if own is None:
            led = self.links.led(self.entry, address)
            own = self.links.own(self.entry, address) if led == address else None
            return led if own is None else own
        return self._here(own) or own

    def lacks(self, address: str) -> bool:
        own = self._own_file(address)
        return own is not None and self._here(own) is None

    def _own_file(self, address: str) -> str | None:
        own = self.links.media_of(self.entry, address)
        return own if own and is_file(own) else None

    def _here(self, own: str, alt: str = "") -> str | None:
        return self.links.pictures.address(own, self.entry.what, alt=alt)
