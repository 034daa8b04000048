"""When two addresses are one essay or one source, and when a link is gone for certain."""

import itertools
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.conf import settings as site
from django.utils import timezone
from linkbacks import at, linking, look_all, mention, ping
from peers import Peer, moved, page

from blog.posts.models import OldAddress
from comments.linkbacks import verify as verifying
from comments.linkbacks.protocols import pages
from comments.models import Comment, Linkback, Look


@pytest.fixture(autouse=True)
def nobody_waits(settings):
    settings.LINKBACK_WAITS = 0
    settings.LINKBACK_RATE_PER_HOST = None


@pytest.fixture
def post(write):
    post = write()
    OldAddress.objects.create(post=post, path="old/margins")
    OldAddress.objects.create(post=post, path="?p=12")
    return post


@pytest.fixture
def peer(settings, post):
    with Peer(page(linking(at(post)))) as peer:
        settings.LINKBACK_PRIVATE_HOSTS = [peer.place]
        yield peer


def spellings(post):
    """Return addresses that lead readers to the essay."""
    here, path = site.SITE_URL, post.get_absolute_url()
    other_scheme = here.replace("http://", "https://")
    return {
        "query": f"{here}{path}?ref=x",
        "no slash": f"{here}{path[:-1]}",
        "fragment": f"{here}{path}#c12",
        "campaign and no slash": f"{here}{path[:-1]}?utm_source=feed&fbclid=1",
        "https": f"{other_scheme}{path}",
        "capitals": f"{here.upper()}{path}",
        "escaped": f"{here}{path.replace('m', '%6D')}",
        "dots": f"{here}/x/..{path}",
        "old address": f"{here}/old/margins/?ref=x",
        "WordPress number": f"{here}/?p=12&ref=x",
        "thread": f"{here}{path}comments/2/",
        "form": f"{here}{path}comments/#form",
    }


# Spellings of the essay's address (H2) ---------------------------------------------------------


@pytest.mark.parametrize("name", [
    "query", "no slash", "fragment", "campaign and no slash", "https", "capitals", "escaped",
    "dots", "old address", "WordPress number", "thread", "form",
])  # fmt: skip
def test_any_spelling_is_a_link_to_the_essay(client, post, peer, name):
    spelled = spellings(post)[name]
    mention(client, peer.url("/clean"), at(post))
    peer.answer = page(linking(spelled.replace("&", "&amp;")))
    look_all()
    assert Linkback.objects.get().state == "accepted"


@pytest.mark.parametrize("name", ["query", "https", "old address", "WordPress number", "thread"])
def test_any_spelling_can_be_the_target(client, post, peer, name):
    assert mention(client, peer.url("/odd"), spellings(post)[name]).status_code == 201
    look_all()
    assert Linkback.objects.get().state == "accepted"
    mention(client, peer.url("/odd"), at(post))
    look_all()
    assert Linkback.objects.get().state == "accepted"


def test_permalink_of_a_comment_leads_to_its_essay(client, post, peer, say):
    said = say(post)
    permalink = f"{site.SITE_URL}/comments/{said.pk}/"
    peer.answer = page(linking(permalink))
    mention(client, peer.url(), permalink)
    look_all()
    assert Linkback.objects.get().post == post
    assert Linkback.objects.get().state == "accepted"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "{here}/",
        "{here}/?p=13",
        "{here}{path}x/",
        "{here}/comments/999999999999999999999/",
        "{here}.example.org{path}",
        "https://user@blog.example{path}",
    ],
)
def test_link_to_another_address_does_not_count(client, post, peer, elsewhere):
    peer.answer = page(linking(elsewhere.format(here=site.SITE_URL, path=post.get_absolute_url())))
    mention(client, peer.url(), at(post))
    look_all()
    assert Linkback.objects.get().state == "rejected"


def test_comment_that_waits_leads_nowhere(client, post, peer, say):
    waiting = say(post, status=Comment.Status.PENDING)
    target = f"{site.SITE_URL}/comments/{waiting.pk}/"
    assert mention(client, peer.url(), target).status_code == 400


# One page sent as http and as https (H4) -------------------------------------------------------


@pytest.mark.parametrize("by", [mention, ping])
def test_http_and_https_are_one_source(client, post, by):
    for source in (
        "http://a.example/x?y=1",
        "https://a.example/x?y=1",
        "https://A.example:443/x/?y=1",
    ):
        by(client, source, at(post))
    assert Linkback.objects.count() == 1


def test_imported_mention_is_known_by_either_scheme(client, post, peer):
    imported = Comment.objects.create(
        post=post,
        kind="pingback",
        source=peer.url("/reply/").replace("http://", "https://"),
        origin="x:1",
        body="Then.",
    )
    mention(client, peer.url("/reply/"), at(post))
    look_all()
    assert Comment.objects.get() == imported


def test_each_spelling_that_was_sent_is_read(client, post, peer):
    for scheme in ("https", "http", "https"):
        mention(client, peer.url(scheme=scheme), at(post))
    assert Look.objects.count() == 2
    look_all()
    assert (Linkback.objects.get().state, Linkback.objects.get().source) == ("accepted", peer.url())


# Anybody may send another spelling of an accepted source ---------------------------------------


@pytest.fixture
def pages_at(peer):
    """Have the peer answer by the path, as http and https or /x and /x/ may differ."""
    answers = {}

    def answer(connection, peer):
        path = peer.requests[-1].decode("latin-1").partition(" ")[2].partition(" ")[0]
        connection.sendall(answers.get(path, page(b"", "404 Not Found")))

    peer.answer = answer
    return answers


@pytest.fixture
def accepted(client, post, peer, pages_at):
    """An approved mention from /x, and its page."""
    pages_at["/x"] = page(linking(at(post)))
    mention(client, peer.url("/x"), at(post))
    look_all()
    Comment.objects.get().approve()
    return Comment.objects.get()


def state():
    linkback = Linkback.objects.get()
    return linkback.state, linkback.comment.status, urlsplit(linkback.source).path


OTHERS = {
    "without a link": page(b"<p>Here."),
    "404": page(b"", "404 Not Found"),
    "410": page(b"", "410 Gone"),
    "500": page(b"", "500 Oops"),
    "leads here": moved(site.SITE_URL),
}


@pytest.mark.parametrize("other", OTHERS)
def test_other_spelling_takes_no_mention_down(client, post, peer, accepted, pages_at, other):
    for path, by in itertools.product(["/x/", "/x//"], [mention, ping]):
        pages_at[path] = OTHERS[other]
        before = Look.objects.count()
        by(client, peer.url(path), at(post))
        look_all()
        assert Look.objects.count() == before + 1
        assert state() == ("accepted", "approved", "/x")
        assert not Look.objects.filter(ended_at=None).exists()


def test_other_scheme_takes_no_mention_down(client, post, peer, accepted):
    mention(client, peer.url("/x", "https"), at(post))  # where nobody speaks TLS
    look_all()
    assert state() == ("accepted", "approved", "/x")
    assert Linkback.objects.get().source == peer.url("/x")


def test_link_is_gone_once_the_accepted_spelling_says_so(client, post, peer, accepted, pages_at):
    pages_at["/x"] = page(b"<p>No more.")
    mention(client, peer.url("/x/"), at(post))
    look_all()
    assert state() == ("gone", "trash", "/x")


def test_new_spelling_that_links_here_is_kept(client, post, peer, accepted, pages_at):
    pages_at["/x/"] = pages_at["/x"]
    mention(client, peer.url("/x/"), at(post))
    look_all()
    assert state() == ("accepted", "approved", "/x/")
    assert Comment.objects.get().source == peer.url("/x")
    # Which readers follow still: the link is gone where neither has it.
    pages_at["/x/"] = page(b"<p>No more.")
    for path in ("/x/", "/x"):
        mention(client, peer.url(path), at(post))
        look_all()
        assert state()[:2] == ("accepted", "approved")
    pages_at["/x"] = page(b"<p>No more.")
    mention(client, peer.url("/x"), at(post))
    look_all()
    pages_at["/x/"] = page(linking(at(post)))
    assert state()[:2] == ("gone", "trash")


def test_unreachable_accepted_spelling_keeps_its_mention(client, post, peer, accepted, pages_at):
    pages_at["/x"] = page(b"", "503 Busy")
    mention(client, peer.url("/x/"), at(post))
    for _turn in range(5):
        look_all(timezone.now() + timedelta(days=1))
    assert state() == ("accepted", "approved", "/x")


def test_other_spelling_keeps_no_first_mention_out(client, post, peer, pages_at):
    pages_at["/x"] = page(b"", "503 Busy")
    for path in ("/x", "/x/"):
        mention(client, peer.url(path), at(post))
    look_all()
    pages_at["/x"] = page(linking(at(post)))
    look_all(timezone.now() + timedelta(hours=1))
    assert state() == ("accepted", "pending", "/x")


def test_accepted_while_another_spelling_is_read(client, post, peer, pages_at, monkeypatch):
    pages_at["/x"] = page(linking(at(post)))
    for path in ("/x/", "/x"):
        mention(client, peer.url(path), at(post))
    first, second = Look.objects.order_by("pk")
    seen = verifying.read(first)
    verifying.verify.func(second.pk)
    verifying.conclude(first, seen[1], seen[0])
    assert state() == ("accepted", "pending", "/x")
    look_all()
    assert state() == ("accepted", "pending", "/x")
    assert not Look.objects.filter(ended_at=None).exists()


def test_looks_of_the_version_before_read_the_source_itself(client, post, peer, pages_at):
    pages_at["/x"] = page(linking(at(post)))
    mention(client, peer.url("/x"), at(post))
    Look.objects.update(source="")
    mention(client, peer.url("/x"), at(post))
    assert Look.objects.count() == 1
    look_all()
    assert state() == ("accepted", "pending", "/x")


# What was not read is not known (H1) -----------------------------------------------------------

FAR = {
    "characters": "<p>" + "x" * pages.MAX_CHARACTERS,
    "elements": "<b></b>" * (pages.MAX_ELEMENTS + 1),
    "depth": "<div>" * (pages.MAX_DEPTH + 1),
    "bytes": "<p>" + "é" * (1024 * 1024),
    "addresses": "".join(f"<a href='/x{n}'>y</a>" for n in range(1001)),
}


@pytest.mark.parametrize("bound", FAR)
def test_source_that_outgrows_what_is_read_is_kept(client, post, peer, bound):
    mention(client, peer.url(), at(post))
    look_all()
    Comment.objects.get().approve()
    before = f"<base href='{site.SITE_URL}'>" if bound == "addresses" else ""
    peer.answer = page((before + FAR[bound]).encode() + linking(at(post)))
    mention(client, peer.url(), at(post))
    look_all()
    assert Comment.objects.get().status == "approved"
    assert Linkback.objects.get().state == "accepted"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b'{"x": '),
        ("application/json", b'["' + b"x" * pages.MAX_CHARACTERS + b'"]'),
        ("text/plain", b"x " * pages.MAX_CHARACTERS),
        ("application/pdf", b"%PDF-1.7"),
    ],
    ids=["broken JSON", "long JSON", "long text", "PDF"],
)
def test_mention_is_kept_if_its_source_is_unreadable(client, post, peer, kind, body):
    mention(client, peer.url(), at(post))
    look_all()
    Comment.objects.get().approve()
    peer.answer = page(body, content_type=kind)
    mention(client, peer.url(), at(post))
    look_all()
    assert Comment.objects.get().status == "approved"


def test_mention_is_removed_if_its_source_lost_the_link(client, post, peer):
    mention(client, peer.url(), at(post))
    look_all()
    peer.answer = page(b"<p>" + b"x" * (pages.MAX_CHARACTERS - 100))
    mention(client, peer.url(), at(post))
    look_all()
    assert Comment.objects.get().status == "trash"


def test_too_long_new_source_is_rejected(client, post, peer):
    peer.answer = page(FAR["elements"].encode() + linking(at(post)))
    mention(client, peer.url(), at(post))
    look_all()
    assert Linkback.objects.get().state == "rejected"
