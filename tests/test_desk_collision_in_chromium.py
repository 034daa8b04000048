"""Two authors of one essay in a real Chromium, without scripts: no word of either is lost."""

import pytest
from accessibility import violations
from django.contrib.auth import get_user_model
from test_queue_in_chromium import enter  # noqa: F401 - a fixture

from blog.posts.models import Post, Revision, Text

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BASE = "One goes first.\n\nTwo comes after it.\n\nThree is the last."
TOGETHER = "One goes before.\n\nTwo comes below it.\n\nThree is the last.\n\nFour is new."
LOOKS = [(1440, "light"), (390, "dark")]


@pytest.fixture
def essay(write):
    return write("Margins", body=BASE, published_at=None)


def save_as_tomas(post, body):
    tomas = get_user_model().objects.create_user("tomas", first_name="Tomas", last_name="Reyl")
    text = Text.cleaned("Margins", "A standfirst of his.", body, ["Tools"], post.slug)
    Revision.objects.keep(post, text, by=tomas, kind=Revision.Kind.SAVED)


@pytest.fixture
def collision(enter, essay):  # noqa: F811
    """The page that a save leads to which started from an older version."""
    page = enter(f"/admin/posts/post/{essay.pk}/change/", java_script_enabled=False)
    page.fill("#id_body", BASE.replace("first", "before").replace("after", "behind"))
    save_as_tomas(essay, BASE.replace("after", "below") + "\n\nFour is new.")
    page.click("button:text-is('Save draft')")
    page.wait_for_load_state()  # a click waits for the first bytes of the answer only
    return page


def test_two_authors_put_their_texts_together(collision, essay):
    assert "Tomas Reyl saved this essay" in collision.inner_text("h1")
    collision.click("text=Keep Tomas’s")
    collision.click("text=Save them together")
    kept = essay.revisions.first()
    assert (kept.body, kept.standfirst, kept.tags) == (TOGETHER, "A standfirst of his.", ["Tools"])
    assert Post.objects.get().body == TOGETHER
    collision.click("text=History")
    collision.click(".versions li:nth-child(2) a")
    collision.click("text=Bring this version back")
    assert "Two comes behind it." in collision.input_value("#id_body")


def test_axe_finds_nothing_in_collision_and_history(collision, enter, essay):  # noqa: F811
    found, html = [], collision.content()
    for width, scheme in LOOKS:
        size = {"width": width, "height": 900}
        page = enter(f"/admin/posts/post/{essay.pk}/history/", viewport=size, color_scheme=scheme)
        found += violations(page, f"history, {width}")
        page.set_content(html)
        found += violations(page, f"collision, {width}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert found == []
