"""A newcomer's way: from an empty folder to a named blog with a look, a menu, an essay and company.

Only what a person would press and type: no file is edited, and one command is given.
"""

import os
import re
import time
from pathlib import Path

import pytest
from pictures import quarters, saved
from server import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.server,
    pytest.mark.long("a site from an empty folder, and three people at browsers"),
]
SHOTS = os.environ.get("POSTIL_SHOTS")  # a folder for a picture of each step, to be looked at
ICON = saved(quarters(["#204060", "#f0c040", "#c04040", "#80a080"], (300, 300)), "PNG")
BODY = (
    "The first page of a notebook is never a good one.\n\nSo it is left empty, and the second is."
)


class Person:
    """Somebody at a browser of their own: counts presses, fields and seconds."""

    presses = fields = 0
    begun = None

    def __init__(self, browser, name):
        self.name = name
        self.page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        self.page.on("pageerror", lambda error: pytest.fail(str(error)))

    @property
    def said(self):
        took = time.monotonic() - self.begun
        return f"{self.name}: {self.presses} presses, {self.fields} fields, {took:.1f} s"

    def open(self, url):
        self.begun = self.begun or time.monotonic()
        self.page.goto(url)

    def press(self, words, within="body"):
        self.presses += 1
        found = self.page.locator(within).get_by_text(words, exact=True).locator("visible=true")
        found = found.and_(self.page.locator(":not(h1)"))
        found.or_(
            self.page.locator(within).get_by_role("button", name=words, exact=True)
        ).first.click()
        self.page.wait_for_load_state()
        self.look(words)

    def fill(self, label, words, within="body"):
        self.fields += 1
        self.page.locator(within).get_by_label(label, exact=True).first.fill(words)

    def choose(self, label, words):
        self.fields += 1
        self.page.get_by_label(label, exact=True).select_option(label=words)

    def look(self, step):
        if SHOTS:
            name = re.sub(r"\W+", "-", f"{self.name} {self.presses:02d} {step}")
            self.page.screenshot(path=Path(SHOTS) / f"{name}.png")


def sign_in(person, url, name, password):
    person.open(f"{url}/admin/")
    person.look("sign in")
    person.fill("Username:", name)
    person.fill("Password:", password)
    person.press("Log in")
    person.page.get_by_role("heading", name="Today").wait_for()


def name_the_site(owner):
    owner.press("Name your site")
    owner.fill("Title:", "Second pages")
    owner.fill("Tagline:", "What comes after the first one.")
    owner.fill("Author:", "Ada Marlow")
    owner.choose("Colours:", "Moss: grey green, with a green line")
    owner.fields += 1
    owner.page.set_input_files(
        "#id_icon_file", {"name": "a.png", "mimeType": "image/png", "buffer": ICON}
    )
    links = owner.page.locator("fieldset.links", has_text="Masthead")
    owner.fields += 2
    links.get_by_label("Leads to").last.fill("/feeds/")
    links.get_by_label("Words").last.fill("Subscribe")
    owner.press("Save", within=".submit-row")
    assert "Saved. Readers have it now." in owner.page.inner_text(".messagelist")


def publish(person):
    person.press("Publish now", within="#bar")
    person.press("Publish", within="#bar")
    person.page.locator("#bar >> text=Published").wait_for()


def write_an_imprint(owner):
    owner.press("Begin an imprint")
    text = owner.page.input_value("#id_body")
    owner.fields += 1
    owner.page.fill("#id_body", re.sub(r"\[[^]]*\]", "x", text.replace("*Many", "Many")))
    owner.press("Details")
    owner.press("In the foot")
    publish(owner)


def write_an_essay(person, url):
    person.press("Home")
    person.press("Write an essay")
    person.fill("Title", "The second page")
    person.fill("Text", BODY)
    publish(person)


def invite(owner, url):
    owner.press("Home")
    owner.press("Invitations")
    owner.press("Author")
    owner.press("Make an invitation")
    return owner.page.input_value(".invitations .link")


def test_named_blog_with_all_that_belongs_to_it(browser, tmp_path):
    """Prints presses, fields and seconds of each person."""
    site = Site(tmp_path)
    begun = time.monotonic()
    words = site.start()
    print(f"\nOne command, {time.monotonic() - begun:.1f} s until it answers")
    try:
        owner, guest = Person(browser, "owner"), Person(browser, "guest")
        sign_in(owner, site.url, "admin", re.search(r"Password +(\S+)", words)[1])
        name_the_site(owner)
        write_an_imprint(owner)
        write_an_essay(owner, site.url)
        link = invite(owner, site.url)
        print(owner.said)
        guest.open(link)
        guest.look("invited")
        guest.fill("Your name", "Bo Linde")
        guest.fill("Sign-in name", "bo")
        for label in ("Password", "Password confirmation"):
            guest.fill(label, "margins-are-for-two")
        guest.press("Make my account")
        guest.page.get_by_role("heading", name="Today").wait_for()
        print(guest.said)
        owner.press("Home")
        owner.press("Take the demo away")
        owner.press("Take the demo away", within="form")
        print(owner.said, "with the demo taken away")
        see(Person(browser, "reader"), site.url)
        assert owner.presses <= 20
    finally:
        site.kill()


def see(reader, url):
    """Read the site as it is now."""
    reader.open(url)
    reader.look("index")
    page = reader.page
    assert page.title() == "Second pages"
    assert page.locator("header nav a").all_inner_texts() == [
        *("Essays", "Archive", "About", "Search", "Subscribe")
    ]
    assert page.locator("main h2").all_inner_texts() == ["The second page"]
    assert "-32x32.png" in page.locator("link[rel=icon]").get_attribute("href")
    line = page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--rule')")
    assert line not in ("", "#dd8f88")
    reader.press("The second page")
    assert page.locator(".head .name").inner_text() == "Ada Marlow"
    reader.press("Imprint")
    assert "Second pages is written and published by" in page.inner_text("main")
