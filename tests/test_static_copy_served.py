"""A static copy answers as the site does: by nginx and Caddy with rules, by any server without."""

import re
from urllib.parse import quote, unquote

import pytest
from backups import site_in
from lxml import html
from static_copies import LONG, as_set_there, copied, crawled, get, live, plainly_served, served
from trials import in_full

from blog.posts.models import Forward, OldAddress, Post
from comments.models import Comment

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("static-copy")]
# What a page of a copy leaves out, besides forms.
NOT_COPIED = "//form | //*[@id='form'] | //*[contains(@class, 'noting')] | //noscript | //script"
NOT_COPIED += " | //*[@class='answer'] | //a[contains(@href, '/reply/')] | //a[@href='#form']"
NOT_COPIED += " | //header[.//*[@id='comments-head']]"
NOT_COPIED += " | //*[contains(@class, 'find')]"


@pytest.fixture(scope="module")
def folder(django_db_blocker):
    with django_db_blocker.unblock():
        return copied()


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def server(request, folder, tmp_path_factory):
    with served(request.param, folder / "copy", tmp_path_factory.mktemp("server")) as address:
        yield address


answers = {}


@pytest.fixture
def ask(folder, django_db_blocker):
    """What the site itself answers, each address once."""
    with django_db_blocker.unblock(), site_in(folder / "site"):
        as_set_there()
        yield lambda address: answers.get(address) or answers.setdefault(address, live(address))


def words(page):
    """Return what a page says, without what a copy leaves out."""
    tree = html.fromstring(page).find(".//main")
    for element in tree.xpath(NOT_COPIED):
        element.drop_tree()
    return " ".join(tree.text_content().split())


def differing(ask, server, addresses):
    """Return the addresses at which the copy answers otherwise."""
    found = {}
    for address in addresses:
        here, there = get(server, address), ask(address)
        said = (here.status, here.to), (there.status, there.to)
        if there.status == 200:
            said = tuple(
                (each.status, each.type, words(each.text) if "html" in each.type else each.body)
                for each in (here, there)
            )
        if said[0] != said[1]:
            found[address] = said
    return found


def test_every_address_of_the_sitemap_answers_alike(ask, server):
    listed = re.findall("<loc>https?://[^/]+([^<]*)</loc>", ask("/sitemap.xml").text)
    assert len(listed) > 20
    assert differing(ask, server, listed) == {}


def test_further_pages_and_feeds_answer_alike(ask, server):
    post = "/2026/02/long-thread/"
    feeds = [
        f"{start}{file}"
        for start in ("/", "/tags/obst/", "/authors/1/", "/comments/", f"{post}comments/")
        for file in ("feed.xml", "atom.xml", "feed.json")
    ]
    every = re.findall(r'href="(/[^"]*(?:feed|atom)\.(?:xml|json))"', ask("/feeds/").text)
    feeds += in_full([unquote(address) for address in every], [])
    pages = [f"{post}comments/2/", "/2026/", "/2026/02/", "/feeds/", "/robots.txt", "/nowhere/"]
    pages += [f"{post}comments/page/2/{file}" for file in ("feed.xml", "atom.xml", "feed.json")]
    long = Post.objects.get(slug=LONG).get_absolute_url()
    assert differing(ask, server, [*feeds, *pages, long, f"{long}comments/feed.xml"]) == {}


def test_every_redirect_and_withdrawn_address_answers_alike(ask, server):
    old = [*OldAddress.objects.values_list("path", flat=True)]
    old += Forward.objects.values_list("path", flat=True)
    ends = ["" if "." in path or path[0] == "?" else "/" for path in old]
    addresses = [
        f"/{path if path[0] == '?' else quote(path)}{end}"
        for path, end in zip(old, ends, strict=True)
    ]
    for never in ("/../up", "/two%0Alines/"):
        addresses.remove(never)
    post = Post.objects.get(slug="zurückgezogen")
    addresses += [post.get_absolute_url(), "/tags/äpfel-birnen/", "/tags/äpfel-birnen/atom.xml"]
    addresses += ["/feed/", "/feed/rss2/", "/favicon.ico", "/2026/02/long-thread/comments/"]
    approved = Comment.objects.approved()
    numbers = [*approved.values_list("pk", flat=True)[:10]]
    numbers += approved.exclude(passage="").values_list("pk", flat=True)
    for number in numbers:
        addresses += [f"/comments/{number}/", f"/comments/{number}/?thread"]
    assert len(addresses) > 40
    asked = {a for a in addresses if "?thread" not in a or ask(a).to != ask(a.partition("?")[0]).to}
    assert len([a for a in asked if "?thread" in a]) >= 1
    assert differing(ask, server, sorted(asked)) == {}


def test_addresses_of_wordpress_lead_to_the_same_places(ask, server):
    old, essay = "/2001/02/alt", "/2026/02/long-thread"
    ends = ("feed/", "page/2/", "comment-page-3/", "trackback/", "amp", "2/", "feed/atom/")
    addresses = [f"{start}/{end}" for start in (old, essay) for end in ends if end[-5:] != "atom/"]
    addresses += ["/2026/02/14/", "/2026/05/01/", "/1999/", "/index.php/about/"]
    addresses += ["/wp-content/a b-300x200.png", f"{essay}/feed/rss2/"]
    found = {
        address: (followed(lambda a: get(server, a), address), followed(ask, address))
        for address in addresses
    }
    assert {address: ends for address, ends in found.items() if ends[0] != ends[1]} == {}
    assert {end for _here, end in found.values()} > {
        "/archive/",
        "/about/",
        f"{essay}/comments/feed.xml",
    }


def followed(ask, address):
    """Return where an address leads in the end; each step must be for good."""
    for _step in range(5):
        answer = ask(address)
        if answer.status != 301:
            break
        address = answer.to
    assert answer.status == 200, address
    return address


def test_withdrawn_page_says_so_with_its_status(ask, server):
    address = Post.objects.get(slug="zurückgezogen").get_absolute_url()
    here = get(server, address)
    assert here.status == 410
    assert words(here.text) == words(ask(address).text)


def test_capitals_of_an_old_address_do_not_catch_a_page(server):
    assert get(server, "/about/").status == 200
    assert get(server, "/About/").to == "/2026/01/über-ränder/"


def test_rules_and_lists_are_not_served(server):
    for name in (".postil-copy/nginx.conf", ".postil-copy/files", "_redirects", ".htaccess"):
        assert get(server, f"/{name}").status == 404


def test_no_link_of_the_copy_is_broken(server):
    assert broken(server) == {"/x/"}


def test_no_link_of_the_copy_is_broken_without_rules(folder):
    with plainly_served(folder / "copy") as server:
        assert broken(server) == {"/x/"}


def broken(server):
    """Return what is linked in a copy and is not there; an author can write such a link too."""
    found = crawled(server)
    assert len(found) > 80
    assert not [address for address in found if "?" in address]
    return {address for address, status in found.items() if status not in (200, 301, 302)}


def test_old_addresses_lead_on_without_rules(folder):
    moved = re.compile(r'<meta http-equiv="refresh" content="0; url=([^"]*)">')
    with plainly_served(folder / "copy") as server:
        for old in ("/2001/02/alt/", "/blog/ränder.php/", "/Blog/Page.HTML", "/a.html/", "/About/"):
            page = get(server, old)
            assert (page.status, page.type) == (200, "text/html"), old
            assert unquote(moved.search(page.text)[1]) == "/2026/01/über-ränder/"
        assert get(server, "/index.xml").body == get(server, "/feed.xml").body
        assert get(server, "/wp-content/a b.png").type == "image/png"
        assert (
            get(server, "/tags/äpfel-birnen/feed.xml").body
            == get(server, "/tags/obst/feed.xml").body
        )


@pytest.mark.browser
def test_pages_of_the_copy_break_nothing_in_a_browser(folder, browser):
    """Scripts may run, and there are none; the policy within each page lets its style through."""
    said = []
    context = browser.new_context(viewport={"width": 360, "height": 740}, color_scheme="dark")
    page = context.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("response", lambda answer: said.append(answer.url) if answer.status > 399 else None)
    with plainly_served(folder / "copy") as server:
        for address in ("/", "/2026/02/long-thread/", "/2026/11/room-in-the-margin/", "/search/"):
            page.goto(server + address)
            assert page.evaluate(
                "document.scripts.length === document.querySelectorAll("
                "'script[type=\"application/ld+json\"]').length"
            )
            assert page.evaluate("document.documentElement.scrollWidth") <= 360
            assert (
                page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
                != "rgba(0, 0, 0, 0)"
            )
        page.goto(f"{server}/2001/02/alt/")
        page.wait_for_url(f"{server}/2026/01/%C3%BCber-r%C3%A4nder/")
    context.close()
    assert said == []
