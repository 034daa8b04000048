"""Somebody writes, and readers' pages stay in memory all the while, on a real site.

In full it is a minute of typing. `-s` shows the figures.
"""

import re
import struct
import time

import lxml.html
import prepared
import pytest
from desk_site import SERVE
from reading import fetch, signed_in
from trials import in_full

pytestmark = [pytest.mark.server, pytest.mark.long]

SECONDS = in_full(60, 2)
ESSAY = "/2026/11/room-in-the-margin/"
PAGES = [ESSAY, "/", "/feed.xml"]
TOKEN = "read-by-a-test-alone"


@pytest.fixture
def site(tmp_path):
    site = prepared.started(tmp_path, METRICS_TOKEN=TOKEN)
    site.start(*SERVE)
    yield site
    site.kill()


def made(site):
    """Return how many pages were made for readers, not taken from memory."""
    said = fetch(f"{site.url}/metrics", Authorization=f"Bearer {TOKEN}").text
    lines = [line for line in said.splitlines() if 'source="made"' in line and "200" in line]
    kinds = [line for line in lines if re.search('kind="(essay|index|feed)', line)]
    assert len(kinds) >= 2, said
    return sum(float(line.split()[-1]) for line in kinds)


def fields(page):
    """Return what the desk's form would send."""
    given = dict(lxml.html.fromstring(page).get_element_by_id("desk").form_values())
    given["picture"] = ""  # lxml sends "on" for a radio button whose value is empty
    return {name: value.removeprefix("\n") for name, value in given.items()}


def generation(site):
    return struct.unpack("=Q", (site.data / "pages").read_bytes()[:8])


def test_writing_lets_no_kept_page_fall(site):
    author = signed_in(site)
    link = re.search(r'href="(/admin/posts/post/\d+/change/)\?back', author.ask(ESSAY).text)[1]
    given = fields(author.ask(link).text)
    for path in PAGES:
        fetch(site.url + path)
    before, count, saves, over = (generation(site), made(site)), 0, 0, time.monotonic() + SECONDS
    while time.monotonic() < over:
        given["body"] = f"Unpublished words, {saves}. " * (saves % 50 + 1)
        answer = author.ask(link.replace("change", "autosave"), given, Accept="application/json")
        assert answer.status == 200, answer.text[-500:]
        given["version"] = re.search(r'"version": "([^"]+)', answer.text)[1]
        saves += 1
        author.ask(link.replace("change", "presence"), given | {"wrote": "1"})
        author.ask("/admin/posts/post/preview/", given | {"post": link.split("/")[4]})
        if saves % 5 == 0:  # by hand: unpublished changes of a published essay
            assert author.ask(link, given | {"act": "save"}).status == 302
            given = fields(author.ask(link).text)
        for path in PAGES:
            page = fetch(site.url + path).text
            assert "Unpublished words" not in page
            count += 1
    assert generation(site) == before[0]
    # Whatever happens, none is kept for more than a minute.
    assert made(site) - before[1] <= in_full(len(PAGES), 0)
    assert saves > 1
    print(f"{saves} saves, {count} pages from memory in {SECONDS} s")
