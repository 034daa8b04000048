"""A WebSub hub is named in feeds and notified when they change; without one nothing is sent."""

from datetime import timedelta
from urllib.parse import parse_qsl

import pytest
from django.utils import timezone
from feeds import ATOM, site_url
from linkbacks import look_all
from lxml import etree
from peers import Peer, page

from blog.jobs.models import Job
from blog.posts.models import Tag
from comments.models import Comment
from comments.websub import SETTLE, NotTold, tell

__all__ = ["site_url"]  # fixtures

pytestmark = pytest.mark.django_db

HUB = "https://hub.example/"
HERE = "https://blog.example.org"


def notified_of(peer):
    """Return the feeds that each notice named, without the site's address."""
    notices = [parse_qsl(asked.partition(b"\r\n\r\n")[2].decode()) for asked in peer.requests]
    assert all(notice[0] == ("hub.mode", "publish") for notice in notices)
    return [{url.removeprefix(HERE) for _, url in notice[1:]} for notice in notices]


def in_each_form(*places):
    return {f"{place}{file}" for place in places for file in ("feed.xml", "atom.xml", "feed.json")}


def later():
    return timezone.now() + SETTLE


@pytest.fixture
def hub(settings):
    with Peer(page(b"", "202 Accepted")) as peer:
        settings.WEBSUB_HUB = peer.url("/hub")
        yield peer


def test_feeds_name_the_hub(client, write, settings):
    write()
    settings.WEBSUB_HUB = HUB
    for url in ("/feed.xml", "/atom.xml"):
        links = etree.fromstring(client.get(url).content).iter(f"{ATOM}link")
        assert [link.get("href") for link in links if link.get("rel") == "hub"] == [HUB]
    answer = client.get("/feed.json")
    assert answer.json()["hubs"] == [{"type": "WebSub", "url": HUB}]
    assert answer.headers["Link"] == f'<{HUB}>; rel="hub", <{HERE}/feed.json>; rel="self"'


def test_without_a_hub_nothing_is_said(client, write, say):
    say(write())
    assert "hub" not in client.get("/feed.json").text
    assert "Link" not in client.get("/feed.json").headers
    assert not Job.objects.filter(task_path__startswith="comments.websub").exists()


def test_an_essay_is_announced_with_its_tags_once(write, hub):
    post = write()
    post.tags.add(Tag.objects.create(name="Reading"))
    post.save()
    look_all(later())
    places = ("/", "/tags/reading/", f"/authors/{post.author_id}/")
    assert notified_of(hub) == [in_each_form(*places)]


def test_a_scheduled_essay_is_announced_when_it_is_due(write, hub):
    due = timezone.now() + timedelta(days=1)
    post = write(published_at=due)
    write("A draft", published_at=None)
    write("A page", kind="page", slug="a-page")
    look_all(later())
    assert notified_of(hub) == []
    type(post).objects.update(published_at=timezone.now())
    look_all(due)
    assert len(notified_of(hub)) == 1


def test_an_approved_comment_is_announced(write, say, hub, author):
    post = write()
    look_all(later())
    hub.requests.clear()
    said = say(post, status="pending")
    look_all(later())
    assert notified_of(hub) == []
    Comment.objects.filter(pk=said.pk).judge("approved", by=author)
    look_all(later())
    assert notified_of(hub) == [in_each_form("/comments/", f"{post.get_absolute_url()}comments/")]


def test_what_is_imported_is_not_announced(write, say, hub):
    post = write(origin="wordpress:1")
    Comment(post=post, name="Lou", body="Words.", status="approved", origin="wordpress:2").save()
    look_all(later())
    assert notified_of(hub) == []


def test_a_hub_that_refuses_is_asked_again(hub):
    hub.answer = page(b"", "503 Busy")
    with pytest.raises(NotTold, match="503"):
        tell([f"{HERE}/feed.xml"])
