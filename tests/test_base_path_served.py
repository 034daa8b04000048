"""A whole site below /blog of another, through Caddy, nginx and Apache as deploy/path/ has them."""

import io
import re
import signal
from urllib.parse import urlencode, urlsplit

import prepared
import pytest
from crawler import crawl
from fronts import NAMES, front
from linkbacks import fault_or_words, linking
from notices import Target, at
from peers import page as answered
from PIL import Image as Pixels
from playwright.sync_api import expect
from reading import Browser, fetch, hidden
from server import PASSWORD, free_port
from smtp_server import mail_server
from test_worker import until
from trials import in_full, some_of

from comments.linkbacks.protocols.pingback import render_call

pytestmark = pytest.mark.server

BASE = "/blog"
ESSAY = f"{BASE}/2026/11/room-in-the-margin/"
ADMIN = f"{BASE}/admin/"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ABOUT_THE_ADMIN = """
from comments.linkbacks.sending import tell_linked_pages
from comments.models import MailChoice
from blog.posts.models import Post
admin = User.objects.get(username="admin")
admin.email = "ann@example.org"
admin.save()
MailChoice.objects.create(user=admin, when="at-once")
links = "[There](PEER) and [here](/2026/11/room-in-the-margin/)."
post = Post(title="Of links", author=admin, body=links, published_at=admin.date_joined)
post.save()
tell_linked_pages.enqueue(post.pk)
print(post.path)
"""


WORDS = iter(["The tide table hangs by the door.", "Salt keeps. Sugar forgets!", "Why oak?"])


class Front:
    """The site as readers see it, through a proxy."""

    def __init__(self, url):
        self.url = url


@pytest.fixture(scope="module")
def peer():
    with Target() as peer:
        yield peer


@pytest.fixture(scope="module")
def source():
    """A server whose pages link here, once a test says where to."""
    with Target() as source:
        yield source


@pytest.fixture(scope="module")
def mails():
    with mail_server() as server:
        yield server


@pytest.fixture(scope="module")
def site(tmp_path_factory, peer, source, mails):
    site = prepared.started(
        tmp_path_factory.mktemp("below"),
        SITE_URL=f"http://127.0.0.1:{free_port()}",
        BASE_PATH=BASE,
        TRUSTED_PROXIES="127.0.0.1",
        EMAIL_URL=f"smtp://127.0.0.1:{mails.port}",
        LINKBACK_PRIVATE_HOSTS=f"{peer.place},{source.place}",
        LINKBACK_WAITS="0",
        COMMENT_POLICY="hold-all",
        COMMENT_RATE_PER_NETWORK="none",
    )
    site.front, site.mails = site.settings["SITE_URL"], mails
    site.essay = site.shell(ABOUT_THE_ADMIN.replace("PEER", peer.url("/")))
    site.close_shell()
    site.greeting = site.start("--workers", "1")
    yield site
    assert site.stop(signal.SIGTERM).code == 0


@pytest.fixture(scope="module", params=NAMES)
def proxied(request, site, tmp_path_factory):
    """The address of a proxy before the site: each in turn at SITE_URL's port."""
    port = urlsplit(site.front).port
    with front(request.param, tmp_path_factory.mktemp(request.param), port, site.port):
        yield site.front


# One of them in each run, all in a full one: what goes through is the same.
in_depth = pytest.mark.parametrize("proxied", some_of(NAMES, 3), indirect=True, scope="module")


@in_depth
def test_every_address_of_the_site_leads_below_the_path(proxied, site):
    until(lambda: site.rows("SELECT count(*) FROM posts_post WHERE shared_name = ''") <= [(2,)], 60)
    starts = [f"{proxied}{BASE}/{it}" for it in ("", "sitemap.xml", "robots.txt", "atom.xml")]
    asked, broken = crawl(starts, BASE, most=in_full(600, 60))
    assert broken == []
    assert asked > in_full(100, 50)


def test_site_around_is_left_alone(proxied, site):
    assert "The site around" in fetch(f"{proxied}/").text
    assert fetch(f"{proxied}/blogger/").status == 404
    past = fetch(f"{site.url}/2026/")
    assert (past.status, past.text.strip()[:22]) == (404, "There is nothing here.")
    assert f"{site.front}{BASE}/" in past.text
    assert fetch(f"{site.url}/healthz").status == fetch(f"{site.url}{BASE}/healthz").status == 200
    assert f"{site.url}{BASE}/" in site.greeting


@pytest.mark.parametrize(
    "old", ["/2026/11/room-in-the-margin/", "/feed.xml", "/tags/marginalia/?x=1", "/2026/"]
)
def test_old_addresses_at_the_root_lead_on(proxied, old):
    answer = fetch(proxied + old)
    assert answer.status == 308
    assert answer.headers["Location"].removeprefix(proxied) == BASE + old
    assert fetch(proxied + BASE + old).status == 200


def test_slash_is_added_to_the_path(proxied):
    answer = fetch(f"{proxied}{BASE}?p=1")
    assert answer.status == 301
    assert answer.headers["Location"].removeprefix(proxied) == f"{BASE}/?p=1"


def test_made_up_forwarding_is_not_believed(proxied):
    made_up = {"X-Forwarded-Prefix": "/shop", "X_Forwarded-Proto": "https"}
    made_up |= {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    text = fetch(proxied + ESSAY, **made_up, Cookie="postil_blog_x=1").text
    assert "/shop/" not in text
    assert "evil.example" not in text
    assert f'<link rel="canonical" href="{proxied}{ESSAY}">' in text


# --- Readers and moderators --------------------------------------------------------------------


@in_depth
def test_comment_is_posted_edited_and_approved_by_mail(proxied, site):
    front = Front(proxied)
    reader, stranger = Browser(front), Browser(front)
    assert stranger.ask(ESSAY).headers["Cache-Control"].startswith("public")
    words = next(WORDS)
    answer = reader.write(ESSAY, words)
    assert answer.status == 303
    assert answer.headers["Location"].startswith(ESSAY)
    cookies = answer.headers.get_all("Set-Cookie")
    assert all("; Path=/blog/" in it and it.startswith("postil_blog_") for it in cookies)
    shown = reader.ask(ESSAY).text
    edit, number = re.search(rf'href=["\']?({BASE}/comments/(\d+)/edit/)', shown).groups()
    form = reader.ask(edit).text
    assert f'action="{edit}"' in form
    given = hidden(form, "token", "csrfmiddlewaretoken", "version") | {"name": "Lou Barba"}
    sent = reader.ask(edit, given | {"body": f"{words} Edited."})
    assert sent.status == 303
    assert words not in stranger.ask(ESSAY).text

    # Of the words as they were first; what it opens shows them as they are.
    link = until(lambda: judging(site, words), 60)
    assert link.startswith(f"{site.front}{BASE}/comments/mail/judge/")
    moderator = Browser(front)
    page = moderator.ask(urlsplit(link).path)
    assert page.status == 200
    assert f"{words} Edited." in page.text
    given = hidden(page.text, "shown") | {"decide": "approve"}
    assert moderator.ask(urlsplit(link).path, given).status == 303
    assert f"{words} Edited." in stranger.ask(ESSAY).text, "the kept page fell"
    assert fetch(f"{proxied}{BASE}/comments/{number}/").headers["Location"].startswith(ESSAY)


def judging(site, words):
    """Return the first link of the mail about these words."""
    for _to, mail in site.mails.messages:
        text = mail.get_body(("plain",)).get_content()
        if words in text:
            return re.search(r"https?://\S+/judge/\S+", text)[0]
    return None


# --- Mentions ----------------------------------------------------------------------------------


@in_depth
def test_webmention_and_pingback_are_received(proxied, site, source):
    head = fetch(proxied + ESSAY, "HEAD").headers
    endpoint = re.search(r'<([^>]+)>; rel="webmention"', head["Link"])[1]
    assert endpoint == f"{proxied}{BASE}/webmention/"
    target, name = proxied + ESSAY, f"seen-{len(source.requests)}"
    page = answered(linking(target))
    source.answer = at(**{f"{name}-a": page, f"{name}-b": page})
    form = urlencode({"source": source.url(f"/{name}-a"), "target": target})
    sent = fetch(endpoint, "POST", form, **FORM)
    assert sent.status == 201
    assert sent.headers["Location"].startswith(f"{proxied}{BASE}/webmention/")
    call = render_call(source.url(f"/{name}-b"), target)
    said = fetch(head["X-Pingback"], "POST", call, **{"Content-Type": "text/xml"})
    assert "received" in str(fault_or_words(said.text))
    until(lambda: "shown once it is approved" in fetch(sent.headers["Location"]).text, 60)
    found = "SELECT count(*) FROM comments_linkback WHERE state = 'accepted' AND source LIKE "
    until(lambda: site.rows(f"{found}'%{name}-%'") == [(2,)], 60)


def test_webmention_was_sent_and_a_link_within_noted(site, peer):
    source = f"{site.front}{BASE}/{site.essay}/"
    until(lambda: (source, peer.url("/")) in peer.notices, 60)
    own = "SELECT source, state FROM comments_linkback WHERE source = "
    until(lambda: site.rows(f"{own}'{source}'") == [(source, "accepted")], 60)


# --- Writing, in a browser ---------------------------------------------------------------------


@in_depth
@pytest.mark.browser
def test_essay_is_written_with_a_picture_and_published(proxied, site, browser):
    context = browser.new_context(reduced_motion="reduce")
    page, failed = context.new_page(), []
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.on("console", lambda said: said.type == "error" and failed.append(said.text))
    page.on("request", lambda asked: outside(asked.url) and failed.append(asked.url))
    page.goto(proxied + ADMIN)
    page.fill("#id_username", "admin")
    page.fill("#id_password", PASSWORD)
    with page.expect_navigation():
        page.click("[type=submit]")
    page.goto(f"{proxied}{ADMIN}posts/post/add/")
    page.locator("body.scripts #toolbar:not([hidden])").wait_for()
    title = f"Below {proxied.rpartition(':')[2]} {len(site.rows('SELECT 1 FROM posts_post'))}"
    page.fill("#id_title", title)
    page.fill("#id_body", "See [the other](/2026/11/room-in-the-margin/).\n\n")
    page.locator("#saved", has_text="Saved").wait_for()
    with page.expect_file_chooser() as chooser:
        page.click("[data-mark=picture]")
    chooser.value.set_files({"name": "a.png", "mimeType": "image/png", "buffer": PIXELS})
    expect(page.locator("#id_body")).to_have_value(re.compile(r"!\[[^\]]*\]\(/media/"))
    frame = page.frame_locator("iframe")
    expect(frame.locator(f'a[href="{ESSAY}"]')).to_be_visible()
    expect(frame.locator(f'img[src^="{BASE}/media/"]')).to_have_count(1)
    page.locator("#saved", has_text="Saved").wait_for()
    for verb in ("Publish now", "Publish"):
        page.locator("#bar").get_by_role("button", name=verb, exact=True).click()
    page.locator("#bar").get_by_role("link", name="See it").click()
    expect(page.locator("h1")).to_have_text(title)
    assert page.evaluate("document.querySelector('.prose img').naturalWidth") > 0
    assert urlsplit(page.url).path.startswith(f"{BASE}/20")
    assert {it["path"] for it in context.cookies()} <= {f"{BASE}/", ADMIN}
    page.goto(proxied + ADMIN)
    page.locator("#logout-form button").click()
    page.goto(proxied + ADMIN)
    expect(page.locator("#id_username")).to_be_visible()
    assert urlsplit(page.url).query == f"next={ADMIN}"
    assert failed == []
    context.close()


def outside(url):
    return not urlsplit(url).path.startswith(f"{BASE}/") and not url.startswith(("data:", "blob:"))


def pixels():
    out = io.BytesIO()
    Pixels.new("RGB", (900, 600), "teal").save(out, "PNG")
    return out.getvalue()


PIXELS = pixels()
