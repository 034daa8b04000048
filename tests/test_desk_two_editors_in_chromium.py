"""Two people write in one essay at once, each at a browser: no saved word is lost."""

import contextlib
import random
import signal
import time

import prepared
import pytest
from desk_page import BODY, NEW, ready
from desk_site import SERVE, SESSION, SIGN_IN
from playwright.sync_api import TimeoutError

pytestmark = [
    pytest.mark.browser,
    pytest.mark.server,
    pytest.mark.long("a minute of two browsers; test_desk_collision*.py have its parts"),
]
# Seconds of writing.
WRITING = 60
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

    def save(self, path="/change/"):
        """Save on purpose; where the other was first, the page comes that shows both."""
        for _press in range(5):
            try:
                with self.page.expect_response(sent_to(path), timeout=3_000) as answer:
                    self.page.keyboard.press("Control+s")
            except TimeoutError:
                continue  # the save before is not done yet
            if answer.value.status == 409:
                self.page.locator("#collision").wait_for()
            return
        raise AssertionError("nothing was saved")


def sent_to(path):
    return lambda answer: answer.request.method == "POST" and answer.url.endswith(path)


@pytest.fixture
def site(tmp_path):
    site = prepared.started(tmp_path)
    site.start(*SERVE)
    yield site
    site.stop(signal.SIGTERM)


@pytest.fixture
def sit(browser, site):
    """Open the desk as a person of this name, each at a browser of their own."""
    contexts = []

    def sit(name, path):
        context = browser.new_context()
        contexts.append(context)
        key = site.shell(f"name = {name!r}\n{SIGN_IN}")
        context.add_cookies([{"name": SESSION, "value": key, "url": site.url}])
        page = context.new_page()
        page.goto(site.url + path)
        ready(page)
        return Editor(page, name)

    yield sit
    for context in contexts:
        context.close()


def versions(site):
    with contextlib.closing(site.database()) as database:
        return [body for (body,) in database.execute("SELECT body FROM posts_revision")]


def test_two_at_once_lose_no_word(sit, site):
    ada = sit("ada", NEW)
    ada.page.fill("#id_title", "Margins")
    ada.page.fill(BODY, BASE)
    ada.save(NEW)
    ada.page.wait_for_url("**/change/")
    editors = [ada, sit("bea", ada.page.url.removeprefix(site.url))]
    chance, over = random.Random(7), time.monotonic() + WRITING
    while time.monotonic() < over:
        editor = chance.choice(editors)
        if editor.put_together():
            continue
        editor.write()
        if chance.random() < 0.2:
            editor.save()
    for _round in range(3):
        for editor in editors:
            editor.put_together()
            editor.save()
    kept = "\n".join(versions(site)).split()
    written = [word for editor in editors for word in editor.words]
    met = sum(editor.met for editor in editors)
    print(f"{len(written)} words, {met} times put together, {len(versions(site))} versions")
    assert [word for word in written if word not in kept] == []
    assert met > 0
