"""Arabic and Hebrew in a real Chromium: pages are mirrored, and keys go the way they read."""

import pytest
from desk_page import desk_of, put, sit  # noqa: F401 - a fixture

from blog.pages.invalidation import changed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ARABIC = "الهامش مكان يجيب فيه الكتاب."


@pytest.fixture
def arabic(settings):
    settings.LANGUAGE_CODE = "ar"
    changed()


@pytest.fixture
def tab(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    yield context.new_page()
    context.close()


def stops(page, presses):
    """Press Tab so often, and return where the focus went: left edges and tops."""
    found = []
    for _ in range(presses):
        page.keyboard.press("Tab")
        found.append(
            page.evaluate(
                "(({right, top}) => [Math.round(top), Math.round(right)])"
                "(document.activeElement.getBoundingClientRect())"
            )
        )
    return found


def box(page, selector):
    return page.locator(selector).first.bounding_box()


def middle(page, selector):
    found = box(page, selector)
    return found["x"] + found["width"] / 2


@pytest.mark.usefixtures("arabic")
def test_tab_goes_through_the_menu_from_right_to_left(tab, live_server, write):
    tab.goto(live_server.url + write(body=ARABIC).get_absolute_url())
    tab.focus("header a >> nth=0")
    menu = [right for _top, right in stops(tab, 3)]
    assert menu == sorted(menu, reverse=True)


@pytest.mark.usefixtures("arabic")
def test_margin_notes_and_form_stand_on_the_right(tab, live_server, write, say):
    post = write("عن الهوامش", body=f"{ARABIC}[^1]\n\n    code = 1\n\n[^1]: حاشية.")
    say(post, "Thanks.", name="Lou")
    tab.goto(live_server.url + post.get_absolute_url())
    text = box(tab, ".prose")
    for margin in (".note", ".comment .name", ".form-row label", ".head .margin"):
        assert box(tab, margin)["x"] > text["x"] + text["width"], margin
    name, date = box(tab, ".comment .name bdi"), box(tab, ".comment .margin time")
    assert abs(name["x"] - date["x"]) < 2, "both end at the rule, whatever their letters"
    direction = "e => getComputedStyle(e).direction"
    for selector in ("pre", "#id_email", "#id_url"):
        assert tab.eval_on_selector(selector, direction) == "ltr", selector


@pytest.mark.parametrize(("site", "body"), [("ar", "Words in English."), ("en", ARABIC)])
def test_paragraph_of_the_other_direction_leaves_the_margin_in_place(
    browser, live_server, settings, write, site, body
):
    settings.LANGUAGE_CODE = site
    changed()
    post = write(body=f"{body}\n\n- {body}", lang="en" if site == "ar" else "ar")
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, java_script_enabled=False
    )
    page = context.new_page()
    page.goto(live_server.url + post.get_absolute_url())
    text = box(page, ".prose")
    for way in page.locator(".here").all():
        at = way.bounding_box()
        beside = at["x"] > text["x"] if site == "ar" else at["x"] < text["x"]
        assert beside
        assert 0 <= at["x"] <= 1280 - at["width"]
    assert page.evaluate("document.documentElement.scrollWidth") == 1280
    first = page.locator(".prose p").first
    start = first.evaluate("e => getComputedStyle(e).direction")
    assert start == ("ltr" if site == "ar" else "rtl")
    context.close()


@pytest.mark.long("a desk takes seconds to open")
@pytest.mark.usefixtures("arabic")
def test_arrows_in_the_toolbar_go_where_they_point(sit, write):  # noqa: F811
    page = sit(desk_of(write(body=ARABIC)), viewport={"width": 1280, "height": 900})
    page.focus("#toolbar button >> nth=0")
    focus = "document.activeElement.getBoundingClientRect().left"
    places = [page.evaluate(focus)]
    for key in ("ArrowLeft", "ArrowLeft", "ArrowRight"):
        page.keyboard.press(key)
        places.append(page.evaluate(focus))
    assert places[0] > places[1] > places[2]
    assert places[3] == places[1]
    assert middle(page, "#id_body") > middle(page, ".preview"), "the text is where one begins"


@pytest.mark.usefixtures("arabic")
def test_site_is_set_in_arabic_type(tab, live_server, write):
    tab.goto(live_server.url + write(body=ARABIC).get_absolute_url())
    style = tab.evaluate("(({fontFamily}) => fontFamily)(getComputedStyle(document.body))")
    assert style.startswith("Amiri")
