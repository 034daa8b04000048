"""A desk on a site of its own, in a real Chromium: for tests that take the site, the line or the
session away while somebody writes."""

import contextlib
import time

import faults
import prepared
import pytest
from desk_page import NEW, collected, ready
from server import PASSWORD

SESSION, CSRF = "postil_session", "postil_csrf"
SIGN_IN = """
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
user = User.objects.filter(username=name).first() or User.objects.create_superuser(name)
session = SessionStore()
session["_auth_user_id"] = str(user.pk)
session["_auth_user_backend"] = settings.AUTHENTICATION_BACKENDS[0]
session["_auth_user_hash"] = user.get_session_auth_hash()
session.save()
print(session.session_key)
"""
# What the site runs with: the worker has no part in this.
SERVE = "--no-worker", "--workers", "1"


@contextlib.contextmanager
def site_on_disk(folder):
    """Have a site run whose data is on a small disk of its own, where one can be had.

    `site.disk` is that disk, or None.
    """
    disk = None if faults.why_no_disk() else faults.Disk(folder)
    site = prepared.started(disk.place if disk else folder)
    site.log, site.disk = folder / "log", disk
    site.start(*SERVE)
    try:
        yield site
    finally:
        site.kill()
        site.close_shell()
        if disk:
            disk.unmount()


class Writer:
    """One person at one browser. `page` is the tab they write in."""

    def __init__(self, context, site):
        self.site, self.context = site, context
        self.page = self.context.new_page()
        self.sign_in()
        self.open()

    def sign_in(self, name="admin"):
        """Have the browser a session, as the sign-in page leaves it, with a new token for forms."""
        self.forget(CSRF)
        key = self.site.shell(f"name = {name!r}\n{SIGN_IN}")
        cookie = {"name": SESSION, "value": key, "url": self.site.url}
        self.context.add_cookies([cookie])

    def sign_in_elsewhere(self):
        """Sign in by hand in another tab, and come back."""
        other = self.context.new_page()
        other.goto(f"{self.site.url}/admin/login/?next={NEW}")
        other.fill("#id_username", "admin")
        other.fill("#id_password", PASSWORD)
        with other.expect_navigation():
            other.click("[type=submit]")
        other.close()
        self.page.evaluate("window.dispatchEvent(new Event('focus'))")

    def open(self, path=NEW):
        """Open the desk in a new tab; the old one is gone, as one that crashed."""
        self.page.close()
        self.page = collected(self.context.new_page())
        # Pauses are passed over by `pass_time`; the clock goes on by itself as well.
        self.page.clock.install()
        self.page.goto(self.site.url + path)
        if "/login/" in self.page.url:
            # The answer to a request of an ended session came after the new one had begun, and
            # took its cookie away.
            self.sign_in()
            self.page.goto(self.site.url + path)
        ready(self.page)

    def reopen(self):
        self.open(self.page.url.removeprefix(self.site.url))

    def type(self, words):
        self.page.locator("#id_body").press("Control+End")
        self.page.keyboard.type(words)

    def pass_time(self, seconds=2.1):
        self.page.clock.fast_forward(int(seconds * 1000))

    @property
    def text(self):
        return self.page.input_value("#id_body")

    def says(self, words, where="#trouble"):
        self.page.locator(where, has_text=words).wait_for()

    def has_saved(self):
        """Wait until the site has the text in the field."""
        self.page.locator("#saved", has_text="Saved").wait_for()
        assert self.kept_by_site() == self.text
        assert self.page.locator("#trouble").is_hidden()

    def kept_by_site(self):
        rows = self.site.rows("SELECT body FROM posts_revision ORDER BY id DESC LIMIT 1")
        return rows[0][0] if rows else ""

    def kept_here(self):
        """Return the texts that the browser keeps."""
        return self.page.evaluate(
            "Object.entries(localStorage).filter(([name]) => name.startsWith('desk:'))"
            ".map(([_name, entry]) => JSON.parse(entry).fields.body)"
        )

    def keeps_nothing(self):
        """Wait until the browser keeps no words any more."""
        deadline = time.monotonic() + 15
        while kept := self.kept_here():
            assert time.monotonic() < deadline, kept

    def offers_are_made(self):
        """Wait as long as the desk waits for other tabs before it offers their words."""
        self.page.evaluate("new Promise(done => { setTimeout(done, 200) })")

    @contextlib.contextmanager
    def offline(self):
        self.context.set_offline(True)
        yield
        self.context.set_offline(False)

    def forget(self, name):
        self.context.clear_cookies(name=name)

    def end_sessions(self):
        with contextlib.closing(self.site.database()) as database, database:
            database.execute("DELETE FROM django_session")


@contextlib.contextmanager
def full(disk):
    """Hold the disk full as somebody else's files would."""
    disk.fill()
    yield
    disk.empty()


@contextlib.contextmanager
def locked(site):
    """Hold the database as a long write of another process would."""
    with contextlib.closing(site.database()) as database:
        database.isolation_level = None
        database.execute("BEGIN IMMEDIATE")
        yield
        database.execute("ROLLBACK")


@pytest.fixture
def writer(browser, desk_site):
    writer = Writer(browser.new_context(reduced_motion="reduce"), desk_site)
    yield writer
    writer.context.close()
