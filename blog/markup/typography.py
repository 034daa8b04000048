"""Replaces straight quotes, double hyphens and three full stops by typographic characters.

Quotes become those of the text's language (quotes.py); an apostrophe is the same in all.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as etree

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from blog.lib.languages import site_language

from .emphasis import UNSPACED
from .gates import PHRASING
from .quotes import Quotes, quotes_of

# Python-Markdown puts its placeholders between STX and ETX, and removes both from the source.
STX, ETX = "\x02", "\x03"


class Typography(Treeprocessor):
    """Replaces quotes, dashes and ellipses in one pass over each paragraph.

    Python-Markdown's smarty extension makes fifteen passes, builds the paragraph again for each
    mark it finds, and does not look across tags.
    """

    # The text of one paragraph is joined, with CUT between the pieces and KEPT in place of code.
    CUT, KEPT = "\x04", "\x05"
    RAW_HTML = f"{STX}wzxhzdk:"
    # Addresses that are no links, and maths, whose last `$` is no currency's sign.
    AS_TYPED = (
        rf"\b(?:https?://|www\.)(?:[^\s<>\"'{STX}{CUT}{KEPT}]|'(?=\w)|{STX}[0-9]+{ETX})+(?<=[\w/])"
        rf"|(?<![\w.+'-])[\w.+'-]++@\w[\w.-]*+"
        rf"|\$\$[^${CUT}{KEPT}]+\$\$|(?<![\w$])\$(?![\s$])[^$\n\"{CUT}{KEPT}]+(?<!\s)\$(?! ?\d)"
    )
    TOKEN = re.compile(rf"{STX}[^{ETX}]*{ETX}|(?<!-)-{{2,3}}(?!-)|(?<!\.)\.\.\.(?!\.)|[\"']")
    # Four times as slow, so it is for texts with one of these.
    TOKEN_OR_AS_TYPED = re.compile(rf"(?P<as_typed>{AS_TYPED})|{TOKEN.pattern}")
    OF_AS_TYPED = re.compile(r"://|www\.|[@$]")
    CODE = re.compile(r"<(?P<end>/?)(?:code|kbd|pre|samp|tt|var)\b", re.IGNORECASE)
    SIGNS = {"--": "–", "---": "—", "...": "…"}
    HEBREW = re.compile("[\u05d0-\u05ea]")
    OPENERS = frozenset(" \n\u00a0\u202f([{<“‘„‚«‹–—-/=")
    CLOSERS = frozenset(["", *" \n\u00a0,;:!?)]}"])

    def __init__(self, md: Markdown | None = None, language: str = "en") -> None:
        super().__init__(md)
        self.quotes: Quotes = quotes_of(language)
        self.open_inside = 0
        self.is_open = False

    def run(self, root: etree.Element) -> None:
        self.pieces: list[tuple[etree.Element, str]] = []
        self.walk(root)
        self.set_paragraph()

    def walk(self, element: etree.Element) -> None:
        if element.tag not in PHRASING:
            self.set_paragraph()
        self.pieces.append((element, "text"))
        for child in element:
            self.walk(child)
            self.pieces.append((child, "tail"))
        if element.tag not in PHRASING:
            self.set_paragraph()

    def set_paragraph(self) -> None:
        pieces = [(el, slot, getattr(el, slot)) for el, slot in self.pieces if getattr(el, slot)]
        self.pieces = []
        texts = [self.KEPT if isinstance(text, AtomicString) else text for *_place, text in pieces]
        before = self.CUT.join(texts)
        after = self.typeset(before)
        if after != before:
            for (element, slot, _text), text in zip(pieces, after.split(self.CUT), strict=True):
                if text != self.KEPT:
                    setattr(element, slot, text)

    def typeset(self, text: str) -> str:
        result: list[str] = []
        end = in_code = self.open_inside = 0
        self.is_open = False
        last = " "  # the last visible character, across tags
        tokens = self.TOKEN_OR_AS_TYPED if self.OF_AS_TYPED.search(text) else self.TOKEN
        code = self.lines_of_code(text)
        for match in tokens.finditer(text):
            between = text[end : match.start()]
            last = between.rstrip(self.CUT)[-1:] or last
            found, end = match[0], match.end()
            result.append(between)
            if found.startswith(self.RAW_HTML):
                in_code += self.depth_of(found)
                result.append(found)
                continue
            if (
                match.lastgroup
                or found.startswith(STX)
                or in_code > 0
                or self.is_code(code, match, last)
            ):
                last = "x"
                result.append(found)
                continue
            following = text[end : end + 8].lstrip(self.CUT)
            sign, last = self.sign_of(found, last, following)
            result.append(sign)
        return "".join([*result, text[end:]])

    def sign_of(self, found: str, last: str, following: str) -> tuple[str, str]:
        """Return what a token becomes, and what the next one has to take for the sign before it."""
        if found == "--" and last in " \n" and following[:1].isalnum():
            return found, found  # an option of a command
        if sign := self.SIGNS.get(found):
            return sign, sign
        may_open = last in self.OPENERS or (last == "’" and found == '"')  # l’« école »
        opens = may_open and following[:1] not in self.CLOSERS
        if found == '"':
            # Between letters without spaces, only whether one is open tells.
            if UNSPACED.match(last) or UNSPACED.match(following):
                opens = not self.is_open
            self.is_open = opens
        sign = self.quote(found, last, following, opens=opens)
        return sign, sign[-1] if opens or sign == "’" else "x"

    @staticmethod
    def is_code(lines: list[tuple[int, int]], quote: re.Match[str], last: str) -> bool:
        """Whether a quote stands in one of these lines of code, and is not an apostrophe."""
        text, start, end = quote.string, quote.start(), quote.end()
        while lines and lines[-1][1] < end:
            lines.pop()
        if not lines or lines[-1][0] > start:
            return False
        return not (quote[0] == "'" and last.isalpha() and text[end : end + 1].isalpha())

    def lines_of_code(self, text: str) -> list[tuple[int, int]]:
        """Return where lines begin and end whose signs stay as typed, the last first."""
        return []

    def quote(self, found: str, last: str, following: str, *, opens: bool) -> str:
        """Return what a straight quote becomes between these characters."""
        own = self.quotes
        if own.opening is None or own.closing is None:
            return found
        if own.between_letters and all(map(self.HEBREW.match, (last, following))):
            return own.between_letters[found == "'"]
        if found == '"':
            return own.opening if opens else own.closing
        if opens and not own.elided.match(following):
            self.open_inside += 1
            return own.inner_opening
        if self.open_inside and not following[:1].isalnum():
            self.open_inside -= 1
            return own.inner_closing
        return "’"

    def depth_of(self, placeholder: str) -> int:
        """Return 1 where code in the author's own HTML begins, and -1 where it ends."""
        number = int(placeholder.removeprefix(self.RAW_HTML).rstrip(ETX))
        tag = self.CODE.match(str(self.md.htmlStash.rawHtmlBlocks[number]))
        return 0 if tag is None else -1 if tag["end"] else 1


class CommentTypography(Typography):
    """The same for comments, where HTML, code, options and faces stay as typed.

    Quotes are those of the site's language.
    """

    AS_TYPED = (
        rf"{Typography.AS_TYPED}|<[a-zA-Z/!?][^<>]*+>|\{{[^{{}}\n]*+\}}"
        r"|(?:=[ ]?|\w[(\[])(?:\"[^\"\n]*+\"|'[^'\n]*+')"
        # Words of signs, with one letter at most.
        r"|(?<!\S)(?=[^\w\s]*?[_^*~<>=|\\/@#$%&+])(?:[^\w\s]|_)++\w?(?:[^\w\s]|_)*+(?!\S)"
        # Names of files and classes, and tablature.
        r"|(?<!\S)(?=\S*?--)(?=\S*?[./\\_|]\S)\S++"
    )
    # Quotes of a line of code: after an option, an operator or an import, and of JSON and CSV.
    CODE_LINE = re.compile(
        r"""^(?=.{1,120}$)(?=.*?["'])(?:[ ]*[\[\]]"""
        r"""|.*?(?:[ ]-{1,2}\w[\w-]*[ =]["']|[<>|&=]{2}[ ]*["']"""
        r"""|["'][ ]*:[ ]*["'\d\[{]|["'],["']|\w,["']|["'];|\bfrom[ ]["']|["']{3}|\w[(\[]["']"""
        r"""|[{}]|[\[\]],?$)).*$""",
        re.MULTILINE,
    )
    # A dash stands between two words, or between two spaces of a line.
    TOKEN = re.compile(
        r"(?:(?<=[\w\"'”’.,!?)])-{2,3}(?=[\w\"'“‘])|(?<=\S )-{2,3}(?=\s))"
        r"|(?<![.(\[{/\\])\.\.\.(?![.\d(\[/])|[\"']"
    )
    TOKEN_OR_AS_TYPED = re.compile(rf"(?P<as_typed>{AS_TYPED})|{TOKEN.pattern}")
    OF_AS_TYPED = re.compile(r"://|www\.|--|[@$<{=_^*~|\\/#%&+]|\w[(\[][\"']")

    def __init__(self) -> None:
        super().__init__(language=site_language())

    def lines_of_code(self, text: str) -> list[tuple[int, int]]:
        if '"' not in text and "'" not in text:
            return []
        return [line.span() for line in self.CODE_LINE.finditer(text)][::-1]
