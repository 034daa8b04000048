"""Feeds come in pages (RFC 5005, section 3), by author too, and /feeds/ lists them for people."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from feeds import ATOM, FILES, every_feed, ids_of, next_of, read, site_url, titles
from lxml import etree, html

from blog.posts.models import Post, Tag
from comments import feeds

__all__ = ["site_url"]  # fixtures

pytestmark = pytest.mark.django_db

HERE = "https://blog.example.org"


@pytest.fixture
def essays(author):
    now = timezone.now()
    return Post.objects.bulk_create(
        Post(
            title=f"Essay {number:02d}",
            slug=f"e{number}",
            path=f"2026/01/e{number}",
            body_html="<p>Words.</p>",
            author=author,
            published_at=now - timedelta(days=number),
        )
        for number in range(41)
    )


@every_feed
def test_pages_lead_through_the_whole_feed(client, essays, url):
    seen, address, names = [], url, set()
    while address:
        response = client.get(address)
        seen += titles(response)
        names.add(ids_of(response)[0])
        address = "".join(next_of(response)).removeprefix(HERE)
    assert seen == [post.title for post in essays]
    assert len(names) == 1  # the pages of one feed have one id


def test_a_page_names_those_beside_it(client, essays):
    root = etree.fromstring(client.get("/page/2/atom.xml").content)
    found = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
    assert found == {
        "alternate": f"{HERE}/",
        "self": f"{HERE}/page/2/atom.xml",
        "first": f"{HERE}/atom.xml",
        "previous": f"{HERE}/atom.xml",
        "next": f"{HERE}/page/3/atom.xml",
    }
    rss = etree.fromstring(client.get("/page/3/feed.xml").content)
    rels = [link.get("rel") for link in rss.iter(f"{ATOM}link")]
    assert rels == ["self", "first", "previous"]


@every_feed
def test_only_pages_that_are_there_answer(client, essays, url):
    assert client.get(f"/page/1{url}").headers["Location"] == f"{HERE}{url}"
    for number in (0, 4, 10_001, 10**30):
        assert client.get(f"/page/{number}{url}").status_code == 404, number


def test_comments_and_tags_come_in_pages(client, essays, say, monkeypatch):
    monkeypatch.setattr(feeds.Comments, "size", 2)
    tag = Tag.objects.create(name="Reading")
    tag.posts.set(essays)
    for number in range(3):
        say(essays[0], f"Words {number}.")
    path = essays[0].get_absolute_url()
    for place in ("/tags/reading/", "/comments/", f"{path}comments/"):
        for file in FILES:
            first = client.get(f"{place}{file}")
            (address,) = next_of(first)
            assert address == f"{HERE}{place}page/2/{file}"
            second = client.get(address.removeprefix(HERE))
            assert not {*ids_of(first)[1]} & {*ids_of(second)[1]}


def test_an_author_has_feeds(client, write, author):
    write("Hers")
    other = get_user_model().objects.create_user("ada@home.example", first_name="Ada")
    write("Ada’s", author=other)
    write("Not yet", author=other, published_at=None)
    for file in FILES:
        answer = client.get(f"/authors/{other.pk}/{file}")
        assert [item[0] for item in read(answer)] == ["Ada’s"]
        assert "Essays by Ada · Postil" in answer.text
        assert "home.example" not in answer.text
    nobody = get_user_model().objects.create_user("nobody")
    assert client.get(f"/authors/{nobody.pk}/feed.xml").status_code == 404


def test_titles_and_ids_of_feeds_are_distinct(client, write, say, author):
    post = write("Postil")  # as the site
    post.tags.add(Tag.objects.create(name="Reading"))
    say(post)
    path = post.get_absolute_url()
    places = ["/", "/tags/reading/", f"/authors/{author.pk}/", "/comments/", f"{path}comments/"]
    roots = [etree.fromstring(client.get(f"{place}atom.xml").content) for place in places]
    for name in ("title", "id"):
        assert len({root.findtext(f"{ATOM}{name}") for root in roots}) == len(places)
    for page in ("/", path, "/tags/reading/"):
        head = html.fromstring(client.get(page).text).find("head")
        names = [link.get("title") for link in head.iter("link") if link.get("title")]
        assert len({*names}) == len(names) >= 3


def test_people_find_every_feed(client, write, author):
    write("Hers").tags.add(Tag.objects.create(name="Reading"), Tag.objects.create(name="Dúbh"))
    Tag.objects.create(name="Of a draft").posts.add(write("A draft", published_at=None))
    foot = html.fromstring(client.get("/").text).find(".//footer")
    assert "/feeds/" in foot.xpath(".//a/@href")
    page = client.get("/feeds/")
    links = [a for a in html.fromstring(page.text).xpath("//main//a/@href") if a.endswith(FILES)]
    assert len(links) == 3 * 4
    assert {client.get(link).status_code for link in links} == {200}
    other = get_user_model().objects.create_user("ada", first_name="Ada")
    write("Ada’s", author=other)
    for number in (author.pk, other.pk):
        assert f'href="/authors/{number}/feed.xml"' in client.get("/feeds/").text


def test_a_page_that_was_at_the_address_stays(client, write):
    page = write("My feeds", kind="page", slug="x")
    type(page).objects.filter(pk=page.pk).update(slug="feeds", path="feeds")
    assert "My feeds" in client.get("/feeds/").text


def test_the_list_of_feeds_costs_three_queries(client, write, django_assert_num_queries):
    for number in range(5):
        write(f"Essay {number}").tags.add(Tag.objects.create(name=f"Tag {number}"))
    with django_assert_num_queries(3):
        # 1. whether a page has the address; 2. tags; 3. authors
        client.get("/feeds/")
