"""Readers, commenters, a moderator and an author, who note what was confirmed to them."""

import contextlib
import http.client
import itertools
import random
import re
import threading
import time
from collections import Counter

import reading
from reading import Browser, hidden
from test_outage import form_of

ESSAY = "/2026/11/room-in-the-margin/"
PAGES = [ESSAY, "/", "/feed.xml"]
QUEUE = "/admin/comments/comment/?status=pending"
ADD = "/admin/posts/post/add/"
BROKEN = (OSError, http.client.HTTPException)


class Load:
    """They all use `site` until `over`; a reader waits `rest` seconds between requests."""

    def __init__(self, site, rest=0.03):
        self.site, self.rest = site, rest
        self.over, self.writing = threading.Event(), threading.Event()
        self.writing.set()
        self.reads = []  # when, path, status (0 for a broken line), seconds
        self.comments, self.wants_mail = {}, set()  # comments: words: whether answered as stored
        self.kept, self.lost_words = 0, []  # words that came back with a 503, or did not
        self.decisions, self.essays, self.tried = {}, [], []
        self.trouble, self.answers = [], Counter()
        self.hung = []  # when somebody gave up waiting for an answer
        self.busy = 0
        self.lock = threading.Lock()

    def start(self):
        self.moderator, self.author = reading.signed_in(self.site), Browser(self.site)
        self.author.sign_in()
        self.token = re.search(r'name="token" value="([^"]+)"', Browser(self.site).ask(ESSAY).text)
        parts = [(self.read, n) for n in range(3)] + [(self.comment, n) for n in range(2)]
        parts += [(self.moderate, 0), (self.publish, 0)]
        self.threads = [
            threading.Thread(target=self.work, args=[step, number]) for step, number in parts
        ]
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.over.set()
        self.writing.set()
        for thread in self.threads:
            thread.join()

    def work(self, steps, number):
        try:
            for _step in steps(number):
                if self.over.is_set():
                    return
        except Exception as error:  # for the test to say
            self.trouble.append(f"{steps.__name__}: {error!r}")

    def write(self, do):
        """Do it in a time when people write; nobody is in the middle of it after `pause`."""
        self.writing.wait()
        with self.lock:
            self.busy += 1
        try:
            return do()
        except BROKEN as error:
            if isinstance(error, TimeoutError):
                self.hung.append(time.monotonic())
            self.over.wait(0.1)
            return None
        finally:
            with self.lock:
                self.busy -= 1

    @contextlib.contextmanager
    def pause(self):
        """Pause all writers while the block runs."""
        self.writing.clear()
        while self.busy:
            time.sleep(0.01)
        yield
        self.writing.set()

    def read(self, number):
        chance = random.Random(number)
        while True:
            path, began, status = chance.choice(PAGES), time.monotonic(), 0
            try:
                status = reading.fetch(self.site.url + path).status
            except BROKEN as error:
                if isinstance(error, TimeoutError):
                    self.hung.append(time.monotonic())
            self.reads.append((began, path, status, time.monotonic() - began))
            yield self.over.wait(self.rest)

    def comment(self, person):
        for number in itertools.count():
            words = " ".join(
                str(random.Random(f"{person} {number} {n}").random()) for n in range(4)
            )
            words = f"{person}-{number}: {words}"
            given = {"body": words, "name": f"Reader {person}", "token": self.token[1]}
            if number % 5 == 0:
                given |= {"email": f"reader{person}-{number}@example.org", "notify": "on"}
            self.comments[words] = False
            path = f"{ESSAY}comments/"
            while not self.comments[words]:
                answer = self.write(lambda: Browser(self.site).ask(path, given))  # noqa: B023
                status = answer.status if answer else 0
                self.answers["comment", status] += 1
                # Held already, says 409, where the first answer was lost on its way.
                if status in (303, 409):
                    self.comments[words] = True
                    if "notify" in given:
                        self.wants_mail.add(given["email"])
                elif status == 503:
                    path, again = form_of(answer.text)
                    if again.items() >= given.items():
                        self.kept += 1
                    else:
                        self.lost_words.append(words)
                    given = again
                    yield self.over.wait(0.3)
                elif status:
                    raise AssertionError(f"{status} for a comment: {answer.text[-2000:]}")
                yield
            yield self.over.wait(0.2)

    def moderate(self, _number):
        while True:
            page = self.write(lambda: self.moderator.ask(QUEUE))
            buttons = re.findall(r'value="(approve:(\d+):[^"]*)"', page.text) if page else []
            for _button, number in buttons[-1:]:
                verb = "approve" if int(number) % 3 else "spam"
                button = re.search(rf'value="({verb}:{number}:[^"]*)"', page.text)[1]
                given = hidden(page.text, "csrfmiddlewaretoken") | {"decide": button}
                answer = self.write(lambda: self.moderator.ask(QUEUE, given))  # noqa: B023
                self.answers["decision", answer.status if answer else 0] += 1
                if answer and answer.status == 302:
                    self.decisions[int(number)] = "approved" if verb == "approve" else "spam"
            yield self.over.wait(0.3)

    def publish(self, _number):
        for number in itertools.count():
            title = f"Essay {number} of the trial"
            page = self.write(lambda: self.author.ask(ADD))
            if page and page.status == 200:
                given = hidden(page.text, "csrfmiddlewaretoken") | {
                    "title": title,
                    "body": f"Room for a note, number {number}.",
                    "slug": f"essay-{number}",
                    "kind": "essay",
                    "author": re.search(r'<option value="(\d+)" selected', page.text)[1],
                    "comments_open": "on",
                    "published_at_0": "2026-03-01",
                    "published_at_1": "12:00:00",
                    "old_addresses-TOTAL_FORMS": 0,
                    "old_addresses-INITIAL_FORMS": 0,
                }
                self.tried.append(title)
                answer = self.write(lambda: self.author.ask(ADD, given))  # noqa: B023
                self.answers["essay", answer.status if answer else 0] += 1
                if answer and answer.status == 302:
                    self.essays.append(title)
            yield self.over.wait(0.7)


def p99(seconds):
    ordered = sorted(seconds)
    return ordered[int(len(ordered) * 0.99)] if ordered else float("nan")
