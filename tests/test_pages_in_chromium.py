"""Every public page as a reader's browser draws it: wide and narrow, light and dark, with keys."""

import sqlite3
from contextlib import closing
from itertools import pairwise
from urllib.parse import urlsplit

import pytest
from accessibility import violations
from django.db import connection
from trials import some_of

from blog.pages.invalidation import changed, site_changed
from blog.posts.models import Post
from blog.site.models import SiteVersion
from blog.transfer.demo import load_demo
from comments.models import Comment, ThreadPage

pytestmark = pytest.mark.browser

MARGIN = "/2026/11/room-in-the-margin/"
EVERYTHING = "/2026/10/everything-you-can-write/"
THREAD = "/2026/09/ten-minutes-a-day/"
PAGES = {
    "index": "/",
    "notes": MARGIN,
    "everything": EVERYTHING,
    "thread": THREAD,
    "second page of comments": f"{EVERYTHING}comments/2/",
    "archive": "/archive/",
    "year": "/2026/",
    "tag": "/tags/marginalia/",
    "tags": "/tags/",
    "search": "/search/?q=margin",
    "nothing found": "/search/?q=xyzzy",
    "about": "/about/",
    "not there": "/nowhere/",
}
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def ready():
    """Where the database is kept once it has the demo, which takes long to load."""
    with closing(sqlite3.connect(":memory:")) as ready:
        yield ready


@pytest.fixture
def site(transactional_db, live_server, ready):
    """The demo; return the server's address."""
    connection.ensure_connection()
    if ready.execute("SELECT 1 FROM sqlite_master").fetchone():
        ready.backup(connection.connection)
        changed()
    else:
        load_demo()
        connection.connection.backup(ready)
    return live_server.url


@pytest.fixture
def long_thread(site):
    post = Post.objects.get(slug="everything-you-can-write")
    for number in range(ThreadPage.COMMENTS):
        Comment(post=post, name="Lou", body=f"No. {number}", status="approved").save(refresh=False)
    ThreadPage.objects.refresh(post)


@pytest.fixture
def tab(browser):
    """A fresh page with JavaScript on, to measure with; the site itself brings none."""
    # With reduced motion nothing glides, so positions are final when measured.
    context = browser.new_context(viewport=WIDE, reduced_motion="reduce")
    yield context.new_page()
    context.close()


def boxes(tab, selector):
    """Return the bounding boxes of all elements that match, in the document's own order."""
    return tab.eval_on_selector_all(
        selector,
        """found => found.map(e => {
            const {left, top, right, bottom} = e.getBoundingClientRect();
            return {id: e.id, left, top, right, bottom};
        })""",
    )


@pytest.mark.long
@pytest.mark.usefixtures("long_thread")
@pytest.mark.parametrize(("part", "size"), [(0, WIDE), (1, NARROW)], ids=["wide", "narrow"])
def test_axe_finds_nothing(site, tab, part, size):
    tab.set_viewport_size(size)
    broken = []
    for name, path in some_of(PAGES.items(), 4, part):
        tab.emulate_media(color_scheme="light")
        tab.goto(site + path)
        broken += violations(tab, name, {"rules": {"target-size": {"enabled": True}}})
        tab.emulate_media(color_scheme="dark")  # which changes colours and nothing else
        broken += violations(tab, f"{name}, dark", {"runOnly": ["color-contrast"]})
    assert broken == []


@pytest.mark.usefixtures("long_thread")
def test_nothing_scrolls_sideways_at_320_pixels(site, tab):
    """This is also a window of 1280 pixels at 400 % (WCAG 2.2, 1.4.10)."""
    tab.set_viewport_size({"width": 320, "height": 256})
    for name, path in PAGES.items():
        tab.goto(site + path)
        assert tab.evaluate("document.documentElement.scrollWidth") <= 320, name


def test_words_without_end_are_broken(live_server, tab, write, say):
    """No title, name, menu, host or text that people type may widen the page."""
    endless = "Rindfleischetikettierungsüberwachung" * 4
    post = write(endless, standfirst=endless, body=f"# {endless}\n\n{endless} `{endless}`[^1]\n\n"
                 f"[^1]: {endless}")  # fmt: skip
    post.tags.create(name=endless[:100], slug="endless")
    parent = say(post, endless, name=endless)
    say(post, f"https://example.org/{endless}", name=endless, url="https://a.org", parent=parent)
    host = ".".join(["endless"] * 20)
    say(post, "", kind="webmention", source=f"https://{host}/", title=endless)
    menu = [["/about/", endless[:60]], [f"https://{host}/", ""]]
    SiteVersion.objects.create(title="W" * 100, masthead=menu, foot=menu, profiles=menu[1:])
    site_changed()
    tag = "/tags/endless/"
    for path in (post.get_absolute_url(), "/", "/archive/", "/tags/", tag, f"/search/?q={endless}"):
        tab.goto(live_server.url + path)
        for width in (1440, 320):
            tab.set_viewport_size({"width": width, "height": 640})
            assert tab.evaluate("document.documentElement.scrollWidth") <= width, path


def test_letters_twice_as_large_lose_nothing(site, tab):
    """Readers may set a larger letter in their browser instead of zooming (WCAG 2.2, 1.4.4)."""
    larger = {"fontSizes": {"standard": 32, "fixed": 26}}
    tab.context.new_cdp_session(tab).send("Page.setFontSizes", larger)
    for size in (WIDE, NARROW):
        tab.set_viewport_size(size)
        for path in (MARGIN, EVERYTHING, THREAD, PAGES["search"]):
            tab.goto(site + path)
            assert tab.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
            width = tab.evaluate("document.documentElement.scrollWidth")
            assert width <= size["width"], (path, size)


def test_wide_tables_and_code_scroll_inside_themselves(site, tab):
    tab.set_viewport_size(NARROW)
    tab.goto(site + EVERYTHING)
    wide = tab.eval_on_selector_all(
        ".prose *",
        """all => all.filter(e => e.scrollWidth > e.clientWidth
            && getComputedStyle(e).overflowX == "auto").map(e => e.tabIndex)""",
    )
    assert wide
    assert set(wide) == {0}, "it can be scrolled with the keys"


@pytest.mark.usefixtures("long_thread")
def test_no_errors_no_other_hosts_no_cookies(site, tab):
    said, asked = [], []
    tab.on("console", lambda message: said.append(message.text) if message.type == "error" else 0)
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("request", lambda request: asked.append(request.url))
    for name, path in PAGES.items():
        if name != "not there":  # Chromium itself reports a 404 as an error.
            tab.goto(site + path)
    assert said == []
    assert {urlsplit(url).netloc for url in asked} == {urlsplit(site).netloc}
    assert not any(url.endswith((".woff", ".woff2")) for url in asked)
    assert not any(url.endswith((".js", ".css")) for url in asked)
    assert tab.context.cookies() == []


def test_navigation_works_without_javascript(site, page):
    page.goto(site)
    page.click("text=Archive")
    page.click("text=Room in the margin")
    assert page.url == site + MARGIN
    page.click("text=6 comments")
    assert page.url.endswith("#comments")
    page.click("main >> a[rel=tag] >> nth=0")
    assert page.url == site + PAGES["tag"]
    page.click("nav >> text=Essays")
    assert page.url == f"{site}/"


def test_search_works_without_javascript(site, page):
    page.goto(f"{site}/search/")
    page.fill("input[name=q]", "quince paste")
    page.press("input[name=q]", "Enter")
    assert "q=quince" in page.url
    assert page.inner_text("mark >> nth=0").lower() == "quince"
    page.click("text=Room in the margin")
    assert page.url == site + MARGIN


def test_margin_notes_stand_level_with_their_line(site, tab):
    tab.goto(site + MARGIN)
    notes, marks = boxes(tab, ".note"), boxes(tab, ".ref, .passage")
    rule = boxes(tab, ".prose")[0]["left"]
    assert len(notes) == len(marks) == 5
    before = None
    for note, mark in zip(notes, marks, strict=True):
        assert note["right"] < rule
        pushed = before and note["top"] - before["bottom"] < 20 and note["top"] > mark["top"]
        assert abs(note["top"] - mark["top"]) <= 12 or pushed, (note, mark)
        before = note


@pytest.mark.parametrize("width", [928, 1280, 2560])
def test_margin_notes_never_overlap(live_server, tab, write, width):
    """Four notes to one line cannot all be level with it; they stack, and so does what follows."""
    marks = "".join(f" word[^{number}]" for number in range(4))
    notes = "\n\n".join(f"[^{number}]: {'Some words. ' * 12}" for number in range(4))
    post = write(body=f"Begin{marks}.\n\nNext{marks.replace('[^', '[^b')}.\n\n" + notes + "\n\n" +
                 notes.replace("[^", "[^b"))  # fmt: skip
    tab.set_viewport_size({"width": width, "height": 900})
    tab.goto(live_server.url + post.get_absolute_url())
    found = boxes(tab, ".note")
    assert len(found) == 8
    for above, below in pairwise(found):
        assert above["bottom"] <= below["top"]


def test_notes_move_under_their_paragraph_on_narrow_screens(site, tab):
    tab.set_viewport_size(NARROW)
    tab.goto(site + MARGIN)
    notes, paragraphs = boxes(tab, ".note"), boxes(tab, ".noted > p")
    assert len(notes) == 5
    for note, paragraph in zip(notes, paragraphs, strict=True):
        assert 0 <= note["top"] - paragraph["bottom"] < 30
        assert note["left"] >= paragraph["left"]
        assert note["right"] <= NARROW["width"]


def test_page_reads_in_order_without_css(site, tab):
    tab.route("**/*.css", lambda route: route.abort())
    tab.goto(site + MARGIN)
    text = tab.inner_text("body")
    in_order = [
        "Skip to the text",
        "\nRoom in the margin",
        "A postil is a note",
        "I use it in the earlier sense.",
        "Luther published",  # the note on that paragraph
        "The earlier sense took some carpentry",
        "I should love to, but nobody can.",
        "You are right and I was wrong.",
        "Mentioned elsewhere",
        "Pencil only",
    ]
    places = [text.find(words) for words in in_order]
    assert -1 not in places
    assert places == sorted(places)


def test_the_first_key_skips_to_the_text(site, tab):
    tab.goto(site + MARGIN)
    tab.keyboard.press("Tab")
    skip = tab.evaluate("document.activeElement.getBoundingClientRect().toJSON()")
    assert tab.evaluate("document.activeElement.textContent") == "Skip to the text"
    assert skip["width"] > 100
    assert skip["top"] >= 0
    tab.keyboard.press("Enter")
    assert tab.url.endswith("#content")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.closest('main') !== null")


def test_a_comment_that_is_linked_to_is_marked(site, tab):
    def look(selector, pseudo, name):
        script = "([s, p, n]) => getComputedStyle(document.querySelector(s), p)[n]"
        return tab.evaluate(script, [selector, pseudo, name])

    tab.goto(site + THREAD)
    linked, other = (box["id"] for box in boxes(tab, "article.comment")[1:3])
    tab.goto(f"{site}{THREAD}#{linked}")
    assert look(f"#{linked}", "::before", "borderLeftWidth") == "3px"
    wash = look(f"#{linked} .text", None, "backgroundColor")
    assert wash == "rgb(253, 240, 166)"
    assert look(f"#{other} .text", None, "backgroundColor") != wash
    top = boxes(tab, f"#{linked}")[0]["top"]
    assert -1 < top < WIDE["height"]


def test_axe_finds_nothing_in_linked_comment_in_dark_mode(live_server, tab, write, say):
    post = write()
    body = "> Quoted.\n\nSee [this](https://example.org/), `code` and *that*.\n\n    a = 1\n"
    said = [say(post, body, url="https://lou.example/"), say(post, status="trash")]
    say(post, parent=said[-1])  # for which the removed one keeps its line
    said.append(say(post, "As she says.", kind="webmention", source="https://a.org/", title="A"))
    tab.emulate_media(color_scheme="dark")
    for comment in said:
        tab.goto(f"{live_server.url}{post.get_absolute_url()}#c{comment.pk}")
        assert tab.locator(f"#c{comment.pk}:target").count() == 1
        # The page is the same each time, but for the colours of what is linked to.
        options = {} if comment == said[0] else {"runOnly": ["color-contrast"]}
        assert violations(tab, comment.body, options) == []


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_linked_comment_is_visible_at_the_top(live_server, tab, write, say, size):
    post = write()
    said = [say(post, "Some words.\n\n" * 9) for _ in range(6)]
    tab.set_viewport_size(size)
    tab.goto(f"{live_server.url}{post.get_absolute_url()}#c{said[2].pk}")
    wash = 0.6 * float(tab.evaluate("parseFloat(getComputedStyle(document.body).fontSize)"))
    assert boxes(tab, f"#c{said[2].pk}")[0]["top"] >= wash


@pytest.mark.long
def test_tab_reaches_everything_and_shows_where_it_is(site, tab):
    for path in some_of([MARGIN, "/", EVERYTHING, "/search/?q=margin"], 2):
        tab.goto(site + path)
        wanted = tab.evaluate("""() => {
            const all = [...document.querySelectorAll(
                "a[href], button, input, textarea, [tabindex='0']")]
                .filter(e => e.type != "hidden" && e.tabIndex >= 0);
            all.forEach((e, number) => e.dataset.number = number);
            return all.length;
        }""")
        reached = []
        for _ in range(wanted):
            tab.keyboard.press("Tab")
            seen = tab.evaluate("""() => {
                const e = document.activeElement, style = getComputedStyle(e);
                const {width, height, top, bottom} = e.getBoundingClientRect();
                return {html: e.outerHTML.slice(0, 200), number: +e.dataset.number,
                        outline: style.outlineStyle + style.outlineWidth, opacity: style.opacity,
                        width, height, top, bottom};
            }""")
            assert seen["outline"] == "solid2px", seen
            assert seen["opacity"] == "1", seen
            assert min(seen["width"], seen["height"]) > 4, seen
            assert seen["top"] > -1, seen
            # Of a box taller than a line, its first lines are enough.
            assert min(seen["bottom"], seen["top"] + 60) < WIDE["height"] + 1, seen
            reached.append(seen["number"])
        assert reached == list(range(wanted)), path


def test_print_has_notes_and_comments_but_no_navigation(site, tab):
    tab.goto(site + MARGIN)
    tab.emulate_media(media="print")
    assert not tab.is_visible("nav[aria-label=Site]")
    assert tab.locator('main a[href$="#form"]').count() > 1
    assert tab.locator('main a[href$="#form"]').locator("visible=true").count() == 0
    assert tab.is_visible(".note >> nth=0")
    assert tab.is_visible("article.comment >> nth=0")


def test_the_admin_works_under_the_strict_policy(site, tab, admin_client):
    said = []
    tab.on("console", lambda message: said.append(message.text) if message.type == "error" else 0)
    tab.on("pageerror", lambda error: said.append(str(error)))
    session = admin_client.cookies["postil_session"].value
    post, comment = Post.objects.first(), Comment.objects.first()
    found = {}
    for path in (
        "login/",
        "",
        "posts/post/",
        "posts/post/add/",
        f"posts/post/{post.pk}/change/",
        "comments/comment/",
        f"comments/comment/{comment.pk}/change/",
    ):
        answer = tab.goto(f"{site}/admin/{path}")
        assert (answer.status, tab.url) == (200, f"{site}/admin/{path}")
        tab.wait_for_load_state("load")
        found |= {path: [*said]} if said else {}
        said.clear()
        tab.context.add_cookies([{"name": "postil_session", "value": session, "url": site}])
    assert found == {}
