"""What can be wrong with the translation of a sentence, as far as a program can tell."""

import gettext
import re
import unicodedata
from collections import Counter

# What is put into a sentence: by name, by place, or in braces.
_AFTER_PERCENT = r"(?:\(\w+\))?\d*(?:\.\d+)?[sdifr]"
PLACEHOLDER = re.compile(rf"%{_AFTER_PERCENT}|\{{\w*\}}")
HTML = re.compile(r"</?[a-zA-Z][^>]*>|&#?\w+;")
# Stray signs of percent: Python would take them for the beginning of a placeholder.
STRAY = re.compile(rf"%(?!{_AFTER_PERCENT})")

# A short sentence is a button, a heading or the head of a column, in a place of its size.
SHORT, ROOM, TIMES = 24, 12, 1.8


def for_one_number(rule):
    """Return which plural forms of a language are for one number alone, as French has none for 1.

    `rule` is that of its catalogue, an expression of C in n (gettext's manual, "Plural forms").
    """
    form_of = gettext.c2py(rule)
    numbers = Counter(form_of(number) for number in range(1001))
    return {form for form, count in numbers.items() if count == 1}


def of(message, plurals, wordy=frozenset()):
    """Yield what is wrong with one message of a catalogue that has so many plural forms.

    Those of `wordy` may say their number in words, and leave the figure out.
    """
    english = [message.id] if isinstance(message.id, str) else [*message.id]
    forms = [message.string] if isinstance(message.string, str) else [*message.string]
    if not all(forms):
        yield "not translated"
        return
    if "fuzzy" in message.flags:
        yield "marked as uncertain"
    if len(english) > 1 and len(forms) != plurals:
        yield f"has {len(forms)} plural forms of {plurals}"
    for place, form in enumerate(forms):
        yield from faults_of_form(form, english, may_leave_out=len(forms) > 1 and place in wordy)


def faults_of_form(form, english, *, may_leave_out):
    given = [set(PLACEHOLDER.findall(each)) for each in english]
    found = set(PLACEHOLDER.findall(form))
    if unknown := found - set.union(*given):
        yield f"puts in what is not given, {', '.join(sorted(unknown))}"
    lost = given[-1] - found
    # What is put in by its place has to stay in any form.
    if len(lost) > may_leave_out or any("(" not in each for each in lost):
        yield f"leaves out {', '.join(sorted(lost))}"
    if sorted(HTML.findall(form)) not in [sorted(HTML.findall(each)) for each in english]:
        yield "has other HTML"
    if "%" in english[-1] and stray_in(form) > stray_in(english[-1]):
        yield "has a sign of percent that stands for nothing"
    if edges(form) != edges(english[-1]):
        yield "begins or ends with other spaces or line breaks"
    if width(english[-1]) <= SHORT and width(form) > ROOM + TIMES * width(english[-1]):
        yield "is too long for its place"


def stray_in(text):
    return len(STRAY.findall(text.replace("%%", "")))


def edges(text):
    """Return the white space around a text."""
    stripped = text.strip()
    before, _, after = text.partition(stripped) if stripped else (text, "", "")
    return before, after


def width(text):
    """Return how many letters wide a text is; those of Chinese and Japanese are two wide."""
    return sum(
        2 if unicodedata.east_asian_width(each) in "WF" else not unicodedata.combining(each)
        for each in text
    )


def shown(message):
    text = message.id if isinstance(message.id, str) else message.id[0]
    return repr(text if len(text) < 60 else f"{text[:57]}…")
