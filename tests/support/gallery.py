"""Pages of a small site as a browser shows them, for a look at each language: a sheet a width.

POSTIL_FULL=1 POSTIL_GALLERY=FOLDER pytest tests/test_every_language.py
"""

import os
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from django.http import HttpResponse
from django.test import Client
from greek_site import form_of, mails, readers_pages
from PIL import Image

FOLDER = os.environ.get("POSTIL_GALLERY")
READERS = ["index", "essay", "closed", "reply", "empty", "errors", "preview", "found", "404"]
STAFF = {
    "queue": "comments/comment/",
    "desk": "posts/post/{essay}/change/",
    "essays": "posts/post/",
    "home": "",
    "site": "site/siteversion/",
}


class Place(NamedTuple):
    """A page: its name, the answer that was given, and who asked for it."""

    name: str
    answer: HttpResponse
    client: Client

    @property
    def path(self):
        asked = self.answer.request
        path = unquote(asked["PATH_INFO"].encode("latin-1").decode())
        query = asked["QUERY_STRING"].encode("latin-1").decode()
        return f"{path}?{query}" if query else path

    @property
    def html(self):
        return self.answer.text

    @property
    def picture(self):
        """The part of the page that matters: for what was answered to a form, from there on."""
        return {"reply": "#form", "held": ".waiting", "edit": "#form"}.get(
            self.name, "#errors" if self.answer.request["REQUEST_METHOD"] == "POST" else "html"
        )

    def open(self, page, home):
        """Have a browser show it; what was answered to a form is shown without sending it again."""
        if self.answer.request["REQUEST_METHOD"] == "POST":
            kept = {"body": self.html, "content_type": "text/html; charset=utf-8"}
            page.route("**/comments/", lambda route: route.fulfill(**kept), times=1)
        page.goto(home + self.path)


class Letter(NamedTuple):
    """A mail as HTML."""

    name: str
    html: str
    client: Client
    picture = "html"

    def open(self, page, _home):
        page.set_content(self.html)


def places(essay, owner):
    """Return the pages, and the mails."""
    reader, writer, staff = Client(), Client(), Client()
    staff.force_login(owner)
    asked = readers_pages(essay)
    for name in READERS:
        path, given = asked[name]
        yield Place(name, reader.post(path, given) if given else reader.get(path), reader)
    sent = writer.post(f"{essay.get_absolute_url()}comments/", form_of(essay))
    number = sent.headers["Location"].rpartition("#c")[2]
    yield Place("held", writer.get(essay.get_absolute_url()), writer)
    yield Place("edit", writer.get(f"/comments/{number}/edit/"), writer)
    for name, path in STAFF.items():
        yield Place(name, staff.get(f"/admin/{path.format(essay=essay.pk)}"), staff)
    for mail in mails(owner, essay):
        yield Letter(f"mail: {mail.subject}", mail.alternatives[0].content, Client())


def cookies_of(client, url):
    return [
        {"name": name, "value": kept.value, "url": url} for name, kept in client.cookies.items()
    ]


def pictured(page, place, name):
    """Return a picture of a page, from where it matters, and keep it in full."""
    path = Path(FOLDER) / "pages" / f"{name}.png"
    path.parent.mkdir(exist_ok=True)
    page.screenshot(path=path, full_page=True)
    top = page.locator(place.picture).first.bounding_box()["y"] + page.evaluate("scrollY")
    with Image.open(path) as whole:
        return whole.crop((0, max(0, int(top) - 30), whole.width, whole.height))


def sheet(name, pictures, width):
    """Put the pictures of pages on one."""
    columns, scale, tall = (4, 0.45, 0.75) if width > 1000 else (7, 0.6, 2.2)
    wide, high = int(width * scale), int(width * scale * tall)
    rows = -(-len(pictures) // columns)
    whole = Image.new("RGB", (columns * (wide + 8), rows * (high + 8)), "gray")
    for at, picture in enumerate(pictures):
        small = picture.resize((wide, int(picture.height * scale)))
        small = small.crop((0, 0, wide, min(high, small.height)))
        whole.paste(small, (at % columns * (wide + 8), at // columns * (high + 8)))
    whole.save(Path(FOLDER) / f"{name}-{width}.png")
