"""The site's page in a real Chromium: where it comes back, and what it sends."""

import pytest
from test_queue_in_chromium import enter  # noqa: F401 - a fixture

from blog.site.models import SiteVersion

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGE = "/admin/site/siteversion/"
PHONE = {"viewport": {"width": 360, "height": 740}, "java_script_enabled": False}
LARGE = {"name": "icon.png", "mimeType": "image/png", "buffer": b"\x89PNG" * 3_000_000}


def focused(page):
    return page.locator(":focus")


def press_key(page, key):
    with page.expect_navigation():
        page.keyboard.press(key)


def is_seen(found):
    """Whether it stands within the window, and nothing that stays there hides it."""
    return found.evaluate("""(e) => {
        const {left, top, width, height} = e.getBoundingClientRect();
        return e.contains(document.elementFromPoint(left + width / 2, top + height / 2));
    }""")


def test_one_key_moves_a_link_three_places(enter):  # noqa: F811
    links = [[f"/{letter}/", ""] for letter in "abcdef"]
    SiteVersion.objects.create(foot=links)
    page = enter(PAGE, **PHONE)
    page.get_by_role("button", name="Move /e/ up").focus()
    for press in range(3):
        press_key(page, "Enter")
        assert focused(page).get_attribute("value") == f"foot:{3 - press}:up"
        assert is_seen(focused(page))
    assert page.locator("[name=foot-1-to]").input_value() == "/e/"


def test_errors_have_the_focus_and_lead_to_their_fields(enter):  # noqa: F811
    page = enter(PAGE, **PHONE)
    page.locator("[name=profiles-0-to]").fill("me")
    press_key(page, "Enter")
    assert page.title().startswith("Error: Site")
    assert focused(page).get_attribute("id") == "errors"
    page.get_by_role("link", name="You elsewhere: me").click()
    assert focused(page).get_attribute("id") == "profiles-0"
    assert is_seen(focused(page))


def test_file_that_is_too_large_is_not_sent(enter):  # noqa: F811
    page = enter(PAGE)
    page.locator("#id_title").fill("Low water")
    page.locator("#id_icon_file").set_input_files(files=[LARGE])
    page.locator(".submit-row input").click()
    said = page.get_by_role("alert")
    assert said.inner_text() == "This is too large. At most 10 MB, all files together."
    assert focused(page).get_attribute("id") == "id_icon_file"
    assert page.locator("#id_title").input_value() == "Low water"
    page.locator("#id_icon_file").set_input_files(files=[])
    with page.expect_navigation():
        page.locator(".submit-row input").click()
    assert "Saved. Readers have it now." in page.inner_text("body")
