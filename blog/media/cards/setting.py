"""Sets a text in lines: which font, which size, where a line ends, and in which order it stands."""

import math
import unicodedata
from dataclasses import dataclass
from functools import cached_property

from PIL import Image, ImageDraw, ImageFont, features

from .bidi import in_order, is_right_to_left, levels
from .charmap import Face
from .fonts import Lacking, chosen, clusters, covers, is_common, own

HAS_RAQM = features.check("raqm")
# What a text is measured at; its width grows with the size.
MEASURE = 100
# How much of the room is used, because letters of a small size are a little wider.
USED = 0.975
# From this size down a word that is too long for a line is broken, rather than all set smaller.
BREAKING = 84
# The sizes that fonts of small pictures have, in pixels.
STRIKES = (109, 136, 160, 128, 96, 64)
# Between lines, as parts of the size: at least this, and this much below the deepest sign.
LEADING, GAP = 1.1, 0.1
ELLIPSIS = "…"
# What ends no line and begins none in Chinese and Japanese, and what a line may end after.
OPENING, CLOSING = "（「『《〈【“‘([", "）」』》〉】”’)]、。，．：；！？!?,.:;…ー々"
BREAKS = "-–—/\u200b"


@dataclass(frozen=True)
class Sizing:
    """The room for a text: its width and height, and the sizes that fit the page."""

    width: int
    height: int
    largest: int
    smallest: int
    most_lines: int = 8


@dataclass
class Line:
    text: str
    width: float


class Setter:
    """One text, which may need several fonts. Raises fonts.Lacking where there are none."""

    def __init__(self, text: str, language: str = "") -> None:
        self.text = unicodedata.normalize("NFC", " ".join(text.split()))
        if not HAS_RAQM and needs_shaping(self.text):
            raise Lacking(self.text)
        self.language = language_of(self.text, language)
        self.right_to_left = is_right_to_left(self.text)
        parts = chosen(self.text + ELLIPSIS)
        self.faces = {cluster: face for part, face in parts for cluster in clusters(part)}
        self._fonts: dict[tuple[Face, int], tuple[ImageFont.FreeTypeFont, float]] = {}

    # --- Measuring ---

    def font(self, face: Face, size: int) -> tuple[ImageFont.FreeTypeFont, float]:
        """Return a font, and what its measures have to be multiplied by."""
        if (face, size) not in self._fonts:
            self._fonts[face, size] = opened(face, size)
        return self._fonts[face, size]

    def runs(self, text: str) -> list[tuple[str, Face, str | None]]:
        """Return the parts of a line from the left: each with its font and its direction."""
        found: list[tuple[int, list]] = []
        at = 0
        known = levels(text, self.right_to_left)
        face = None
        for cluster in clusters(text):
            face, level = self.face_of(cluster, face), known[at]
            at += len(cluster)
            if found and found[-1][0] == level and found[-1][1][1] is face:
                found[-1][1][0] += cluster
            else:
                direction = ("rtl" if level % 2 else "ltr") if HAS_RAQM else None
                found.append((level, [cluster, face, direction]))
        return [tuple(part) for part in in_order(found)]

    def face_of(self, cluster: str, before: Face | None) -> Face:
        """Return the font of a sign; a space or a digit has that of what is before it."""
        if before and not before.colour and is_common(cluster) and covers(before, cluster):
            return before
        return self.faces.get(cluster) or own()

    def width(self, text: str, size: int = MEASURE) -> float:
        total = 0.0
        for part, face, direction in self.runs(text):
            font, scale = self.font(face, size)
            total += font.getlength(part, direction=direction, **self.how(face)) * scale
        return total

    def how(self, face: Face) -> dict:
        return {"language": self.language} if HAS_RAQM and self.language else {}

    @cached_property
    def depth(self) -> tuple[float, float]:
        """How far its signs reach above and below the line, as parts of the size."""
        above, below = 0.0, 0.0
        for part, face, direction in self.runs(self.text):
            font, scale = self.font(face, MEASURE)
            box = font.getbbox(part, anchor="ls", direction=direction, **self.how(face))
            above, below = max(above, -box[1] * scale), max(below, box[3] * scale)
        return above / MEASURE, below / MEASURE

    @property
    def leading(self) -> float:
        return max(LEADING, sum(self.depth) + GAP)

    # --- Lines ---

    def set(self, room: Sizing) -> tuple[int, list[str]]:
        """Return the largest size that fits, and the lines; the smallest is cut if it must be."""
        pieces = [(piece, self.width(piece.rstrip())) for piece in pieces_of(self.text)]
        space = self.width(" ")
        for size in range(room.largest, room.smallest - 1, -2):
            width = room.width * USED * MEASURE / size
            lines = wrapped(pieces, space, width)
            if not lines and size <= BREAKING:
                pieces = self.broken_pieces(width)
                lines = wrapped(pieces, space, width)
            most = min(room.most_lines, int(room.height / (self.leading * size)))
            if lines and len(lines) <= most:
                return size, self.balanced(pieces, space, width, len(lines))
        return room.smallest, self.cut(room)

    def balanced(self, pieces, space, width, count):
        """Return as many lines, as even as they can be."""
        narrow, wide = width / 3, width
        for _step in range(12):
            middle = (narrow + wide) / 2
            lines = wrapped(pieces, space, middle)
            if lines and len(lines) == count:
                wide = middle
            else:
                narrow = middle
        return wrapped(pieces, space, wide)

    def cut(self, room: Sizing) -> list[str]:
        """Return the lines of the smallest size, the last cut at a word where they are too many."""
        width = room.width * USED * MEASURE / room.smallest
        lines = wrapped(self.broken_pieces(width), self.width(" "), width)
        most = max(1, min(room.most_lines, int(room.height / (self.leading * room.smallest))))
        if len(lines) <= most:
            return lines
        words = pieces_of(lines[most - 1])
        while len(words) > 1 and self.width("".join(words).rstrip() + ELLIPSIS) > width:
            words.pop()
        last = "".join(words).rstrip().rstrip(",;:.–—-")
        return [*lines[: most - 1], last + ELLIPSIS]

    def broken_pieces(self, width: float) -> list[tuple[str, float]]:
        """Return the pieces of the text with their widths, none wider than a line."""
        pieces = [part for piece in pieces_of(self.text) for part in self.broken(piece, width)]
        return [(piece, self.width(piece.rstrip())) for piece in pieces]

    def broken(self, piece: str, width: float) -> list[str]:
        """Return a word in parts that fit a line, about as long as each other; mostly it is one."""
        whole = self.width(piece.rstrip())
        if whole <= width:
            return [piece]
        even = min(width, whole / math.ceil(whole / width + 0.2) + MEASURE / 2)
        found = [""]
        for cluster in clusters(piece):
            if found[-1] and self.width(found[-1] + cluster) > even:
                found.append("")
            found[-1] += cluster
        return found

    # --- Drawing ---

    def draw(self, page, text, at, size, ink, end=False) -> None:
        """Draw one line from this place on its base; with `end` it ends there."""
        x, base = at
        if end:
            x -= self.width(text, size)
        drawing = ImageDraw.Draw(page)
        for part, face, direction in self.runs(text):
            font, scale = self.font(face, size)
            how = {"direction": direction, **self.how(face)}
            width = font.getlength(part, **how) * scale
            if scale != 1:
                paste(page, font, part, (x, base), scale, how)
            else:
                given = {"embedded_color": True} if face.colour else {}
                drawing.text((x, base), part, ink, font, anchor="ls", **how, **given)
            x += width


def opened(face: Face, size: int) -> tuple[ImageFont.FreeTypeFont, float]:
    try:
        return ImageFont.truetype(str(face.path), size, face.index), 1
    except OSError:
        for strike in STRIKES:
            try:
                return ImageFont.truetype(str(face.path), strike, face.index), size / strike
            except OSError:
                continue
        raise


def paste(page, font, text, at, scale, how):
    """Draw signs that are pictures of one size, at another."""
    box = font.getbbox(text, anchor="ls", **how)
    drawn = Image.new("RGBA", (max(1, round(box[2] - box[0])), max(1, round(box[3] - box[1]))))
    ImageDraw.Draw(drawn).text(
        (-box[0], -box[1]), text, "black", font, anchor="ls", embedded_color=True, **how
    )
    drawn = drawn.resize((max(1, round(drawn.width * scale)), max(1, round(drawn.height * scale))))
    place = (round(at[0] + box[0] * scale), round(at[1] + box[1] * scale))
    page.paste(drawn, place, drawn)


def needs_shaping(text: str) -> bool:
    """Whether letters change with their neighbours or stand above each other, as in Hindi."""
    return any(
        unicodedata.category(character).startswith("M")
        or unicodedata.bidirectional(character) in ("R", "AL", "AN")
        or 0x0900 <= ord(character) <= 0x109F
        or 0x1700 <= ord(character) <= 0x1AFF
        or ord(character) == 0x200D
        for character in text
    )


def language_of(text: str, language: str) -> str:
    """Return the language whose forms of signs are used: Han signs differ between languages."""
    names = [unicodedata.name(character, "") for character in text]
    if any(name.startswith(("HIRAGANA", "KATAKANA")) for name in names):
        return "ja"
    if any(name.startswith("HANGUL") for name in names):
        return "ko"
    if any(name.startswith("CJK") for name in names):
        return language if language.startswith(("zh", "ja", "ko")) else "zh-hans"
    return language


def pieces_of(text: str) -> list[str]:
    """Return a text cut where a line may end; spaces stay at the end of their piece."""
    found = [""]
    before = ""
    for cluster in clusters(text):
        if before and may_end(before, cluster):
            found.append("")
        found[-1] += cluster
        before = cluster
    return [piece for piece in found if piece]


def may_end(before: str, after: str) -> bool:
    """Whether a line may end between two signs."""
    if after == " " or after[0] in CLOSING or before[-1] in OPENING:
        return False
    if before == " ":
        return True
    if before in BREAKS:
        return not after[0].isdigit()
    return is_wide(before) or is_wide(after)


def is_wide(cluster: str) -> bool:
    return unicodedata.east_asian_width(cluster[0]) in ("W", "F")


def wrapped(pieces, space: float, width: float) -> list[str]:
    """Return the lines of measured pieces; [] where one is too wide for a line by itself."""
    lines, room, gap = [], 0.0, 0.0
    for piece, wide in pieces:
        if wide > width:
            return []
        if lines and room + gap + wide <= width:
            lines[-1] += piece
            room += gap + wide
        else:
            lines.append(piece)
            room = wide
        gap = space if piece.endswith(" ") else 0.0
    return [line.rstrip() for line in lines]
