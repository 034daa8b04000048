"""Every feed of an import and of a hostile essay is one that readers trust."""

import json

import pytest
from conftest import SHARED, on
from feed_rules import faults
from feeds import all_feeds, site_url
from hostile import TEXTS
from lxml import etree, html
from markup_attacks import VECTORS
from trials import in_full

from blog.markup import MarkupError
from blog.posts.models import Post, Recording, Tag
from blog.transfer.wordpress import import_wordpress
from comments.models import Comment

__all__ = ["site_url"]  # fixtures

pytestmark = pytest.mark.django_db

THEME = SHARED / "data/wxr/wp-importer-theme-unit-test-data.xml"
MADE = SHARED / "data/wxr/made-extras/made-extras.xml"
NOTED = (
    "A line.[^1]\n\n## More\n\nAnother.[^2] Again.[^1]\n\n[^1]: One.\n\n[^2]: Two, see [up](#more)."
)


def judge(feeds, but="never"):
    """Return what is wrong with feeds, by W3C's rules and, where it is installed, by feedparser."""
    try:
        import feedparser  # noqa: PLC0415
    except ImportError:
        feedparser = None
    wrong = []
    for address, response in feeds.items():
        assert response.status_code == 200, address
        wrong += [
            (address, fault)
            for fault in faults(response.content, response["Content-Type"])
            if not fault.startswith(but)
        ]
        if feedparser and "json" not in response["Content-Type"]:
            headers = {"content-type": response["Content-Type"], "content-location": address}
            read = feedparser.parse(response.content, response_headers=headers)
            if read.bozo:
                wrong.append((address, read.bozo_exception))
            for entry in read.entries:
                if not (entry.id and entry.link and entry.title and entry.content):
                    wrong.append((address, entry.get("id"), "lacks a part"))
    return wrong


@pytest.mark.skipif(not THEME.exists(), reason="needs the shared test data beside us")
@pytest.mark.parametrize(
    "path",
    [pytest.param(THEME, marks=pytest.mark.long("it has 300 feeds")), MADE],
    ids=lambda path: path.stem,
)
def test_every_feed_of_an_import_is_valid(client, author, path):
    import_wordpress(path, author=author)
    feeds = all_feeds(client)
    assert path == MADE or any("page/2/" in address for address in feeds)
    assert judge(feeds) == []


def hostile(write, say):
    """Write essays of everything that was ever tried against the markup, with comments alike."""
    texts = [text for kind in TEXTS.values() for text in kind]
    bodies = ["\n\n".join(VECTORS[start : start + 80]) for start in range(0, len(VECTORS), 80)] + [
        text[:3000] for text in texts[:: in_full(1, 9)]
    ]
    for number, body in enumerate(bodies):
        try:
            post = write(
                f"<i>{number} & \"quoted\" ]]> &#x26; \x07", body=body, slug=f"h{number}",
                standfirst=f"a < b && c > d &amp; ]]> {texts[number % len(texts)][:200]}",
                published_at=on(2026, 3, 1 + number % 28),
            )  # fmt: skip
        except MarkupError:
            continue
        tag = Tag.objects.named([f'<b> & "{number % 3}" ]]> 中'])
        post.tags.set(tag)
        if number % 5 == 0:
            say(post, f"x {texts[number % len(texts)][:800]}", name=f"<u>{number} & ]]>")
    Post.objects.filter(slug="h1").update(title="\x01\ufffe</item>", body_html="<p>\x0b</p>")


def test_every_feed_of_hostile_essays_is_valid(client, write, say):
    hostile(write, say)
    feeds = all_feeds(client)
    assert len(feeds) > 20
    # A closing tag in an RSS title looks like HTML whatever is done: RSS cannot label it.
    assert judge(feeds, but="ContainsHTML: </") == []


def test_addresses_are_absolute_in_every_attribute(client, write):
    write(body=NOTED)
    Post.objects.update(body_html=(
        '<p><a href="../x/">x</a><q cite="/q">q</q></p><div cite="b?c=1&amp;d=2"></div>'
        '<video src="/media/a.mp4" poster="p.png" controls=""></video>'
        '<img src="a.png" srcset="/media/a.png 1x, b.png 2x" alt="href=&quot;/no&quot;">'
        '<a href="//[">broken</a><del cite="/why">d</del>'
    ))  # fmt: skip
    root = html.fromstring(client.get("/feed.json").json()["items"][0]["content_html"])
    found = root.xpath("//@href | //@src | //@cite | //@poster")
    assert [address for address in found if not address.startswith("https://")] == ["//["]
    here = "https://blog.example.org"
    assert root.xpath("//@srcset")[0].startswith(f"{here}/media/a.png 1x, {here}/20")
    assert f"{here}{Post.objects.get().get_absolute_url()}b?c=1&d=2" in found
    assert root.xpath("//@alt") == ['href="/no"']


def test_notes_of_several_essays_do_not_clash(client, write):
    posts = [write(title, body=NOTED) for title in ("One", "Two")]
    items = client.get("/feed.json").json()["items"]
    roots = [html.fromstring(f"<div>{item['content_html']}</div>") for item in items]
    ids = [name for root in roots for name in root.xpath("//@id")]
    assert len({*ids}) == len(ids) == 8  # of two notes and two references in each
    for root, item in zip(roots, items, strict=True):
        page = html.fromstring(
            client.get(item["url"].removeprefix("https://blog.example.org")).text
        )
        for link in root.xpath("//a[starts-with(@role, 'doc') or contains(@href, '#')]/@href"):
            address, name = link.split("#")
            assert address == item["url"]
            # It leads to the same words within the feed and on the essay's page.
            assert page.xpath("//*[@id=$name]", name=name), name
            assert name == "more" or root.xpath("//*[@id=$name]", name=name), name
    page = client.get(posts[0].get_absolute_url()).text
    assert 'id="fn-1"' in page  # as in addresses that are out there
    ids = html.fromstring(page).xpath("//@id")
    assert len({*ids}) == len(ids)


def test_no_signs_of_heading_anchors_are_in_feeds(client, write):
    write(body="## One\n\nWords.\n\n### Two\n\nMore.")
    for url in ("/feed.xml", "/atom.xml", "/feed.json"):
        assert "§" not in client.get(url).text


def test_plain_text_and_html_are_labelled(client, write):
    write("AT&amp;T </b>", standfirst="a < b & c", body="*Text.*")
    atom = etree.fromstring(client.get("/atom.xml").content)
    (entry,) = atom.iterfind("{*}entry")
    title, summary, content = (entry.find(f"{{*}}{n}") for n in ("title", "summary", "content"))
    assert (title.get("type"), title.text) == ("html", "AT&amp;amp;T &lt;/b&gt;")
    assert (summary.get("type"), summary.text) == ("text", "a < b & c")
    assert content.get("type") == "html"
    item = etree.fromstring(client.get("/feed.xml").content).find("channel/item")
    assert item.findtext("title") == "AT&amp;T </b>"  # always plain in RSS
    assert item.findtext("description") == "a &lt; b &amp; c"  # always HTML in RSS
    item = client.get("/feed.json").json()["items"][0]
    assert (item["title"], item["summary"]) == ("AT&amp;T </b>", "a < b & c")


def test_a_podcast_is_one_in_every_form(client, write, author):
    name = "0" * 32 + ".mp3"
    Recording.objects.create(file=name, title="Rain", bytes=77)
    write(body=f"![Rain](/media/{name})")
    feeds = {url: client.get(url) for url in ("/feed.xml", "/atom.xml", "/feed.json")}
    assert judge(feeds) == []
    assert all(f"https://blog.example.org/media/{name}" in each.text for each in feeds.values())
    assert json.loads(feeds["/feed.json"].content)["items"][0]["attachments"] == [
        {
            "url": f"https://blog.example.org/media/{name}",
            "mime_type": "audio/mpeg",
            "size_in_bytes": 77,
        }
    ]


def test_a_comment_written_past_this_code_has_an_id(client, write, say):
    post = write()
    for number in range(2):
        say(post, f"Words {number}.")
    Comment.objects.update(feed_id="")
    ids = [item["id"] for item in client.get("/comments/feed.json").json()["items"]]
    assert len({*ids}) == 2
