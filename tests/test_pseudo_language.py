"""In a language where each sentence is in brackets, what stands outside of them is found.

So is what is glued together from parts, and what has no room for a sentence that is half as long
again. All that people wrote on this site is Greek.
"""

import mimetypes
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pseudo
import pytest
from admin_pages import admin_pages
from django.contrib.auth import get_user_model
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils.translation import trans_real
from greek_site import furnish, mails, readers_pages
from inputs import every
from looking import too_wide
from trials import in_full, some_of

from blog.pages.invalidation import changed

WIDTHS = 390, 1280
# The stock list of permissions is as wide as its longest row; its script makes two of it that fit.
STOCK = "permissions"


@pytest.fixture
def spoken(settings, monkeypatch):
    """A site in that language."""
    monkeypatch.setitem(trans_real._translations, pseudo.CODE, pseudo.Pseudo())
    settings.LANGUAGE_CODE = pseudo.CODE
    settings.SITE_TITLE = settings.SITE_TAGLINE = "Περιθώριο"
    changed()


@pytest.fixture
def pages(spoken, admin_user):
    """The answers to what readers and the owner can ask for, and mails."""
    owner, essay = furnish()
    reader, staff = Client(), Client()
    staff.force_login(owner)
    asked = readers_pages(essay)
    asked |= {f"admin/{place}": (f"/admin/{place}", None) for place in admin_pages()}
    names = {"somebody": "κάποια", "admin": "ναι"}
    for user in get_user_model().objects.filter(username__in=names):
        user.username, user.first_name, user.email = names[user.username], "Ίω", ""
        user.save()
    found = {}
    for name, (path, given) in some_of(asked.items(), in_full(1, 4)):
        me = staff if name.startswith("admin/") else reader
        found[name] = me.post(path, given) if given else me.get(path)
        assert found[name].status_code in {200, 400, 404, 410}, name
    return found, mails(owner, essay)


def test_all_is_translated_in_whole_sentences(pages):
    answers, letters = pages
    texts = [(name, said) for name, page in answers.items() for said in pseudo.texts_of(page.text)]
    for letter in letters:
        said = [letter.subject, *letter.body.splitlines()]
        said += pseudo.texts_of(letter.alternatives[0].content)
        texts += [(letter.subject, each) for each in said]
    found = {}
    for name, said in texts:
        if what := pseudo.unmarked(said) or pseudo.is_glued(said):
            found.setdefault(said[:200], (name, what))
    assert found == {}


@pytest.mark.browser
def test_longer_sentences_have_room(pages, browser):
    answers, _letters = pages
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.route("**", lambda route: answer(route, list(answers.values())))
    found = []
    for number, name in some_of([*enumerate(answers)], in_full(1, 3)):
        page.goto(f"http://postil.test/page/{number}")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            wrong = [each for each in too_wide(page) if STOCK not in each]
            found += [(name, width, each) for each in wrong]
    context.close()
    assert found == []


def answer(route, pages):
    """Answer a browser with one of these pages by its number, or with a static file."""
    path = unquote(urlsplit(route.request.url).path)
    if path.startswith("/static/"):
        body = Path(finders.find(path.removeprefix("/static/"))).read_bytes()
        route.fulfill(body=body, content_type=mimetypes.guess_type(path)[0])
    elif (number := path.removeprefix("/page/")).isdigit():
        kind = "text/html; charset=utf-8"
        route.fulfill(body=pages[int(number)].content, content_type=kind)
    else:
        route.abort()


@every(
    ("text", "unmarked", "glued"),
    [
        ("⟦Šéåŕçĥ ~~~⟧", [], False),
        ("Find", ["Find"], False),
        ("⟦Mövé Search ûp ~~~⟧", ["Search"], False),
        ("⟦Mövé /archive/ ûp ~~~⟧ (RSS), as@b.gr, ⟦šéé ~⟧ https://a.gr/who/", [], False),
        ("English", [], False),
        ("⟦Å šéñţéñçé. ~~~~⟧ ⟦Åñöţĥéŕ öñé. ~~~⟧", [], False),
        ("⟦Öñé ~⟧ · ⟦Ţŵö ~⟧", [], False),
        ("⟦Öñé ~⟧ ⟦Ţŵö ~⟧", [], True),
        ("⟦Öñé ~⟧, ⟦Ţŵö ~⟧", [], True),
        ("⟦Öñé ~⟧: Λούκας", [], True),
        ("⟦Öñé ~⟧﹕ Λούκας", [], False),
        ("⟦Ýöû çömé åš: ⟦Öŵñéŕ ~⟧﹐ ⟦Éðîţöŕ ~⟧. ~~⟧", [], False),
        ("⟦Ţŕý îţ öñ ⟦ţĥé fîŕšţ påĝé ~~⟧ ~~~⟧", [], True),
        ("⟦Ûšûåļ: ⟦Påpéŕ ~~⟧ ~~~⟧", [], False),
        ("⟪Åðð ⟦ţåĝ ~⟧ ~~~⟫", [], False),
    ],
)
def test_what_is_unmarked_or_glued_is_found(text, unmarked, glued):
    assert (pseudo.unmarked(text), pseudo.is_glued(text)) == (unmarked, glued)


@every(
    ("english", "said"),
    [
        ("Save", "⟦Šåvé ~⟧"),
        (" %(n)s <b>days</b>\n", " ⟦%(n)s <b>ðåýš</b> ~~~~~ ~⟧\n"),
        ("%s, %s: ", "%s﹐ %s﹕ "),
        ("November", "Ñövémbéŕ"),
        ("", ""),
    ],
)
def test_sentence_keeps_its_placeholders_html_and_ends(english, said):
    assert pseudo.said(english) == said
