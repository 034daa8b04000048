"""Pages in each language: all has room, nothing is English, and machines know what they read."""

import re

import messages
import pseudo
import pytest
from accessibility import violations
from django.utils.translation import get_language_bidi, override, to_language
from gallery import FOLDER, STAFF, Letter, cookies_of, pictured, places, sheet
from greek_site import furnish
from looking import too_wide
from test_html_validity import checker, said_of  # noqa: F401 - a fixture
from trials import FULL, some_of

from blog.pages.invalidation import changed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ALIKE = pytest.mark.long("the pages are those that another language has as well")


def locales(*short):
    """Try all languages in full, and these in any other run."""
    every = [
        pytest.param(locale, id=locale, marks=() if locale in short else ALIKE)
        for locale in messages.languages()
    ]
    return pytest.mark.parametrize("shown", every, indirect=True)


WIDTHS = (1280, 390) if FULL else (390,)
# What the stock admin says in every language: the name of a picture beside a field.
STOCK_SAYS = {"Search"}
# The links of the stock admin's breadcrumbs are not underlined, and a mail is no page of its own.
STOCK = {"rules": {"link-in-text-block": {"enabled": False}}}
OF_A_MAIL = {"rules": {name: {"enabled": False} for name in (
    "landmark-one-main", "page-has-heading-one", "region")}}  # fmt: skip


@pytest.fixture
def shown(request, live_server, settings):
    """The pages of a site in a language, with its name."""
    settings.LANGUAGE_CODE = to_language(request.param)
    settings.SITE_TITLE = "Περιθώριο"
    changed()
    owner, essay = furnish()
    return request.param, list(places(essay, owner))


def translated(locale):
    """Return the English sentences, without plurals, that say nothing in this language.

    Some are words of it as well: Dutch jobs are “Taken”.
    """
    found = {}
    for each in messages.read(locale):
        if isinstance(each.id, str) and each.string:
            found.setdefault(each.id, set()).add(each.string)
    return found.keys() - set.union(*found.values())


def looked_at(browser, home, place, locale, width):
    """Return what is wrong with a page at this width, and its picture."""
    context = browser.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce")
    context.add_cookies(cookies_of(place.client, home))
    page = context.new_page()
    place.open(page, home)
    wrong = [(place.name, width, said) for said in too_wide(page)]
    picture = pictured(page, place, f"{locale}-{width}-{place.name[:12]}") if FOLDER else None
    options = OF_A_MAIL if isinstance(place, Letter) else STOCK if place.name in STAFF else {}
    wrong += violations(page, f"{place.name} {width}", options)
    context.close()
    return wrong, picture


@locales("ar")
def test_pages_fit_and_axe_finds_nothing(shown, browser, live_server):
    locale, pages = shown
    wrong = []
    for width in WIDTHS:
        pictures = []
        for place in some_of(pages, 8):
            found, picture = looked_at(browser, live_server.url, place, locale, width)
            wrong += found
            pictures.append(picture)
        if FOLDER:
            sheet(locale, pictures, width)
    assert wrong == []


@locales()
def test_pages_say_their_language_and_nothing_in_english(shown):
    locale, pages = shown
    english, language = translated(locale), to_language(locale)
    with override(language):
        is_mirrored = get_language_bidi()
    wrong = []
    for place in pages:
        start = re.search("<html[^>]*>", place.html)[0]
        texts = set(pseudo.texts_of(place.html)) - STOCK_SAYS
        wrong += [(place.name, said) for said in sorted(texts & english)]
        if f'lang="{language}"' not in start.lower() or is_mirrored != ('dir="rtl"' in start):
            wrong.append((place.name, start))
    assert wrong == []


@locales()
def test_pages_are_valid_html(shown, checker, tmp_path):  # noqa: F811
    _locale, pages = shown
    answers = {place.name: place.answer for place in pages if not isinstance(place, Letter)}
    assert [said for said in said_of(answers, checker, tmp_path) if said[1] == "error"] == []
