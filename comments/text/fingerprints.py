"""Makes fingerprints, by which one writer's same answer to the same comment is recognised.

Pure functions on text. Two texts are the same if they differ in nothing but case, white space,
kinds of quotes and dashes, marks of emphasis around words, and full stops, exclamation marks and
commas at the end. Every other sign counts: a refusal as "said before" must never meet someone who
corrects a comment, and what is nearly the same is held as a near copy anyway (comparing.py).
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata

from comments.text.duplicates import CharacterTable, normalise, pieces, shown

# Characters of a text that are brought into this form; the rest is compared unchanged.
MOST_READ = 6000

# Stands for a backtick, which elsewhere is taken for an apostrophe.
_BACKTICK = "\x01"
_QUOTE_OR_HEADING = re.compile(r"\s*(?:(?:>\s?)+(?:\#{1,6}(?=\s))?|\#{1,6}(?=\s))")

# Words with marks around them, as prose has them; code seldom has.
_EMPHASIS = re.compile(
    r"""
      (?<![^\s(\["'])
      (?: (\*{1,3}+)(?![\s*])([^*]++)(?<!\s)\1
        | (_{1,3}+)(?![\s_])([^_]++)(?<!\s)\3
        | (~~)(?![\s~])([^~]++)(?<!\s)\5
        | (\x01++)(?![\s\x01])([^\x01]++)(?<!\s)\7 )
      (?=[.,:;!?)\]"']*+(?:\s|$))
    """,
    re.VERBOSE,
)
# Keyboards for Greek put this for a question mark, and Unicode says it is the same.
_GREEK_QUESTION = re.compile("(?<=[\u0370-\u03ff\u1f00-\u1fff]);")
# Full stops of several scripts; those of full width are ASCII by then.
_ENDS = ".!,;。、،۔।॥།။።។"
_REPEATED = re.compile(r"(?<=\w)(?:!!+|,,+)(?=\s|$)")
_LOUD_QUESTION = re.compile(r"(?<=\w)!*+\?[?!]*+(?=\s|$)|(?<=\w\s)!*+\?[?!]*+$")


def _raised(char: str) -> str:
    """Keep 5² different from 52, and 1½ from 11/2, which NFKC would make the same."""
    kind = unicodedata.decomposition(char).partition(" ")[0]
    return {"<super>": f"^{char}", "<fraction>": f" {char}"}.get(kind, char)


def _sign(char: str) -> str:
    category = unicodedata.category(char)
    if char.isspace() or category[0] in "LMN":
        return char
    return {"Pd": " - ", "Cc": ""}.get(category, f" {char} ")


_RAISED, _SIGNS = CharacterTable(_raised), CharacterTable(_sign)
_RAISED[ord("`")] = _BACKTICK


def fingerprint(writer: list[str], parent: int | str | None, text: str, passage: str = "") -> str:
    """Return 64 hex characters, equal if one writer gives the same answer to the same comment.

    `writer` is the result of `identity`, `parent` the number of the comment that is answered, and
    `passage` the words of the essay that are.
    """
    answered = [passage] if passage else []
    said = json.dumps([*writer, str(parent or ""), meaning(text), *answered])
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
    """Return a text as it is compared for a fingerprint: its words and signs, one space between.

    Takes any str.
    """
    folded, rest = _read(text)
    said = " ".join(_without_blocks(folded).split())
    for _level in range(4):  # marks within marks
        said = _EMPHASIS.sub(_words_within, said)
    said = _GREEK_QUESTION.sub("?", said.replace(_BACKTICK, "'"))
    said = _LOUD_QUESTION.sub("?", _REPEATED.sub(lambda marks: marks[0][0], said))
    if not rest:
        said = said.rstrip(_ENDS + " ") or said
    return " ".join([*said.translate(_SIGNS).split(), *rest.split()])


def _words_within(emphasis: re.Match[str]) -> str:
    words: str = next(filter(None, emphasis.group(2, 4, 6, 8)))
    return words


def _read(text: str) -> tuple[str, str]:
    """Return the first MOST_READ characters in one form and case, and the rest unchanged."""
    folded, read = "", 0
    for piece in pieces(text):
        folded += shown(piece.translate(_RAISED))
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
        lines.append(line[mark.end() :] if mark else line)
    return "\n".join(lines)
