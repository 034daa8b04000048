"""Whether one writer says the same thing again under one essay, in answer to the same comment.

Pure functions on text. Two texts are the same if all that carries meaning is: words with their
accents, numbers, and the signs that change what is said. A refusal as "said before" must never
meet someone who corrects a comment, so in doubt a sign counts; what is nearly the same is held as
a near copy anyway (comparing.py).
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata

from comments.text.duplicates import ESCAPE, CharacterTable, normalise, pieces, shown

# Characters of this form that are made of a text; what follows is compared as it stands.
MOST_READ = 6000

# What can stand in a word: neither white space nor an ASCII sign. Other signs have become one of
# those, or stand alone, before this is used.
_W = r"[^\s!-/:-@\[-`{-~]"

# A face: eyes, perhaps a nose, a mouth, as often as it is repeated. Not `(see note:)`'s colon and
# not that of `http://`.
_FACE = re.compile(rf"([:;=])-?([()\[\]|\\/*])\2*+(?!{_W}|/)")

# Everything that counts, in the order in which it is looked for. All else, such as full stops,
# exclamation marks, quotes, brackets and dashes where prose puts them, says nothing of its own.
_COUNTS = re.compile(
    rf"""
      [:;=][()\[\]|\\/*](?=\s)                          # a face, as _FACE leaves it
    | (?<!{_W})[:;][dpoxsc3*](?!{_W})                   # :D
    | (?<!{_W})(?<!-)[a-f]-(?=[\s.,;!?)])               # a grade: A-
    | {_W}+(?:(?:\.|_+|(?<=\d)[,:](?=\d)){_W}+)*        # a word, 3.14, 12:30, a.b, snake_case
    | (?<![.]|{_W})\.(?={_W})                           # .5
    | [?+<>=|^$%&@\#/\\]
    | (?<!{_W})~(?=\s*\S)                               # ~5
    | (?<=[\s(=&|<>])!+(?={_W}) | !(?==)                # !x, !=
    | (?<=\d)!(?=\s*[-=+*/^<>])                         # 5! = 120
    | -(?=\s*[.$£€¥]?\s*[\d∞])                          # -5, 10-20, 5 - 3
    | (?<=[\s(\[=<>+*/^,])-+(?={_W}++(?!-)) | (?<=\d)-(?={_W}) # -x, --flag, 5-x
    | (?<=\s\w\s)-(?=\s\w\s)                            # x - y
    | (?<=\d)\*+(?={_W}|\() | (?<={_W})\*(?=\d)         # 2*x, x*2
    | (?<=\d\s)\*(?=\s{_W}) | (?<={_W}\s)\*(?=\s\d)     # 2 * x, x * 2
    | (?<=\s\w)\*(?=\w\s)                               # a*b
    | (?<=\d):(?=\s?\d)
    | (?<={_W})[(\[{{]                                  # f(x), a[0], item(s)
    | (?<=[/^+=])\( | (?<=\d[*-])\(                     # 2*(1 + 2)
    | [(\[{{](?=[^()\[\]{{}}]{{0,80}}[+^=<>])           # (1 + 2) * 3
    | (?<=\d)["']+(?!{_W})                              # 5' 6"
    """,
    re.VERBOSE,
)

_QUOTE_OR_HEADING = re.compile(r"\s*(?:(?:>\s?)+(?:\#{1,6}(?=\s))?|\#{1,6}(?=\s))")
_RULE = re.compile(r"\s*([-=*_])(?:\s*\1){2,}\s*")
# Keyboards for Greek put this for a question mark, and Unicode says it is the same.
_GREEK_QUESTION = re.compile("(?<=[\u0370-\u03ff\u1f00-\u1fff]);")
_APOSTROPHE = re.compile(rf"(?<!\d)'|'(?={_W})")
_MINUS_BETWEEN_LETTERS = re.compile(r"(?<=\s)(\w)-(?=\w\s)")
_LOUD_QUESTION = re.compile(r"(?<!!)!*+\?[?!]*+")
# Emphasis within a word: un*believ*able.
_EMPHASIS = re.compile(r"(?<=[^\W\d_]{2})\*+(?=[^\W\d_])|(?<=[^\W\d_])\*+(?=[^\W\d_]{2})")
_REPEATED = re.compile(r"(\S)\1+")

_QUESTION = "؟⸮՞፧꘏⁇‽"
# Signs beyond ASCII that are called punctuation and carry meaning anyway.
_KEPT = "¿§¶‰‱†‡※"


def _raised(char: str) -> str:
    """Keep 5² apart from 52, and 1½ from 11/2, which NFKC makes one."""
    kind = unicodedata.decomposition(char).partition(" ")[0]
    return {"<super>": f"^{char}", "<fraction>": f" {char}"}.get(kind, char)


def _sign(char: str) -> str:
    category = unicodedata.category(char)
    if char.isspace() or char.isascii() or category[0] in "LMN":
        return char
    if char in _QUESTION:
        return "?"
    if category[0] == "S" or char in _KEPT:
        return f" {char} "
    return {"Pd": "-", "Pc": "_", "Cc": ""}.get(category, " " if category[0] in "PZ" else char)


_RAISED, _SIGNS = CharacterTable(_raised), CharacterTable(_sign)
_SIGNS.update({ord("\u2044"): "/", ord("\u2215"): "/", ord("٪"): "%", ord("٫"): ".", ord("٬"): ","})
_SIGNS.update(dict.fromkeys((*range(9), *range(14, 28), 127), ""))


def fingerprint(writer: list[str], parent: int | None, text: str) -> str:
    """Return 64 hex characters, equal if one writer says the same again in answer to the same.

    `writer` is what `identity` returns, `parent` the number of the comment that is answered.
    """
    said = json.dumps([*writer, str(parent or ""), meaning(text)])
    # JSON parts them unmistakably, and writes even lone surrogates in ASCII.
    return hashlib.sha256(said.encode("ascii")).hexdigest()


def identity(
    name: str, email: str, *, account: int | None = None, browser: str = "", network: str = ""
) -> list[str]:
    """Return who says something: the account, else the e-mail address, else name and browser.

    A bare name does not identify anyone: it counts together with the browser's key or, without one,
    the network. What has neither, as in an import, goes by the name alone.
    """
    if account is not None:
        return ["account", str(account)]
    if email := email.strip().lower():
        return ["email", email]
    place = ["browser", browser] if browser else ["network", network] if network else []
    return ["name", normalise(name), *place]


def meaning(text: str) -> str:
    """Return all that carries meaning in a text, as it is compared for a fingerprint.

    Case, white space, kinds of quotes and dashes, Markdown's emphasis, and full stops, commas and
    exclamation marks where prose puts them make no difference. Takes any str.
    """
    folded, rest = _read(text)
    counting = ESCAPE.sub("", _without_blocks(folded)).translate(_SIGNS).replace("~~", "")
    counting = _APOSTROPHE.sub("", _GREEK_QUESTION.sub("?", counting))
    # One space everywhere, also around the whole, so that a lookbehind knows what it meets.
    counting = f" {' '.join(counting.split())} "
    counting = _LOUD_QUESTION.sub("?", _EMPHASIS.sub("", counting))
    counting = _MINUS_BETWEEN_LETTERS.sub(r"\1 - ", _FACE.sub(r" \1\2 ", counting))
    found = _COUNTS.findall(counting) or [_REPEATED.sub(r"\1", "".join(folded.split()))]
    return " ".join([*found, *rest.split()])


def _read(text: str) -> tuple[str, str]:
    """Return a text in one form and one case as far as it is read, and the rest as it stands."""
    folded, read = "", 0
    for piece in pieces(text):
        # The backtick first, which is elsewhere taken for an apostrophe.
        folded += shown(piece.replace("`", "").translate(_RAISED))
        read += len(piece)
        if len(folded) > MOST_READ:
            break
    return folded, text[read:]


def _without_blocks(text: str) -> str:
    """Take away the marks of quotes, headings and rules that start a paragraph.

    Within one, `>` may mean more than, and where its lines end does not matter.
    """
    lines: list[str] = []
    blank, quoting = True, False
    for line in text.split("\n"):
        # A paragraph that starts as a quotation is one to its end, wherever its lines are broken.
        mark = _QUOTE_OR_HEADING.match(line) if blank or quoting else None
        blank = not line.strip()
        quoting = not blank and (quoting or mark is not None)
        lines.append(line[mark.end() :] if mark else "" if _RULE.fullmatch(line) else line)
    return "\n".join(lines)
