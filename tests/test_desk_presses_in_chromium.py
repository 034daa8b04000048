"""How many presses an author needs besides typing, counted in a real Chromium."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone
from PIL import Image as Pixels
from test_queue_in_chromium import enter  # noqa: F401 - a fixture

from blog.posts.models import Post

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SENTENCE = "The holes along the edge were pricked before a single word was written. "
SECTION = SENTENCE * 19 + "\n\n"
TABLE = "| Leaf | Holes |\n|---|---|\n| one | 24 |\n| two | 31 |\n\n"
LISTING = "```python\nprint('a leaf')\n```\n\n"
SIZES = [{"width": 1440, "height": 900}, {"width": 390, "height": 844}]


class Author:
    """Somebody at the desk whose presses are counted; what is typed is not."""

    def __init__(self, page):
        self.page, self.presses = page, 0

    def press(self, selector):
        self.presses += 1
        self.page.locator(selector).first.click()

    def type(self, words):
        self.page.keyboard.insert_text(words)

    def choose(self, name, colour):
        """Press Picture, then the file in the browser's own window."""
        file = BytesIO()
        Pixels.new("RGB", (40, 30), colour).save(file, "PNG")
        with self.page.expect_file_chooser() as chosen:
            self.press("[data-mark=picture]")
        self.presses += 1
        given = {"name": name, "mimeType": "image/png", "buffer": file.getvalue()}
        with self.page.expect_response(lambda answer: "/upload/" in answer.url):
            chosen.value.set_files(given)
        self.page.locator("#id_body:focus").wait_for()


@pytest.mark.parametrize("size", SIZES, ids=["desktop", "phone"])
def test_long_essay_takes_twelve_presses(enter, settings, tmp_path, size):  # noqa: F811
    settings.MEDIA_ROOT = tmp_path
    author = Author(enter("/admin/posts/post/", viewport=size))
    author.press(".object-tools .addlink")
    author.page.locator("body.scripts").wait_for()
    author.type("Ruled before written")
    author.page.keyboard.press("Enter")  # as in any text: it leads on from the title
    for number in range(1, 7):
        author.type(f"## Part {number}\n\n{SECTION}")
        if number in (1, 2, 3):
            author.type(f"A line with a note.[^n{number}]\n\n[^n{number}]: Beside it.\n\n")
    author.type(TABLE + LISTING)
    for name, colour in (("leaf.png", "red"), ("line.png", "blue")):
        author.choose(name, colour)
        author.type("What it shows")
        author.page.keyboard.press("Control+End")
        author.type("\n\n")
    author.press("#details summary")
    author.press("#id_tags")
    author.type("Tools, Marginalia, Paper")
    if author.page.locator("#bar .more").is_visible():  # on a phone
        author.press("#bar .more")
    author.press("[value=ask-schedule]")
    due = timezone.localtime() + timedelta(days=2)
    author.page.fill("#id_due_at_0", f"{due:%Y-%m-%d}")
    author.page.fill("#id_due_at_1", "07:30")
    author.press("#bar [value=schedule]")
    author.page.locator("#bar >> text=Change the time").wait_for()
    post = Post.objects.get()
    assert (post.status, post.tags.count()) == ("scheduled", 3)
    assert post.words > 1_500
    counts = {
        mark: post.body_html.count(mark) for mark in ("<h2", "<aside", "<table", "<pre", "<img")
    }
    assert counts == {"<h2": 6, "<aside": 3, "<table": 1, "<pre": 1, "<img": 2}
    print(f"{author.presses} presses")
    assert author.presses <= 12


@pytest.mark.parametrize("size", SIZES, ids=["desktop", "phone"])
def test_correction_takes_three_presses(enter, write, size):  # noqa: F811
    post = write(body="A lnie.")
    author = Author(enter(post.get_absolute_url(), viewport=size))
    author.press("text=Edit")
    author.page.locator("body.scripts").wait_for()
    author.press("#id_body")
    author.page.keyboard.press("Control+a")
    author.type("A line.")
    author.press("#bar [value=publish-changes]")
    author.page.wait_for_url(f"**{post.get_absolute_url()}*")
    assert "A line." in author.page.inner_text("main")
    assert author.presses <= 3
