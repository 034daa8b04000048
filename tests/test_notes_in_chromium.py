"""Notes in a real browser: written with and without scripts, and read on both sides of the rule."""

import pytest
from accessibility import violations
from comment_form import no_rate

from comments.models import Comment

__all__ = ["no_rate"]  # fixtures

BODY = "The cat sat on the mat.[^1] It slept for a long time.\n\nThe end.\n\n[^1]: Mine."
SELECT = """() => {
  const text = document.querySelector(".prose p").lastChild, range = document.createRange();
  range.setStart(text, 4);
  range.setEnd(text, 9);
  getSelection().addRange(range);
}"""


@pytest.fixture
def essay(write):
    return write(body=BODY)


@pytest.fixture
def scripted(browser):
    context = browser.new_context(reduced_motion="reduce")
    yield context.new_page()
    context.close()


def post_it(tab):
    tab.fill("#id_body", "So it did.")
    tab.fill("#id_name", "Lou Barba")
    tab.click("text=Post note")


def test_note_is_written_without_scripts_and_waits_in_place(page, live_server, essay):
    page.goto(live_server.url + essay.get_absolute_url())
    page.click("text=Write beside a paragraph")
    page.click("text=It slept for a long time.")
    post_it(page)
    note = Comment.objects.get()
    assert page.url.endswith(f"#w{note.pk}")
    assert page.locator(f"#w{note.pk}").inner_text() == "It slept for a long time."
    assert "So it did." in page.locator(f"#n{note.pk}").inner_text()


def test_selected_words_lead_to_their_form(scripted, live_server, essay):
    scripted.goto(live_server.url + essay.get_absolute_url())
    scripted.evaluate(SELECT)
    scripted.click("text=Write beside these words")
    assert violations(scripted) == []
    assert scripted.locator("label:has(:checked)").inner_text().strip() == "slept"
    post_it(scripted)
    scripted.locator(".passage").wait_for()
    assert Comment.objects.get().passage == "slept"


def test_notes_stand_in_the_margin_and_fold_on_a_phone(scripted, live_server, essay, say):
    say(essay, "One.", passage="The end.", name="Ann")
    for name in ("Bo", "Cy"):
        say(essay, f"By {name}.", passage="sat on the mat", name=name)
    for width, is_open in ((1280, True), (390, False)):
        scripted.set_viewport_size({"width": width, "height": 900})
        scripted.goto(live_server.url + essay.get_absolute_url())
        assert scripted.locator("text=One. >> nth=0").is_visible() == is_open
        assert not scripted.locator("aside >> text=By Bo.").is_visible()
        assert violations(scripted) == []
    scripted.click("text=2 notes")
    assert scripted.locator("aside >> text=By Bo.").is_visible()
