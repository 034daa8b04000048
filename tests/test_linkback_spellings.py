"""When two addresses are one essay or one source, and when a link is gone for certain."""

import pytest
from django.conf import settings as site
from linkbacks import at, linking, look_all, mention, ping
from peers import Peer, page

from blog.posts.models import OldAddress
from comments.linkbacks.protocols import pages
from comments.models import Comment, Linkback


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


def test_source_is_read_as_it_was_sent_last(client, post, peer):
    mention(client, peer.url().replace("http://", "https://"), at(post))
    mention(client, peer.url(), at(post))
    look_all()
    assert Linkback.objects.get().state == "accepted"


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
