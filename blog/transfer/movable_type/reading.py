"""Reading Movable Type's text form: its entries one at a time, as lines say where parts begin.

Nothing in the form marks a text's own lines, so five or eight hyphens alone on a line part only
where what follows begins as the form says. Files are in any encoding; see Lines.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

from blog.jobs.alive import still_working
from blog.markup import storable

PART, END = "-----", "--------"
# Texts of an entry, each at most once, and what is said about it by others.
TEXTS = ("BODY", "EXTENDED BODY", "EXCERPT", "KEYWORDS")
SAID = ("COMMENT", "PING")
# What the form's own parts begin with.
HEAD = frozenset(
    (
        "AUTHOR|TITLE|BASENAME|STATUS|ALLOW COMMENTS|ALLOW PINGS|CONVERT BREAKS|PRIMARY CATEGORY"
        "|CATEGORY|TAGS|DATE|NO ENTRY|UNIQUE URL|IMAGE"
    ).split("|")
)
HEAD_OF_SAID = frozenset({"AUTHOR", "EMAIL", "IP", "URL", "DATE", "TITLE", "BLOG NAME"})
_KEY = re.compile(r"([A-Z][A-Z0-9 _-]{0,40}):(?:[ \t]+(.*)|[ \t]*)\Z", re.DOTALL)
# Characters of a line, and of one text, that are read; libxml2 has the same limit for exports.
MOST = 10_000_000
# Lines that are named where they are in another encoding than UTF-8.
MOST_NAMED = 1000
MOST_FIELDS = 500
_BOMS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


class MovableTypeError(ValueError):
    """The file was refused. The message is one translated sentence saying what and where."""


@dataclass(slots=True)
class Part:
    """One comment or ping: its fields by the form's names, and its text."""

    kind: str
    fields: dict[str, str]
    text: str


@dataclass(slots=True)
class Post:
    """One entry without what others said about it. `fields` has the values of each name."""

    fields: dict[str, list[str]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    line: int = 0

    def __getitem__(self, name: str) -> str:
        return next(iter(self.fields.get(name, [])), "").strip()


class Lines:
    """The lines of a file without their ends, of which a few can be looked at ahead.

    What is not UTF-8 is Windows-1252, line by line: old databases hold both. `odd` counts those.
    """

    def __init__(self, file: IO[bytes], path: Path, encoding: str = "") -> None:
        self.path = path
        self.odd: list[int] = []
        self.number = 0
        self._ahead: list[str] = []
        self._lines = self._read(file, encoding)

    def __iter__(self) -> Iterator[str]:
        while (line := self.next()) is not None:
            yield line

    def next(self) -> str | None:
        self.number += 1
        return self._ahead.pop(0) if self._ahead else next(self._lines, None)

    def ahead(self, place: int) -> str | None:
        """Return a line that comes, without taking it: 0 is the next one."""
        while len(self._ahead) <= place:
            line = next(self._lines, None)
            if line is None:
                return None
            self._ahead.append(line)
        return self._ahead[place]

    def _read(self, file: IO[bytes], encoding: str) -> Iterator[str]:
        head = file.read(3)
        mark = next((each for each in _BOMS if head.startswith(each)), b"")
        file.seek(len(mark) if _BOMS.get(mark) == "utf-8" else 0)
        given = encoding or (_BOMS[mark] if mark else "")
        if given in {"", "utf-8", "utf8"}:
            for number, line in enumerate(_split(file, self.path), 1):
                yield storable(self._decoded(line, number))
            return
        try:
            for text in _decoded_lines(file, given, self.path):
                yield storable(text)
        except MovableTypeError:
            raise
        except (ValueError, LookupError) as error:
            said = _("%(file)s cannot be read as %(encoding)s.")
            raise MovableTypeError(said % {"file": self.path, "encoding": given}) from error

    def _decoded(self, line: bytes, number: int) -> str:
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError:
            if len(self.odd) < MOST_NAMED:
                self.odd.append(number)
        try:
            return line.decode("cp1252")
        except UnicodeDecodeError:
            return line.decode("latin-1")


def _split(file: IO[bytes], path: Path) -> Iterator[bytes]:
    """Yield lines that end in any of the three ways, without their ends."""
    held = b""
    while piece := file.read(1 << 16):
        held += piece
        if held.endswith(b"\r"):  # of which the other half may come
            held += file.read(1)
        *lines, held = re.split(rb"\r\n|\r|\n", held)
        yield from lines
        if len(held) > MOST:
            raise _too_long(path)
    if held:
        yield held


def _decoded_lines(file: IO[bytes], encoding: str, path: Path) -> Iterator[str]:
    b"".decode(encoding)  # which refuses what is none of text
    decoder = codecs.getincrementaldecoder(encoding)()
    held = ""
    while True:
        piece = file.read(1 << 16)
        held += decoder.decode(piece, not piece)
        if not piece:
            break
        if held.endswith("\r"):
            continue
        *lines, held = re.split("\r\n|\r|\n", held)
        yield from lines
        if len(held) > MOST:
            raise _too_long(path)
    yield from re.split("\r\n|\r|\n", held) if held else ()


def _too_long(path: Path) -> MovableTypeError:
    said = _("%(file)s has a line or a text of more than %(most)d MB, so it was refused.")
    return MovableTypeError(said % {"file": path, "most": MOST // 1_000_000})


# --- Entries --------------------------------------------------------------------------------


def parts(lines: Lines) -> Iterator[Post | Part]:
    """Yield each entry, followed by what was said about it. Raises MovableTypeError."""
    while _skip_blank(lines):
        post = Post(line=lines.number + 1)
        _read_head(lines, post)
        while lines.ahead(0) is not None and not (lines.ahead(0) or "").strip():
            lines.next()
        begun = False
        while (name := _opens(lines, post, begun)) in TEXTS:
            lines.next()
            post.texts[name] = ""  # so that it begins no second time
            post.texts[name] = _text(lines, post, begun)
        if not post.texts and not name:
            _read_odd_part(lines, post)
        yield post
        begun = True
        while name := _opens(lines, post, begun):
            still_working()
            lines.next()
            fields = _fields(lines)
            yield Part(name, fields, _text(lines, post, begun))


def _skip_blank(lines: Lines) -> bool:
    """Go to the next line that says something; return whether there is one."""
    while (line := lines.ahead(0)) is not None and (not line.strip() or line.rstrip() == END):
        lines.next()
    return line is not None


def _read_head(lines: Lines, post: Post) -> None:
    """Read the fields at the top, up to the first mark."""
    for line in lines:
        if line.rstrip() in {PART, END}:
            return
        found = _KEY.match(line)
        if found:
            post.fields.setdefault(found[1].strip(), []).append((found[2] or "").strip())
        elif line.strip():
            raise MovableTypeError(
                _(
                    "%(file)s is not in Movable Type’s form: line %(line)d is not a field such as"
                    " “TITLE: …”."
                )
                % {"file": lines.path, "line": lines.number}
            )
        if len(post.fields) > MOST_FIELDS:
            raise MovableTypeError(_("%(file)s has too many fields.") % {"file": lines.path})


def _read_odd_part(lines: Lines, post: Post) -> None:
    """Read what follows the fields under another name than the form has, or under none."""
    line = lines.ahead(0)
    if line is None or line.rstrip() == END:
        return
    found = _KEY.match(line.rstrip())
    is_name = found is not None and not found[2]
    if is_name:
        lines.next()
    post.texts[found[1] if found and is_name else "BODY"] = _text(lines, post, False)


def _opens(lines: Lines, post: Post, begun: bool) -> str:
    """Return the name of the part that the next line begins; "" where it begins none."""
    return _name_of_part(lines, 0, post, begun)


def _name_of_part(lines: Lines, place: int, post: Post, begun: bool) -> str:
    line = (lines.ahead(place) or "").rstrip()
    name = line[:-1]
    if not line.endswith(":"):
        return ""
    if name in TEXTS:
        return "" if begun or name in post.texts else name
    if name in SAID:
        found = _KEY.match(lines.ahead(place + 1) or "")
        return name if found and found[1] in HEAD_OF_SAID else ""
    return ""


def _fields(lines: Lines) -> dict[str, str]:
    """Read the fields of a comment or a ping: each name once, and the text begins after DATE.

    An address that follows is one all the same, lest readers see it.
    """
    fields: dict[str, str] = {}
    while line := lines.ahead(0):
        found = _KEY.match(line)
        if not found or found[1] not in HEAD_OF_SAID or found[1] in fields:
            break
        if "DATE" in fields and found[1] not in {"EMAIL", "IP"}:
            break
        fields[found[1]] = (found[2] or "").strip()
        lines.next()
    return fields


def _text(lines: Lines, post: Post, begun: bool) -> str:
    """Read a text up to the mark that ends it, which is taken."""
    found: list[str] = []
    size = 0
    while (line := lines.next()) is not None:
        if line.rstrip() == PART and _is_mark(lines, post, begun):
            break
        if line.rstrip() == END and _begins_entry(lines, 0):
            break
        size += len(line) + 1
        if size > MOST:
            raise _too_long(lines.path)
        found.append(line)
    return "\n".join(found).strip("\n")


def _is_mark(lines: Lines, post: Post, begun: bool) -> bool:
    """Whether five hyphens end a part: another one, the entry's end or the file's follows."""
    place = 0
    while (line := lines.ahead(place)) is not None and not line.strip() and place < 20:
        place += 1
    if line is None:
        return True
    if line.rstrip() == END:
        return _begins_entry(lines, place + 1)
    if not place and _name_of_part(lines, 0, post, begun):
        return True
    if place and _name_of_part(lines, place, post, begun):
        for _each in range(place):
            lines.next()
        return True
    return False


def _begins_entry(lines: Lines, place: int) -> bool:
    """Whether an entry begins at a line that comes, or the file ends before it."""
    last = place + 20
    while (line := lines.ahead(place)) is not None and not line.strip() and place < last:
        place += 1
    if line is None:
        return True
    found = _KEY.match(line)
    return bool(found and found[1] in HEAD)
