"""The admin's pages in a real Chromium: axe finds nothing, and nothing scrolls sideways."""

import pytest
from accessibility import violations
from admin_pages import admin_pages
from test_queue_in_chromium import enter  # noqa: F401 - a fixture

from blog.transfer.demo import load_demo

# What Django's list that searches shows of the choice, inside the box that has the name.
STOCK = "select2-selection__rendered"
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LOOKS = {
    "desktop": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    "phone, dark": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
}


@pytest.mark.long("looks at all pages of the admin on two screens")
@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing(enter, look):  # noqa: F811
    load_demo()
    pages = admin_pages()
    page = enter("/admin/", **LOOKS[look])
    host = page.url.partition("/admin/")[0]
    found = {}
    for place in pages:
        answer = page.goto(f"{host}/admin/{place}")
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        wrong = [v[1:] for v in violations(page) if STOCK not in v[2]]
        found[place] = wrong + ["too wide"] * wide
        assert answer.status == 200, place
    assert {place: wrong for place, wrong in found.items() if wrong} == {}
