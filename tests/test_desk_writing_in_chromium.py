"""Writing at the desk in a real Chromium: keys, marks, paste, pictures, links and the preview."""

import io
import re

import pytest
from accessibility import violations
from desk_page import BODY, choose, chosen, desk_of, put, saved, sit, text  # noqa: F401 - a fixture
from django.contrib.auth import get_user_model
from inputs import every
from keyboards import CTRL, LAYOUTS, press_key
from PIL import Image as Pixels
from playwright.sync_api import expect

from blog.posts.models import Image, Post

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASTE = """given => {
  const clipboardData = new DataTransfer();
  for (const [type, value] of Object.entries(given)) clipboardData.setData(type, value);
  const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
  const isOurs = !document.querySelector("#id_body").dispatchEvent(event);
  if (!isOurs) document.execCommand("insertText", false, given["text/plain"]);
}"""
TABLE = "| Leaf | Holes |\n| --- | --- |\n| 1 | 12 |\n| 2 | 13 |"


@pytest.fixture
def page(sit):  # noqa: F811
    """A new essay's desk; whatever a test does, the browser must not complain."""
    page = sit(viewport={"width": 1440, "height": 900})
    yield page
    assert page.complaints == []


def paste(page, plain, **more):
    given = {"text/plain": plain} | {f"text/{kind}": value for kind, value in more.items()}
    page.evaluate(PASTE, given)


def undo(page):
    page.locator(BODY).press("Control+z")


# --- Marks and keys ---------------------------------------------------------------------------


MARKS = {
    "emphasis": ("One *two* three", "two"),
    "link": ("One [two]() three", ""),
    "heading": ("# One two three", "two"),
    "quote": ("> One two three", "> One two three"),
    "note": ("One two[^two] three\n\n[^two]: ", ""),
    "code": ("One `two` three", "two"),
}


def each_mark_is_written_and_undone(page):
    for mark, expected in MARKS.items():
        put(page, "One two three", 4, 7)
        page.click(f"[data-mark={mark}]")
        assert (text(page), chosen(page)) == expected
        undo(page)
        if mark == "note":  # one step for each half
            undo(page)
        assert text(page) == "One two three"


def marks_pressed_twice_are_taken_away(page):
    put(page, "One two three", 4, 7)
    for key, marked in {"i": "*two*", "b": "**two**", "e": "`two`"}.items():
        page.keyboard.press(f"Control+{key}")
        assert text(page) == f"One {marked} three"
        page.keyboard.press(f"Control+{key}")
        assert text(page) == "One two three"


@every("layout", LAYOUTS)
def test_keys_work_on_keyboards_of_other_alphabets(page, layout):
    put(page, "One")
    page.keyboard.press("Control+a")
    press_key(page, layout, "B", CTRL)
    assert text(page) == "**One**"
    page.evaluate("addEventListener('keydown', event => { taken = event.defaultPrevented })")
    press_key(page, layout, "S", CTRL)
    assert page.evaluate("taken"), "the browser would offer to save the page"
    saved(page)
    press_key(page, layout, "D", CTRL)
    assert not page.evaluate("taken"), "other keys are the browser's"


def enter_goes_on_in_lists_and_quotes(page):
    for start, second in {"- a": "- ", "9. a": "10. ", "> a": "> ", "- [x] a": "- [ ] "}.items():
        put(page, start)
        page.keyboard.press("Enter")
        assert text(page) == f"{start}\n{second}"
        page.keyboard.press("Enter")
        assert text(page) == f"{start}\n"


def test_marks_keys_and_enter_write_markdown(page):
    """At one desk, since to open one takes longer than all of this."""
    for shown in (
        each_mark_is_written_and_undone,
        marks_pressed_twice_are_taken_away,
        enter_goes_on_in_lists_and_quotes,
    ):
        shown(page)


def test_essay_is_written_and_published_by_keys(page):
    page.keyboard.type("Ruled before written")
    page.keyboard.press("Enter")
    page.keyboard.type("Holes, then lines.")
    page.keyboard.press("Control+s")
    saved(page)
    assert Post.objects.get().title == "Ruled before written"
    page.evaluate("window.isTheSamePage = true")
    page.get_by_role("button", name="Publish now").press("Enter")
    page.locator("#bar [data-ask] ~ .verbs button:focus").wait_for()
    page.keyboard.press("Enter")
    page.locator("#bar", has_text="Published on").wait_for()
    page.keyboard.type(" More.")
    page.keyboard.press("Control+s")
    page.locator("#bar", has_text="Your changes are saved. Readers still have the old").wait_for()
    assert Post.objects.get().body == "Holes, then lines."
    undo(page)
    assert len(text(page)) < len("Holes, then lines. More.")
    assert page.evaluate("window.isTheSamePage")


# --- Pasting, pictures, links -----------------------------------------------------------------


def test_paste_becomes_markdown_in_one_step(page):
    put(page, "See the leaf.", 8, 12)
    paste(page, "https://example.org/a_(b)")
    assert text(page) == "See the [leaf](https://example.org/a_%28b%29)."
    cells = "<tr><td>Leaf</td><td>Holes</td></tr><tr><td>1</td><td>12</td></tr>"
    sheet = f'<style>td {{ color: red }}</style><table style="x: y">{cells}<tr><td>2<td>13</table>'
    for given in ({"html": sheet}, {"plain": "Leaf\tHoles\n1\t12\n2\t13\n"}):
        put(page, "")
        paste(page, **{"plain": "x"} | given)
        assert text(page) == TABLE
        undo(page)
        assert text(page) == ""
    paste(page, "A bold word", html="<p>A <b>bold</b> word</p>")
    expect(page.locator(BODY)).to_have_value("A **bold** word")
    undo(page)
    assert text(page) == ""


def test_paste_is_plain_where_the_site_fails(page):
    def fail(route):
        page.keyboard.type(" Typed.")
        route.fulfill(status=503, body="")

    put(page, "Before. ")
    page.route("**/paste/", fail)
    paste(page, "A bold word.", html="<p>A <b>bold</b> word.</p>")
    expect(page.locator(BODY)).to_have_value("Before. A bold word. Typed.")
    page.keyboard.type("..")
    assert text(page).endswith("Typed...")
    page.complaints.clear()  # of the 503


def test_picture_is_put_in_and_a_wrong_one_refused(page, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    file = io.BytesIO()
    Pixels.new("RGB", (4, 4), "teal").save(file, "PNG")
    put(page, "Above.")
    with page.expect_file_chooser() as chooser:
        page.click("[data-mark=picture]")
    chooser.value.set_files(
        {"name": "leaf.png", "mimeType": "image/png", "buffer": file.getvalue()}
    )
    expect(page.locator(BODY)).to_have_value(re.compile("]\\("))
    assert text(page) == f"Above.\n\n{Image.objects.get().markdown}"
    page.keyboard.type("A leaf")
    assert "![A leaf](/media/" in text(page)
    with page.expect_file_chooser() as chooser:
        page.click("[data-mark=picture]")
    chooser.value.set_files({"name": "leaf.heic", "mimeType": "image/heic", "buffer": b"x"})
    said = "leaf.heic was not added: choose a JPEG, PNG, WebP or GIF."
    page.locator("#trouble", has_text=said).wait_for()
    page.complaints.clear()  # of the 400


def test_own_essays_are_found_while_linking(page, write):
    write("Room in the margin", slug="room")
    put(page, "an earlier essay", 0, 16)
    page.keyboard.press("Control+k")
    page.keyboard.type("room")
    page.get_by_role("option", name="Room in the margin").wait_for()
    page.keyboard.press("ArrowDown")
    active = page.locator(BODY).get_attribute("aria-activedescendant")
    assert page.inner_text(f"#{active}") == "Room in the margin"
    assert violations(page) == []
    page.keyboard.press("Enter")
    assert text(page) == f"[an earlier essay]({Post.objects.get(slug='room').get_absolute_url()})"
    assert page.locator("#links").is_hidden()


# --- The preview and who else is here ---------------------------------------------------------


def test_preview_follows_and_leads_to_what_is_missing(page):
    frame = page.frame_locator("#preview")
    put(page, "First.\n\n" + "\n\n".join(f"Paragraph {n}." for n in range(80)) + "\n\n![](x.png)")
    frame.locator(".prose", has_text="Paragraph 79").wait_for()
    choose(page, text(page).index("\n\n![]"))
    page.keyboard.type(" Here.")
    here = frame.get_by_text("Paragraph 79. Here.")
    here.wait_for()
    box = "(({ top, bottom }) => [top >= 0, bottom <= innerHeight])(one.getBoundingClientRect())"
    page.wait_for_timeout(50)
    assert here.evaluate(f"one => {box}") == [True, True]
    page.get_by_role("button", name="One thing to look at").click()
    assert chosen(page) == "![](x.png)"
    frame.locator(".prose p").first.evaluate("one => { one.isTheSame = true }")
    choose(page, 6)
    page.keyboard.type(" And more.")
    frame.get_by_text("First. And more.").wait_for()
    assert frame.locator(".prose p").first.evaluate("one => one.isTheSame")
    page.get_by_role("button", name="Dark").click()
    paper = frame.locator("html").evaluate("one => getComputedStyle(one).backgroundColor")
    assert paper == "rgb(22, 24, 27)"


def test_others_at_the_same_essay_are_named(sit, write, author):  # noqa: F811
    post = write(published_at=None)
    second_author = get_user_model().objects.create_superuser("tomas")
    author.is_superuser = True
    author.save()
    first = sit(desk_of(post), user=author)
    second = sit(desk_of(post), user=second_author)
    second.locator("#notice", has_text="Ines Marlow has this essay open").wait_for()
    second.get_by_role("button", name="Go on anyway").click()
    assert second.locator("#notice").is_hidden()
    # One saves, the other finds out with the next save, and nothing is overwritten.
    first.locator(BODY).press("Control+End")
    first.keyboard.type(" Theirs.")
    with first.expect_response(f"**{desk_of(post)}"):
        first.keyboard.press("Control+s")
    second.locator(BODY).press("Control+End")
    second.keyboard.type(" Mine.")
    second.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    second.locator("#trouble", has_text="Ines Marlow saved this essay at").wait_for()
    assert post.revisions.first().body.endswith(" Theirs.")


def test_schedule_says_the_time_where_you_are(sit, write, settings):  # noqa: F811
    settings.TIME_ZONE = "Europe/London"
    post = write(published_at=None)
    page = sit(desk_of(post), timezone_id="Asia/Tokyo")
    page.get_by_role("button", name="Schedule…").press("Enter")
    page.locator("[name=due_at_0]:focus").fill("2030-06-04")
    page.fill("[name=due_at_1]", "07:30")
    page.locator("#bar", has_text="That is Tuesday 4 June, 15:30 where you are.").wait_for()
    page.get_by_role("button", name="Schedule", exact=True).press("Enter")
    said = "Goes out on Tuesday 4 June at 07:30 London time, 15:30 where you are."
    page.locator("#bar", has_text=said).wait_for()
    assert page.complaints == []
