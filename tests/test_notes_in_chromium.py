"""Notes in a real browser: written with and without scripts, and read on both sides of the rule."""

import pytest
from accessibility import violations
from comment_form import no_rate
from trials import some_of

from comments.models import Comment

__all__ = ["no_rate"]  # fixtures

BODY = "The cat sat on the mat.[^1] It slept for a long time.\n\nThe end.\n\n[^1]: Mine."
SELECT = """words => {
  const all = document.createTreeWalker(document.querySelector(".prose"), NodeFilter.SHOW_TEXT);
  while (all.nextNode()) {
    const at = all.currentNode.data.indexOf(words);
    if (at >= 0) return getSelection().setBaseAndExtent(
      all.currentNode, at, all.currentNode, at + words.length);
  }
}"""
# The boxes in the margin that reach over one another.
OVER = """() => {
  const boxes = [...document.querySelectorAll(".prose aside, .offer, .end ~ * .margin > *")]
    .filter(box => box.checkVisibility())
    .map(box => [box.getBoundingClientRect(), box.textContent]);
  return boxes.flatMap(([a, one], at) => boxes.slice(at + 1)
    .filter(([b]) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
    .map(([, other]) => [one, other]));
}"""


@pytest.fixture
def essay(write):
    return write(body=BODY)


@pytest.fixture
def scripted(browser):
    context = browser.new_context(reduced_motion="reduce")
    yield context.new_page()
    context.close()


def select(tab, words):
    tab.evaluate(SELECT, words)
    tab.click(".offer >> text=Write beside these words")
    tab.locator(".offer textarea:focus").wait_for()


def test_note_is_written_without_scripts_and_waits_in_place(page, live_server, essay):
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(live_server.url + essay.get_absolute_url())
    link = page.locator(".here").first
    assert link.evaluate("link => getComputedStyle(link).opacity") == "0"
    page.hover("text=The cat sat")
    assert link.evaluate("link => getComputedStyle(link).opacity") == "1"
    link.click()
    page.click("text=It slept for a long time.")
    page.fill("#id_body", "So it did.")
    page.fill("#id_name", "Lou Barba")
    page.click("text=Post note")
    note = Comment.objects.get()
    assert page.url.endswith(f"#w{note.pk}")
    assert page.locator(f"#w{note.pk}").inner_text() == "It slept for a long time."
    beside = page.locator(f"#n{note.pk}")
    assert "So it did." in beside.inner_text()
    beside.locator("text=Edit it").click()
    assert page.input_value("#id_body") == "So it did."


def test_form_opens_beside_the_selected_words(scripted, live_server, essay):
    scripted.goto(live_server.url + essay.get_absolute_url())
    select(scripted, "slept")
    assert scripted.evaluate("[...CSS.highlights.get('beside')].join()") == "slept"
    assert violations(scripted) == []
    scripted.fill(".offer textarea", "So it did.")
    scripted.click("text=Not now")
    assert scripted.locator(".offer").count() == 0
    select(scripted, "slept")
    assert scripted.input_value(".offer textarea") == "So it did."
    scripted.fill(".offer [name=name]", "Lou Barba")
    scripted.click("text=Post note")
    scripted.locator(".passage").wait_for()
    assert Comment.objects.get().passage == "slept"
    select(scripted, "The end")
    assert scripted.input_value(".offer textarea") == ""


@pytest.mark.long
def test_words_of_each_kind_of_block_are_chosen_by_selecting_them(scripted, live_server, write):
    kinds = {
        "A heading here": "## A heading here",
        "an item of it": "- an item of it\n- another",
        "quoted words": "> quoted words stand here",
        "a caption of its own": '![A leaf](/media/x.png "a caption of its own")',
        "one cell": "| Leaf | Holes |\n|---|---|\n| one cell | 24 |",
        "print(leaf)": "```\nprint(leaf)\n```",
    }
    essay = write(body="\n\n".join(kinds.values()))
    scripted.goto(live_server.url + essay.get_absolute_url())
    for words in some_of(kinds, 3):
        select(scripted, words)
        assert scripted.locator(".offer input[name=beside]").count() == 1, words
        assert scripted.evaluate("[...CSS.highlights.get('beside')].join()") == words
        scripted.click("text=Not now")
    select(scripted, "a caption of its own")
    scripted.fill(".offer textarea", "It is.")
    scripted.fill(".offer [name=name]", "Lou Barba")
    scripted.click("text=Post note")
    scripted.locator("figcaption .passage").wait_for()
    assert Comment.objects.get().passage == "a caption of its own"


def test_note_in_the_margin_is_previewed_with_its_words(scripted, live_server, essay):
    scripted.set_viewport_size({"width": 390, "height": 800})
    scripted.goto(live_server.url + essay.get_absolute_url())
    select(scripted, "slept")
    scripted.fill(".offer textarea", "So *it* did.")
    scripted.fill(".offer [name=name]", "Lou Barba")
    scripted.click(".offer summary")
    scripted.click(".offer >> text=Preview")
    scripted.locator("em >> text=it").wait_for()
    assert scripted.locator("label:has(:checked)").inner_text().strip() == "slept"
    assert scripted.input_value("#id_body") == "So *it* did."


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
    scripted.click("text=Fold them again")
    assert not scripted.locator("aside >> text=By Bo.").is_visible()
    scripted.click("text=Hide the notes")
    assert scripted.locator("aside >> text=2 notes").count() == 0
    scripted.click("text=Show the notes")
    assert scripted.locator("aside >> text=2 notes").is_visible()


def test_no_note_reaches_over_another_or_what_follows(scripted, live_server, write, say):
    lines = [f"Line {number} says this." for number in range(8)]
    essay = write(body="\n\n".join(lines))
    for line in lines:
        note = say(essay, "Not so. " * 30, passage=line)
        say(essay, "It is. " * 20, parent=note)
    say(essay, "Twice.", passage=lines[7])
    scripted.set_viewport_size({"width": 1280, "height": 900})
    scripted.goto(live_server.url + essay.get_absolute_url())
    assert scripted.evaluate(OVER) == []
    select(scripted, "Line 3")
    assert scripted.evaluate(OVER) == []
    scripted.click("text=2 notes")
    assert scripted.evaluate(OVER) == []
