"""Keys of the queue in a real Chromium: each acts or explains why not."""

import json

import pytest
from accessibility import violations
from keyboards import LAYOUTS, press_key
from test_queue_in_chromium import LIST, enter, focused, held, press, waiting  # noqa: F401

from comments.models import Comment

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def why_not(page):
    return page.inner_text("#why-not")


def in_view(page, selector):
    box, height = page.locator(selector).bounding_box(), page.viewport_size["height"]
    return box["y"] >= 0 and box["y"] + box["height"] <= height


def test_letters_after_a_refused_reply_decide_nothing(enter, held, say):  # noqa: F811
    mention = say(held[0].post, "", kind="pingback", source="https://a.example/", status="pending")
    page = enter()
    assert focused(page) == f"c{mention.pk}"
    page.keyboard.press("r")
    assert "A mention from another site cannot be answered here." in why_not(page)
    page.keyboard.type("a sad reply, as I said")
    assert waiting() == 13
    page.keyboard.press("Escape")
    press(page, "a")
    assert Comment.objects.get(pk=mention.pk).is_approved


def test_words_typed_into_nothing_decide_nothing(enter, held):  # noqa: F811
    page = enter()
    page.keyboard.type("thanks and so on")
    assert waiting() == 12
    assert "as if you were typing" in why_not(page)


def test_letters_typed_into_an_opened_box_stay_there(enter, held):  # noqa: F811
    page = enter()
    page.locator("[data-row]:focus .reply summary").click()
    page.keyboard.type("a sad reply")
    assert page.locator("[data-row] textarea:focus").input_value() == "a sad reply"
    assert waiting() == 12
    # And another decision keeps what was typed.
    page.locator("[data-row]").nth(1).focus()
    press(page, "s")
    assert waiting() == 11
    assert page.locator("[data-row] textarea").first.input_value() == "a sad reply"


def test_modifiers_and_input_methods_decide_nothing(enter, held):  # noqa: F811
    page = enter()
    for extra in ({"isComposing": True}, {"keyCode": 229}, {"repeat": True}):
        page.evaluate(
            "extra => document.activeElement.dispatchEvent(new KeyboardEvent('keydown',"
            " {key: 'd', bubbles: true, ...extra}))",
            extra,
        )
    assert waiting() == 12
    for modifier in ("Control", "Alt", "Meta", "Shift"):
        page.keyboard.press(f"{modifier}+d")
    page.keyboard.press("?")
    page.keyboard.press("d")
    assert waiting() == 12


def test_keys_decide_on_keyboards_of_other_alphabets(enter, held):  # noqa: F811
    page = enter()
    for count, layout in enumerate(LAYOUTS, 1):
        with page.expect_navigation():
            press_key(page, layout, "A")
        assert Comment.objects.approved().count() == count, layout
        with page.expect_navigation():
            press_key(page, layout, "S")
        assert waiting() == 12 - 2 * count, layout
    page.evaluate("""() => {
      const mark = { key: "؟", keyCode: 191, shiftKey: true, bubbles: true };
      document.body.dispatchEvent(new KeyboardEvent("keydown", mark));
    }""")
    page.locator("dialog[open]").wait_for()


def test_keys_of_the_first_page_work_on_keyboards_of_other_alphabets(enter, held):  # noqa: F811
    page = enter("/admin/")
    for layout in LAYOUTS:
        with page.expect_navigation():
            press_key(page, layout, "C")
        assert "kind__exact=comment" in page.url, layout
        page.go_back()
    # With AltGr a key writes another sign, as on a Polish keyboard.
    pressed = page.evaluate("""() => {
      let pressed = false;
      document.querySelector("[data-key=c]").addEventListener("click", () => { pressed = true; });
      const sign = { key: "ć", keyCode: 67, modifierAltGraph: true, bubbles: true };
      document.body.dispatchEvent(new KeyboardEvent("keydown", sign));
      return pressed;
    }""")
    assert not pressed


def test_keys_say_why_they_do_nothing(enter, held):  # noqa: F811
    Comment.objects.filter(pk=held[-1].pk).update(status="spam")
    page = enter(f"{LIST}?status=spam")
    said = {}
    for key in "sukjr":
        page.keyboard.press(key)
        said[key] = why_not(page)
    assert said == {
        "s": "This is marked as spam already.",
        "u": "There is nothing to undo here.",
        "k": "This is the first row.",
        "j": "This is the last row on this page.",
        "r": said["r"],
    }
    assert said["r"].startswith("Only what waits or is approved can be answered.")


def test_outcome_and_undo_are_where_the_eye_is(enter, held):  # noqa: F811
    page = enter(viewport={"width": 1440, "height": 900})
    for _ in range(9):
        page.keyboard.press("j")
    row = focused(page)
    press(page, "a")
    assert in_view(page, ".outcome")
    assert in_view(page, "[data-undo]")
    assert page.locator(".outcome").get_attribute("role") == "status"
    press(page, "u")
    assert focused(page) == row
    # A status by itself is put in a moment after the page is there, so that it is read out.
    page.locator(".outcome", has_text="Undone: ").wait_for()
    assert in_view(page, ".outcome")


@pytest.mark.parametrize(("width", "scheme"), [(1440, "dark"), (390, "light")])
def test_changed_and_alike_rows_are_shown_well(enter, held, say, width, scheme):  # noqa: F811
    pitch = "The best price that you can get for this anywhere on the whole wide net."
    first = say(held[0].post, pitch, name="A", network="192.0.2.0/24", status="pending")
    say(held[0].post, pitch, name="B", status="pending")
    say(held[0].post, f"{pitch} Yes!", name="C", look_alike=first, status="pending")
    say(held[0].post, "A regular.", network="192.0.2.0/24")
    page = enter(viewport={"width": width, "height": 900}, color_scheme=scheme)
    changed = Comment.objects.get(pk=held[5].pk)
    changed.body = "Sun was on nobody’s mind."
    changed.correct("pending", [])
    page.locator(f"#c{changed.pk}").focus()
    press(page, "a")
    assert focused(page) == f"c{changed.pk}"
    assert in_view(page, ".outcome")
    assert "everybody’s nobody’s" in page.inner_text(f"#c{changed.pk} .changed dd")
    broken = violations(page)
    page.locator(f"#c{first.pk} .action-select").check()
    page.locator("select[name=action]").select_option("spam_all")
    page.get_by_role("button", name="Go", exact=True).click()
    assert "A regular." in page.inner_text("#content")
    broken += violations(page)
    assert broken == [], json.dumps(broken, indent=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_first_row_and_its_controls_are_seen(enter, held):  # noqa: F811
    page = enter(viewport={"width": 1440, "height": 900})
    row = f"#c{held[-1].pk}"
    assert in_view(page, row)
    tops = {
        page.locator(f"{row} [data-verb={verb}]").bounding_box()["y"] for verb in ("a", "d", "r")
    }
    assert len(tops) == 1, "Reply is in the row of buttons"
    heights = page.eval_on_selector_all(
        "#changelist-filter :is(a, summary), .tabs a",
        "links => links.map(link => link.getBoundingClientRect().height)",
    )
    assert min(heights) >= 24
    page.locator(f"{row} .action-select").focus()
    outlines = set()
    for _ in range(8):
        page.keyboard.press("Tab")
        outlines.add(
            page.evaluate(
                "(s => `${s.outlineStyle} ${parseFloat(s.outlineWidth) >= 2}`)"
                "(getComputedStyle(document.activeElement))"
            )
        )
    assert outlines == {"solid true"}
