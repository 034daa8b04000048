"""A blog of real size: Francis Bacon's fifty-nine essays, one a week."""

import json
import re
from datetime import timedelta

import pytest
from conftest import on
from django.contrib.auth import get_user_model
from lxml import etree
from trials import FULL, some_of

from blog.posts.models import Post, Tag

pytestmark = [pytest.mark.django_db, pytest.mark.long]

FIRST = on(2025, 1, 6)


@pytest.fixture
def bacon(shared, db):
    """The essays, oldest first; the shorter half is tagged Short, those on rule tagged Rule."""
    given = json.loads((shared / "data/essays/bacon-essays.json").read_text())
    author = get_user_model().objects.create_user("bacon", first_name="Francis", last_name="Bacon")
    short = Tag.objects.create(name="Short", slug="short")
    rule = Tag.objects.create(name="Rule", slug="rule")
    essays = []
    for number, essay in enumerate(given):
        post = Post(
            title=essay["title"],
            body=beginning("\n\n".join(essay["paragraphs"])),
            author=author,
            published_at=FIRST + timedelta(weeks=number),
        )
        post.save()
        if essay["words"] < 800:
            post.tags.add(short)
        if re.search(r"Empire|King|Judicature|Counsel", essay["title"]):
            post.tags.add(rule)
        essays.append(post)
    assert len(essays) == 59
    return essays


def beginning(text):
    """Return as much of an essay as this run renders."""
    return text if FULL else text[:900]


def listed(page):
    """Return the addresses of the essays a page links to, in its order."""
    return re.findall(r'<a [^>]*href="(/\d{4}/\d{2}/[^"#]+/)"', page.text)


def test_every_address_of_a_real_blog_answers(client, bacon):
    newest_first = [post.get_absolute_url() for post in reversed(bacon)]

    pages = [client.get(url) for url in ("/", "/page/2/", "/page/3/")]
    assert [len(listed(page)) for page in pages] == [20, 20, 19]
    assert [url for page in pages for url in listed(page)] == newest_first
    assert client.get("/page/4/").status_code == 404

    assert listed(client.get("/archive/")) == newest_first
    years = {year: client.get(f"/{year}/") for year in (2025, 2026)}
    assert [len(listed(page)) for page in years.values()] == [52, 7]
    assert len(listed(client.get("/2025/03/"))) == 5

    for url in some_of(newest_first, of=4):
        assert client.get(url).status_code == 200, url

    for slug in ("short", "rule"):
        expected = Post.objects.filter(tags__slug=slug)
        page = client.get(f"/tags/{slug}/")
        assert f"<span>\n{len(expected)} essays</span>" in page.text
        assert listed(page) == [post.get_absolute_url() for post in expected[:20]]

    assert listed(client.get("/search/?q=Pilate")) == [bacon[0].get_absolute_url()]
    assert len(listed(client.get("/search/?q=men"))) == 20

    rss = etree.fromstring(client.get("/feed.xml").content)
    assert [item.findtext("title") for item in rss.iter("item")] == [
        post.title for post in reversed(bacon[-20:])
    ]
    atom = etree.fromstring(client.get("/atom.xml").content)
    assert len(atom.findall("{http://www.w3.org/2005/Atom}entry")) == 20
    assert len(json.loads(client.get("/feed.json").content)["items"]) == 20
    # 59 essays, 2 tags, and the front page, the archive and the tags.
    assert len(etree.fromstring(client.get("/sitemap.xml").content)) == 64
