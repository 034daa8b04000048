"""Two people write in one essay at once, each at a browser: no saved word is lost."""

import random
import time

import pytest
from desk_page import BODY, desk_of, ready, sit  # noqa: F401 - one is a fixture
from django.contrib.auth import get_user_model
from trials import in_full

from blog.posts.models import Revision

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# Seconds of writing.
WRITING = in_full(60, 8)
BASE = "\n\n".join(f"Paragraph {number} of the essay." for number in range(8))
PLACE = """({value}) => {
    const ends = [...value.matchAll(/\\n\\n|$/g)].map((found) => found.index);
    return ends[Math.floor(Math.random() * ends.length)];
}"""


class Editor:
    def __init__(self, page, name):
        self.page, self.name, self.words, self.met = page, name, [], 0

    def write(self):
        """Write a word that comes nowhere else at the end of some paragraph."""
        word = f"{self.name}{len(self.words)}"
        at = self.page.locator(BODY).evaluate(PLACE)
        self.page.locator(BODY).focus()
        self.page.locator(BODY).evaluate("(box, at) => box.setSelectionRange(at, at)", at)
        self.page.keyboard.insert_text(f" {word}")
        self.words.append(word)

    def put_together(self):
        """Where the other was first, put both texts together; return whether it was so."""
        both = self.page.locator("#trouble button:text-is('See both')")
        if both.is_visible():
            both.click()
            self.page.locator("#collision").wait_for()
        if not self.page.locator("#collision").is_visible():
            return False
        self.met += 1
        self.page.click("text=Save them together")
        ready(self.page)
        return True

    def save(self):
        """Save on purpose; where the other was first, the page comes that shows both."""
        with self.page.expect_response(is_saved) as answer:
            self.page.keyboard.press("Control+s")
        if answer.value.status == 409:
            self.page.locator("#collision").wait_for()


def is_saved(answer):
    return answer.request.method == "POST" and answer.url.endswith("/change/")


def test_two_at_once_lose_no_word(sit, write):  # noqa: F811
    post = write("Margins", body=BASE, published_at=None)
    people = [get_user_model().objects.create_superuser(name) for name in ("ada", "bea")]
    editors = [Editor(sit(desk_of(post), who), who.username) for who in people]
    chance, over = random.Random(7), time.monotonic() + WRITING
    while time.monotonic() < over:
        editor = chance.choice(editors)
        if editor.put_together():
            continue
        editor.page.locator(BODY).wait_for()
        editor.write()
        if chance.random() < 0.2:
            editor.save()
    for _round in range(3):
        for editor in editors:
            editor.put_together()
            editor.save()
    kept = "\n".join(each.body for each in Revision.objects.all())
    written = [word for editor in editors for word in editor.words]
    met = sum(editor.met for editor in editors)
    print(f"{len(written)} words, {met} times put together, {Revision.objects.count()} versions")
    assert [word for word in written if word not in kept.split()] == []
    assert met > 0
