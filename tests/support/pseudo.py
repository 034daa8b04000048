"""A language of no country: each sentence is accented, in brackets and half as long again.

What is not marked for translation shows by its plain letters, and what is put together from parts
by its brackets. It takes the place of Hebrew, so that pages are mirrored as well.
"""

import calendar
import gettext
import re
from pathlib import Path

import lxml.html
from django import conf
from django.apps import apps
from django.conf.locale import LANG_INFO
from django.utils.translation import trans_real
from translation_faults import HTML, PLACEHOLDER

CODE = "he"
PLAIN = "AaCcDdEeGgHhIiJjKkLl" + "NnOoRrSsTtUuWwYyZz"
ACCENTED = str.maketrans(PLAIN, "ÅåÇçÐðÉéĜĝĤĥÎîĴĵĶķĻļÑñÖöŔŕŠšŢţÛûŴŵÝýŽž")
KEPT = re.compile(f"({HTML.pattern}|{PLACEHOLDER.pattern}|%%|\\s+)")

OURS, DJANGOS = "⟦⟧", "⟪⟫"
# What stands between sentences is translated too, and shows by these.
SMALL = str.maketrans(",:;", "﹐﹕﹔")
WHEN = {"%(day)s at %(time)s", "Today %(time)s", "%(day)s %(time)s", "Now, %(time)s"}
DATES = {*calendar.month_name, *calendar.day_name, *calendar.month_abbr, *calendar.day_abbr, "Sept"}


def accented(text):
    parts = KEPT.split(text)
    return "".join(part if at % 2 else part.translate(ACCENTED) for at, part in enumerate(parts))


def said(english, brackets=OURS):
    """Return what stands for a sentence, with the same placeholders, HTML and spaces at its ends.

    Days and months have no brackets, for dates stand in sentences.
    """
    text = english.strip()
    if text.rstrip(".") in DATES or text in WHEN:
        return accented(english)
    if not re.search("[A-Za-z]", KEPT.sub("", text)):
        return english.translate(SMALL)
    longer = (" ~~~~~" * len(text))[: len(text) // 2 if len(text) > 3 else 0]
    opening, closing = brackets
    return english.replace(text, f"{opening}{accented(text)}{longer}{closing}")


class Pseudo:
    """What Django asks for each sentence. Those of its own stand in other brackets than ours."""

    def __init__(self):
        self.djangos = set()
        for folder in (Path(conf.__file__).parent, *(app.path for app in apps.get_app_configs())):
            if Path(folder, "locale") in conf.settings.LOCALE_PATHS:
                continue
            found = gettext.translation("django", Path(folder, "locale"), [CODE], fallback=True)
            self.djangos |= {*getattr(found, "_catalog", ())}

    def gettext(self, message):
        if message.startswith("date format"):
            return message.rpartition(trans_real.CONTEXT_SEPARATOR)[2]
        return said(message.rpartition(trans_real.CONTEXT_SEPARATOR)[2], self.brackets(message))

    def ngettext(self, one, many, number):
        form = one if number == 1 else many
        return said(form.rpartition(trans_real.CONTEXT_SEPARATOR)[2], self.brackets((one, 0)))

    def brackets(self, key):
        return DJANGOS if key in self.djangos else OURS

    def language(self):
        return CODE

    to_language = language


# --- What a page says -------------------------------------------------------------------------

SAID = "title aria-label placeholder alt aria-roledescription".split()
# What people wrote, and names: those have a language or a direction of their own. The stock list of
# permissions names models that no page shows.
NOT_OURS = lxml.etree.XPath(
    "//*[self::script or self::style or self::code or self::pre or self::time or self::svg"
    " or self::template or self::bdi or self::textarea or self::kbd or @dir='auto' or @lang"
    " or self::select[contains(@id, 'permissions')]]"
    "[not(self::html)]"
)


def texts_of(html):
    """Return what a page says: the text of each element that has any, and attributes."""
    page = lxml.html.fromstring(html)
    for each in NOT_OURS(page):
        if each.getparent() is not None:
            each.drop_tree()
    found = [*page.itertext()]
    for each in page.iter():
        if isinstance(each.tag, str):
            found += [each.get(name) for name in SAID if each.get(name)]
            if each.tag in ("input", "button") and each.get("type") in ("submit", "button"):
                found.append(each.get("value", ""))
    return [" ".join(text.split()) for text in found if text.strip()]


# What may stand in Latin letters, with why.
EXCUSED = re.compile(
    r"\b(?:Atom|JSON Feed|Postil|Markdown|WordPress|Ghost)\b"  # formats and programs
    r"|\S+://\S+|/\S*/|\S+@\S+|127[.]0[.]0[.]1"  # addresses
    r"|\b[A-Z][A-Z0-9_]+\b"  # settings, time zones, and formats such as RSS
    r"|\b[a-z]+(?:_[a-z]+)+\b.*"  # jobs, as the code calls them and what they are given
    r"|^Search$"  # the stock admin's picture beside a field, which says so in every language
    # groups, by the names they are stored by
    r"|(?:⟪Šéļéçţ ţĥîš.*)?\b(?:Owners|Editors|Authors|Moderators)\b"
)
LANGUAGES = {info["name_local"].casefold() for info in LANG_INFO.values() if "name_local" in info}
UNMARKED = re.compile(rf"[A-Za-z]*[{PLAIN}][A-Za-z]*")
# A whole sentence may follow another one, and a name may be quoted in one or stand after a colon.
GLUED = re.compile(r"[^.:!?…~⟧]~*⟧[ ,;–—()-]*⟦|⟧[:;,.!?]")
NESTED = re.compile(r"⟦[^⟦⟧]*(?<!: |﹐ |.[(“„/])⟦[^⟧]*⟧(?![,﹐:﹕])")


def unmarked(text):
    """Return the words in a text that are no translation."""
    rest = "" if text.casefold() in LANGUAGES else EXCUSED.sub("", text)
    return [word for word in UNMARKED.findall(rest) if len(word) > 2]


def is_glued(text):
    """Tell whether sentences stand within one another, or are put together to one.

    Django's own do, in all of its languages: those of the stock admin are not for us to change.
    """
    text = re.sub("[ ~]+⟧", "⟧", text)
    if NESTED.search(text):
        return True
    while text != (outer := re.sub("(⟦[^⟦⟧]*)⟦[^⟦⟧]*⟧", r"\1", text)):
        text = outer
    return bool(GLUED.search(text))
