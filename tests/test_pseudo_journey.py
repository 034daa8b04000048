"""Commenting, moderating and writing in a language of no country, in a real Chromium."""

import pseudo
import pytest
from desk_page import desk_of, put, sit  # noqa: F401 - a fixture
from looking import too_wide
from test_pseudo_language import spoken  # noqa: F401 - a fixture

from comments.models import Comment

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("spoken"),
    pytest.mark.long("other tests of this language see the pages, and others go this way"),
]
USERS = {"ines", "root", "Ida"}
WORDS = "Το περιθώριο απαντά."


def looked_at(page):
    """A page has room at both widths, and says nothing outside of the language."""
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert too_wide(page) == [], page.url
    texts = {*pseudo.texts_of(page.content())} - USERS
    assert [said for said in texts if pseudo.unmarked(said) or pseudo.is_glued(said)] == []


def test_comment_goes_through_all_states_and_is_approved(browser, live_server, write, sit):  # noqa: F811
    essay = write("Χώρος", body=f"{WORDS}\n\n{WORDS}")
    essay.author.first_name, essay.author.last_name = "Ίδα", ""
    essay.author.save()
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(live_server.url + essay.get_absolute_url())
    page.click("#form .ink")
    looked_at(page)
    page.fill("#id_body", WORDS)
    page.fill("#id_name", "Ζωή")
    page.click("[name=preview]")
    looked_at(page)
    page.click("#form .ink")
    looked_at(page)
    page.click(".waiting a[href*=edit]")
    looked_at(page)
    page.fill("#id_body", WORDS + WORDS)
    page.click("#form .ink")
    assert Comment.objects.get().body == WORDS * 2
    page.context.close()
    desk = sit(desk_of(essay))
    put(desk, f"{WORDS} {WORDS}")
    desk.locator("#saved", has_text="⟦").wait_for()
    looked_at(desk)
    desk.goto(f"{live_server.url}/admin/comments/comment/")
    looked_at(desk)
    with desk.expect_navigation():
        desk.keyboard.press("a")
    assert Comment.objects.get().is_approved
    looked_at(desk)
