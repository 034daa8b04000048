"""The desk in a real Chromium: axe finds nothing, and the strict policy has nothing to stop."""

import pytest
from accessibility import violations
from test_queue_in_chromium import enter  # noqa: F401 - a fixture
from trials import some_of

from blog.posts.models import OldAddress, Revision, Text

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LOOKS = {
    "desktop": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    "phone, dark": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
}
BODY = "A [link](/nowhere/) and a note.[^1]\n\n# Part\n\n![](/media/x.png)\n\n[^1]:"


@pytest.fixture
def places(write):
    """A draft and an essay whose changes wait, with the pages of the desk that differ."""
    draft, essay = write("Ruled", body=BODY, published_at=None), write("Holes", body=BODY)
    OldAddress.objects.create(path="2020/01/holes", post=essay)
    text = Text.of(essay)._replace(body=BODY + "\n\nMore words.")
    Revision.objects.keep(essay, text, by=essay.author, kind="saved")
    return [
        "",
        "?q=nowhere",
        "add/",
        f"{draft.pk}/change/",
        f"{draft.pk}/change/?ask=publish",
        f"{draft.pk}/change/?ask=schedule",
        f"{essay.pk}/change/",
        f"{essay.pk}/history/",
    ]


@pytest.mark.long
@pytest.mark.parametrize(("part", "look"), [*enumerate(LOOKS)], ids=LOOKS)
def test_axe_and_the_policy_find_nothing(enter, places, part, look):  # noqa: F811
    found = {}
    page = enter("/admin/posts/post/", **LOOKS[look])
    host = page.url.partition("/admin/")[0]
    for place in some_of(places, 4, part):
        page.goto(f"{host}/admin/posts/post/{place}")
        if details := page.query_selector("#details summary"):
            page.locator("body.scripts").wait_for()
            details.click()
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        found[place] = [v[1:3] for v in violations(page)] + (
            ["wider than the screen"] if wide else []
        )
    assert {place: wrong for place, wrong in found.items() if wrong} == {}
    assert [line for line in page.complaints if "404" not in line] == []
