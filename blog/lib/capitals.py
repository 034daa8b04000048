"""Words with a capital letter in front, as the language in force writes it.

Its filter takes the place of Django's in all templates, those of the stock admin too.
"""

from __future__ import annotations

from django import template
from django.template.defaultfilters import stringfilter
from django.utils.translation import get_language

register = template.Library()

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


register.filter("capfirst", stringfilter(capitalised), is_safe=True)
