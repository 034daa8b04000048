"""The same comment again: how its words are compared."""

import hashlib
import unicodedata

# Marks people and editors change without changing what is said, and Markdown's decoration.
# Letters, digits, marks on letters and symbols such as emoji stay.
KEPT_PUNCTUATION = frozenset("%@&#+")
DROPPED_SYMBOLS = frozenset("`^|~<>¨´")


def normalise(text: str) -> str:
    """Return the words of a comment as they are compared.

    Case, white space, quotes, dashes, ellipses, trailing marks, zero-width characters and
    Markdown's decoration make no difference; accents do. A text of marks alone keeps them.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    kept = []
    for character in folded:
        category = unicodedata.category(character)
        if category == "Cf":
            continue
        drop = category[0] in "PZC" and character not in KEPT_PUNCTUATION
        kept.append(" " if drop or character in DROPPED_SYMBOLS else character)
    words = " ".join("".join(kept).split())
    return words or "".join(folded.split())


def fingerprint(name: str, email: str, text: str) -> str:
    """Return 64 hexadecimal digits that stand for one author's words; the same again is the same.

    The author is the e-mail address where one is given, else the name.
    """
    author = email.strip().lower() or normalise(name)
    said = f"{author}\n{normalise(text)}"
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()
