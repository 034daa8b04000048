"""Words with a capital letter in front, as the language in force writes it."""

from __future__ import annotations

from django.utils.translation import get_language

# Where Python's own rules are those of other languages: the first letters, and their capitals.
_OWN = {"tr": {"i": "İ"}, "az": {"i": "İ"}, "nl": {"ij": "IJ"}}


def capitalised(words: object) -> str:
    """Return words with a capital letter in front, and nothing else changed."""
    text = str(words)
    own = _OWN.get((get_language() or "").partition("-")[0], {})
    for begin, capital in own.items():
        if text.startswith(begin):
            return capital + text[len(begin) :]
    return text[:1].title() + text[1:]
