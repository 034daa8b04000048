"""Linkbacks with programs that others wrote: a real WordPress, and webmention libraries from PyPI.

Where one is not installed its tests are skipped, with the reason; wordpress_peer.py and
webmention_peer.py say how to install it. `-s` shows how long WordPress takes.
"""

import contextlib
import signal
import sqlite3
import time

import prepared
import pytest
import webmention_peer
import wordpress_peer
from server import free_port
from test_worker import until

pytestmark = pytest.mark.server

# An essay of the demo, which every new site has.
ESSAY = "/2026/11/room-in-the-margin/"
# What a link to it may name, and the words it then stands beside.
FRAGMENTS = {
    "#:~:text=the%20margin%20was-,too%20narrow,-to%20hold": "too narrow",
    "#:~:text=friends%20lent,on%20purpose": "friends lent him theirs on purpose",
    "##marvellous+proof": "marvellous proof",
}
# Half a minute at most, so that a test that fails is over within a minute.
SOON = 30

COMMENT_ON = """
SELECT c.id FROM comments_comment c JOIN posts_post p ON p.id = c.post_id
WHERE p.path = ? AND c.kind = 'comment' AND c.status = 'approved' LIMIT 1
"""

# Each takes a second or two; the suite tries one of each peer.
ALL = pytest.mark.long("tries all kinds of fragments")

# Notices wait a minute, in which a slip can be corrected; here nobody corrects one.
PUBLISH = """
from datetime import timedelta
from django.contrib.auth import get_user_model
from django.utils import timezone
from blog.posts.models import Post
from comments.linkbacks import sending
sending.SETTLE = timedelta(0)
author = get_user_model().objects.first()
title = f"Shelves & margins {Post.objects.count()}"
post = Post(title=title, author=author, published_at=timezone.now())
post.body = "Before all, an aunt’s [shelf](%s) & what it holds.\\n\\nThen the rest."
post.save()
print(post.get_absolute_url())
"""


SEND_AGAIN = """
from django.utils import timezone
from comments.models import LinkedPage
from comments.linkbacks.sending import send_again
page = LinkedPage.objects.get(target="%s")
send_again(page.post, [page], timezone.now())
"""


@pytest.fixture(scope="module")
def ports():
    """Where the two peers will be, which ours has to know before."""
    return free_port(), free_port()


@pytest.fixture(scope="module")
def ours(tmp_path_factory, ports):
    """A site of ours that may call its peers; as it comes, but for that."""
    allowed = ",".join(f"127.0.0.1:{port}" for port in ports)
    site = prepared.started(tmp_path_factory.mktemp("ours"), LINKBACK_PRIVATE_HOSTS=allowed)
    site.start()
    yield site
    site.stop(signal.SIGTERM)


@pytest.fixture(scope="module")
def wordpress(ports):
    if missing := wordpress_peer.missing():
        pytest.skip(f"for a real WordPress these are missing: {', '.join(missing)}")
    began = time.monotonic()
    with wordpress_peer.wordpress(ports[0]) as peer:
        print(f"WordPress {peer.version} installed and up in {time.monotonic() - began:.1f} s")
        yield peer


@pytest.fixture(scope="module")
def library_site(ports, tmp_path_factory):
    if missing := webmention_peer.missing():
        pytest.skip(f"for webmentions from PyPI these are missing: {', '.join(missing)}")
    log = tmp_path_factory.mktemp("peer") / "log"
    with webmention_peer.webmention_site(ports[1], log) as peer:
        yield peer


def rows(site, question, given):
    with contextlib.closing(sqlite3.connect(site.data / "postil.sqlite3")) as database:
        return database.execute(question, [given]).fetchall()


def mentions(site, source):
    fields = "kind, status, title, name, body"
    return rows(site, f"SELECT {fields} FROM comments_comment WHERE source = ?", source)


def standing(site, source):
    """Return the words, the comment and the reaction of a mention, once it came in."""
    fields = "passage, parent_id, reaction"
    return rows(site, f"SELECT {fields} FROM comments_comment WHERE source = ?", source)


def notice(site, target):
    """Return state, protocol and reason of the notice to a page, once it was tried."""
    question = "SELECT state, protocol, why FROM comments_linkedpage WHERE target = ?"
    found = rows(site, question, target)
    return found[0] if found and found[0] != ("waiting", "", "") else None


def publish(site, target):
    """Publish an essay that links to `target`; return its address."""
    return site.url + site.shell(PUBLISH % target)


# --- WordPress --------------------------------------------------------------------------------


def test_wordpress_post_linking_here_waits_in_the_queue(wordpress, ours):
    target = ours.url + ESSAY
    body = f'<p>Today I read <a href="{target}">about margins &amp; their room</a> at last.</p>'
    number, source = wordpress.publish("Grandmother’s “margins” & more", body)
    began = time.monotonic()
    wordpress.do_jobs()
    took = time.monotonic() - began
    [(kind, status, title, _name, excerpt)] = until(lambda: mentions(ours, source), SOON)
    assert (kind, status) == ("pingback", "pending")
    assert title.startswith("Grandmother’s “margins” & more")
    assert "I read about margins & their room at last." in excerpt
    assert wordpress.pinged(number) == [target]
    print(f"WordPress pinged us, and had its answer, in {took:.1f} s")


@pytest.mark.parametrize("most", [1, pytest.param(None, marks=ALL)])
def test_words_that_wordpress_links_to_have_its_mention(wordpress, ours, most):
    for fragment, words in [*FRAGMENTS.items()][:most]:
        body = f'<p>Read <a href="{ours.url}{ESSAY}{fragment}">this</a>.</p>'
        _number, source = wordpress.publish("Beside words", body)
        wordpress.do_jobs()
        assert until(lambda of=source: standing(ours, of), SOON) == [(words, None, "")]


def test_wordpress_with_a_slow_page_is_answered_in_time(wordpress, ours):
    target = ours.url + ESSAY
    number, source = wordpress.publish("Slow", f'<p>See <a href="{target}">there</a>.</p>')
    wordpress.do_jobs()
    # It notes only those that answered before it gave up.
    assert wordpress.pinged(number) == [target]
    until(lambda: mentions(ours, source), SOON)


def test_wordpress_gets_the_fault_for_a_missing_link(wordpress, ours):
    _number, source = wordpress.publish("Elsewhere", "<p>Nothing of interest.</p>")
    assert wordpress.ping(source, ours.url + ESSAY) == 17
    assert mentions(ours, source) == []


def test_wordpress_gets_the_fault_for_a_known_ping(wordpress, ours):
    target = ours.url + ESSAY
    _number, source = wordpress.publish("Twice", f'<p>See <a href="{target}">there</a>.</p>')
    wordpress.do_jobs()
    until(lambda: mentions(ours, source), SOON)
    assert wordpress.ping(source, target) == 48
    assert len(mentions(ours, source)) == 1


def test_our_link_becomes_a_pingback_in_wordpress(wordpress, ours):
    number, target = wordpress.publish("The shelf", "<p>It holds what was read.</p>")
    wordpress.let_hours_pass()
    source = publish(ours, target)
    began = time.monotonic()
    assert until(lambda: notice(ours, target), SOON) == ("accepted", "pingback", "")
    [comment] = wordpress.comments(number)
    assert comment["type"] == "pingback"
    assert comment["author_url"] == source
    assert comment["author"].startswith("Shelves &amp; margins")
    assert "an aunt’s shelf" in comment["content"]
    print(f"WordPress took our pingback within {time.monotonic() - began:.1f} s")


@pytest.mark.long("waits until one may be sent again")
def test_a_pingback_sent_again_is_one_in_wordpress(wordpress, ours):
    number, target = wordpress.publish("Another shelf", "<p>It holds the rest.</p>")
    wordpress.let_hours_pass()
    publish(ours, target)
    until(lambda: notice(ours, target), SOON)
    ours.shell(SEND_AGAIN % target)
    known = "accepted", "pingback", "It knew already."
    until(lambda: notice(ours, target) == known, SOON)
    assert len(wordpress.comments(number)) == 1


@pytest.mark.long("waits for half a minute, as WordPress wants it")
def test_pingbacks_are_spaced_enough_for_wordpress(wordpress, ours):
    """It takes no two within 15 seconds, and answers one that comes too soon with the fault 429."""
    wordpress.let_hours_pass()
    shelves = [wordpress.publish(f"Shelf {n}", "<p>It holds a little.</p>") for n in range(2)]
    for _number, target in shelves:
        publish(ours, target)
    for number, target in shelves:
        assert until(lambda to=target: notice(ours, to), 2 * SOON)[:2] == ("accepted", "pingback")
        assert len(wordpress.comments(number)) == 1


# --- Libraries from PyPI ----------------------------------------------------------------------


@pytest.mark.parametrize("client", webmention_peer.CLIENTS)
def test_a_mention_from_a_library_waits_in_the_queue(library_site, ours, client):
    source = library_site.mention(client, ours.url + ESSAY)
    [(kind, status, title, name, excerpt)] = until(lambda: mentions(ours, source), SOON)
    assert (kind, status) == ("webmention", "pending")
    assert (title, name) == (webmention_peer.TITLE, webmention_peer.AUTHOR)
    assert "I read an essay that leaves room." in excerpt


@pytest.mark.parametrize("client", webmention_peer.CLIENTS)
@pytest.mark.parametrize("most", [1, pytest.param(None, marks=ALL)])
def test_words_and_likes_of_a_library_are_set_beside_theirs(library_site, ours, client, most):
    comment = rows(ours, COMMENT_ON, ESSAY.strip("/"))[0][0]
    first, *rest = [(fragment, (words, None, ""), "") for fragment, words in FRAGMENTS.items()]
    like, under = ("", ("", None, "like"), "u-like-of"), (f"#c{comment}", ("", comment, ""), "")
    tried = [first, *rest, under, like] if client == "webmentions" else [like, first, *rest, under]
    for fragment, place, does in tried[:most]:
        source = library_site.mention(client, ours.url + ESSAY + fragment, does)
        assert until(lambda of=source: standing(ours, of), SOON) == [place]


def test_our_essay_is_a_mention_for_a_receiving_library(library_site, ours):
    source = publish(ours, library_site.essay)
    found = until(lambda: notice(ours, library_site.essay), SOON)
    assert found == ("accepted", "webmention", "")
    [mention] = library_site.received()
    assert mention["source"] == source
    assert mention["title"].startswith("Shelves & margins")
