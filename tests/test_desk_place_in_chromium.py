"""Edit beside an essay opens the desk at what was on screen, and publishing leads back there."""

import pytest
from desk_page import ready, sit  # noqa: F401 - a fixture
from playwright.sync_api import expect
from test_queue_in_chromium import enter  # noqa: F401 - a fixture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SENTENCE = "The holes along the edge were pricked before a single word was written. "
BODY = "\n\n".join(f"Paragraph {number} begins. {SENTENCE * 6}" for number in range(1, 41))
TOP = "document.querySelectorAll('.prose > *')[{}].getBoundingClientRect().top"
LINE = (
    "(box => box.value.slice(0, box.selectionStart).split('\\n').length)"
    "(document.getElementById('id_body'))"
)


def read(page, post, number):
    """Open the essay and scroll to one of its paragraphs."""
    page.goto(page.url.partition("/admin/")[0] + post.get_absolute_url())
    page.evaluate(f"window.scrollBy({{top: {TOP.format(number - 1)} - 100, behavior: 'instant'}})")
    page.locator("body.far").wait_for()


@pytest.mark.parametrize("width", [1440, 390])
def test_edit_and_publish_keep_the_paragraph(sit, write, width):  # noqa: F811
    post = write(body=BODY)
    page = sit(viewport={"width": width, "height": 844})
    read(page, post, 30)
    page.click("#edit")
    ready(page)
    expect(page.locator("#id_body:focus")).to_have_count(1)
    assert page.evaluate(LINE) == 59
    page.keyboard.type("Changed. ")
    page.locator("#saved", has_text="Saved").wait_for()
    page.click("#bar [value=publish-changes]")
    page.wait_for_url(f"**{post.get_absolute_url()}*")
    assert page.inner_text(".prose > :nth-child(30)").startswith("Changed. Paragraph 30 begins.")
    page.wait_for_function(f"{TOP.format(29)} > 0 && {TOP.format(29)} < innerHeight - 50")
    assert page.complaints == []


def test_paragraph_clicked_last_is_edited(sit, write):  # noqa: F811
    post = write(body=BODY)
    page = sit(viewport={"width": 1440, "height": 844})
    read(page, post, 20)
    page.click(".prose > :nth-child(22)")
    page.click("#edit")
    ready(page)
    assert page.evaluate(LINE) == 43


def test_without_scripts_publishing_leads_to_what_was_changed(enter, write):  # noqa: F811
    post = write(body=BODY)
    page = enter(post.get_absolute_url(), java_script_enabled=False, reduced_motion="reduce")
    page.click("#edit")
    page.fill("#id_body", BODY.replace("Paragraph 30 begins.", "Paragraph 30 has changed."))
    page.click("#bar [value=publish-changes]")
    page.wait_for_url(f"**{post.get_absolute_url()}*")
    expect(page.get_by_text("Paragraph 30 has changed.")).to_be_in_viewport()
