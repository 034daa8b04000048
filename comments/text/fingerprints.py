"""Makes fingerprints, by which one writer's same answer to the same comment is recognised.

Pure functions on text. Two texts are the same if everything with a meaning is the same: words with
their accents, numbers, and signs that change the meaning. Someone who corrects a comment must never
be refused with "said before", so a sign counts if in doubt; comparing.py holds texts that are
nearly the same anyway.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata

from comments.text.duplicates import ESCAPE, CharacterTable, normalise, pieces, shown

# Characters of a text that are brought into this form; the rest is compared unchanged.
MOST_READ = 6000

# A character of a word: neither white space nor an ASCII sign. Before this is used, other signs
# were replaced by one of those, or separated by spaces.
_W = r"[^\s!-/:-@\[-`{-~]"

# A face: eyes, perhaps a nose, and a mouth, perhaps repeated. Not the colon of `(see note:)` or of
# `http://`.
_FACE = re.compile(rf"([:;=])-?([()\[\]|\\/*])\2*+(?!{_W}|/)")

# Everything that counts, in the order in which it is looked for. Other signs, such as full stops,
# exclamation marks, quotes, brackets and dashes in prose, are left out.
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
# Greek keyboards type this for a question mark, and Unicode treats both as the same.
_GREEK_QUESTION = re.compile("(?<=[\u0370-\u03ff\u1f00-\u1fff]);")
_APOSTROPHE = re.compile(rf"(?<!\d)'|'(?={_W})")
_MINUS_BETWEEN_LETTERS = re.compile(r"(?<=\s)(\w)-(?=\w\s)")
_LOUD_QUESTION = re.compile(r"(?<!!)!*+\?[?!]*+")
# Emphasis within a word: un*believ*able.
_EMPHASIS = re.compile(r"(?<=[^\W\d_]{2})\*+(?=[^\W\d_])|(?<=[^\W\d_])\*+(?=[^\W\d_]{2})")
_REPEATED = re.compile(r"(\S)\1+")

_QUESTION = "؟⸮՞፧꘏⁇‽"
# Signs outside of ASCII that are punctuation in Unicode but change the meaning.
_KEPT = "¿§¶‰‱†‡※"


def _raised(char: str) -> str:
    """Keep 5² different from 52, and 1½ from 11/2, which NFKC would make the same."""
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
    """Return 64 hex characters, equal if one writer gives the same answer to the same comment.

    `writer` is the result of `identity`, `parent` the number of the comment that is answered.
    """
    said = json.dumps([*writer, str(parent or ""), meaning(text)])
    # JSON separates the parts unambiguously, and writes even lone surrogates in ASCII.
    return hashlib.sha256(said.encode("ascii")).hexdigest()


def identity(
    name: str, email: str, *, account: int | None = None, browser: str = "", network: str = ""
) -> list[str]:
    """Return who wrote a comment: the account, else the e-mail address, else name and browser.

    A name does not identify anyone, so it counts with the browser's key or, without one, with the
    network. A comment without both, as in an import, is identified by the name only.
    """
    if account is not None:
        return ["account", str(account)]
    if email := email.strip().lower():
        return ["email", email]
    place = ["browser", browser] if browser else ["network", network] if network else []
    return ["name", normalise(name), *place]


def meaning(text: str) -> str:
    """Return the parts of a text that have a meaning, in one form, for a fingerprint.

    Case, white space, kinds of quotes and dashes, Markdown's emphasis, and full stops, commas and
    exclamation marks in prose make no difference.
    """
    folded, rest = _read(text)
    counting = ESCAPE.sub("", _without_blocks(folded)).translate(_SIGNS).replace("~~", "")
    counting = _APOSTROPHE.sub("", _GREEK_QUESTION.sub("?", counting))
    # Single spaces, also around the whole text, because the lookbehinds expect them.
    counting = f" {' '.join(counting.split())} "
    counting = _LOUD_QUESTION.sub("?", _EMPHASIS.sub("", counting))
    counting = _MINUS_BETWEEN_LETTERS.sub(r"\1 - ", _FACE.sub(r" \1\2 ", counting))
    found = _COUNTS.findall(counting) or [_REPEATED.sub(r"\1", "".join(folded.split()))]
    return " ".join([*found, *rest.split()])


def _read(text: str) -> tuple[str, str]:
    """Return the first MOST_READ characters in one form and case, and the rest unchanged."""
    folded, read = "", 0
    for piece in pieces(text):
        # Backticks are removed here, because `shown` would make them apostrophes.
        folded += shown(piece.replace("`", "").translate(_RAISED))
        read += len(piece)
        if len(folded) > MOST_READ:
            break
    return folded, text[read:]


def _without_blocks(text: str) -> str:
    """Remove the marks of quotes, headings and rules at the start of a paragraph.

    Inside a paragraph, `>` may mean "greater than", and line breaks make no difference.
    """
    lines: list[str] = []
    blank, quoting = True, False
    for line in text.split("\n"):
        # A paragraph that starts as a quotation is a quotation to its end.
        mark = _QUOTE_OR_HEADING.match(line) if blank or quoting else None
        blank = not line.strip()
        quoting = not blank and (quoting or mark is not None)
        lines.append(line[mark.end() :] if mark else "" if _RULE.fullmatch(line) else line)
    return "\n".join(lines)
