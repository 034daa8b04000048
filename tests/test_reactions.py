"""Likes, reposts, bookmarks and replies from elsewhere (H8): who, and on which day."""

import re

import pytest
from linkbacks import at, look_all, mention, nobody_waits, peer, post, receive
from peers import page

from comments.models import Comment

__all__ = ["nobody_waits", "peer", "post", "receive"]  # fixtures

pytestmark = pytest.mark.django_db

LIKE = """<div class="h-entry"><a class="p-author h-card" href="https://ada.example/">{name}</a>
likes <a class="u-like-of" href="TARGET">this</a>
<time class="dt-published" datetime="{day}T12:00:00Z">then</time></div>"""
# The same said in other ways: the author's card in the feed, by an address, alone on the page ...
SHAPES = (
    '<article class="h-entry"><p class="p-author h-card"><img alt="Ada" src="/a.png"></p>'
    '<a href="TARGET" class="u-like-of"></a><time class="dt-published">2026-11-03</time></article>',
    '<div class="h-feed"><span class="p-author h-card">Ada</span><div class="h-entry">'
    '<a class="u-like u-like-of" href="TARGET">x</a><time class="dt-published">2026-11-03</time>'
    "</div></div>",
    '<div class="hentry"><span class="author vcard"><a class="fn url" href="/">Ada</a></span>'
    '<a class="u-like-of" href="TARGET">x</a><abbr class="published" title="2026-11-03T09:00:00Z">'
    "x</abbr></div>",
    '<a class="h-card" href="https://ada.example/">Ada</a><div class="h-entry">'
    '<a class="u-author" href="https://ada.example/"></a><div class="u-like-of h-cite">'
    '<span class="p-author h-card">Somebody else</span><a class="u-url" href="TARGET">x</a></div>'
    '<span class="dt-published"><span class="value">2026-11-03</span> <b class="value">12:00</b>'
    "</span></div>",
    '<div class="h-entry"><a class="u-url" href="/"></a><a rel="author" href="/">Ada</a>'
    '<link class="u-like-of" href="TARGET"><p class="e-content">Elsewhere <a href="TARGET">too</a>.'
    '</p><data class="dt-published" value="2026-11-03T01:00:00+01:00"></data></div>',
    '<body class="h-entry"><p class="p-author">Ada</p><a class="u-like-of" href="TARGET">x</a>'
    '<time class="dt-updated" datetime="2026-11-03T12:00Z"></time></body>',
)


@pytest.fixture
def send(client, peer, post, settings):
    """Have a source with this HTML verified; return its mention."""
    settings.LINKBACK_RATE_PER_HOST = settings.LINKBACK_RATE_PER_NETWORK = None

    def send(html, path="/like/"):
        peer.answer = page(html.replace("TARGET", at(post)).encode())
        mention(client, peer.url(path), at(post))
        look_all()
        return Comment.objects.mentions().order_by("-updated_at").first()

    return send


def mentions(client, post):
    shown = client.get(post.get_absolute_url()).text.partition('id="mentions"')[2]
    return " ".join(re.sub("<[^>]+>", "", shown).split())


def test_like_says_who_and_on_which_day_once_approved(send, client, post):
    like = send(LIKE.format(name="Ada Byron", day="2026-11-03"))
    assert (like.status, like.reaction) == ("pending", "like")
    assert "Ada Byron" not in mentions(client, post)
    like.approve()
    assert "Ada Byron liked this, 3 November 2026" in mentions(client, post)
    like.trash()
    assert mentions(client, post) == ""


def test_entries_of_many_shapes_are_read(send):
    for number, html in enumerate(SHAPES):
        like = send(html, f"/{number}/")
        assert (like.reaction, like.name) == ("like", "Ada"), html
        assert f"{like.published_at:%Y-%m-%d}" == "2026-11-03", html


def test_many_stand_in_a_line_for_each_kind(send, client, post):
    for number, name in enumerate(("Ada", "Bo <b>", "Cy", "Di", "Em")):
        html = LIKE.format(name=name.replace("<", "&lt;"), day=f"2026-11-0{number + 1}")
        send(html, f"/{number}/").approve()
    send(LIKE.replace("like-of", "repost-of").format(name="Flo", day="2026-11-09"), "/f/").approve()
    for number in (1, 2):
        html = LIKE.replace("like-of", "bookmark-of").format(name=f"Gus {number}", day="2026-11-09")
        send(html, f"/g{number}/").approve()
    said = mentions(client, post)
    assert "Liked by Ada, Bo &lt;b&gt; and 3 others" in said
    assert "Em liked this, 5 November 2026" in said
    assert "Flo reposted this, 9 November 2026" in said
    assert "Bookmarked by Gus 1 and Gus 2" in said


def test_reply_is_shown_with_its_author_day_and_words(send, client, post):
    html = LIKE.replace("u-like-of", "u-in-reply-to").format(name="Ada", day="2026-11-03")
    html = html.replace("</div>", '<p class="e-content">I doubt that.</p></div>')
    send(html).approve()
    assert "Ada replied 127.0.0.1 3 November 2026" in mentions(client, post)
    assert "I doubt that." in mentions(client, post)


def test_like_without_a_name_or_a_sound_date_has_its_site_and_the_day_it_came(send, client, post):
    for number, day in enumerate(("2999-01-01", "0001-01-01")):
        like = send(LIKE.format(name="", day=day), f"/{number}/")
        like.approve()
        assert like.published_at is None
    assert "Liked by 127.0.0.1 and 127.0.0.1" in mentions(client, post)


def test_like_of_a_comment_stands_with_it(send, client, post, say):
    said = say(post, "Mine is wide.")
    like = send(LIKE.format(name="Ada", day="2026-11-03").replace("TARGET", f"TARGET#c{said.pk}"))
    like.approve()
    thread, _id, elsewhere = client.get(post.get_absolute_url()).text.partition('id="mentions"')
    assert "liked this" in thread.partition("Mine is wide.")[2]
    assert "liked this" not in elsewhere
    like.mark_spam()
    assert "liked this" not in client.get(post.get_absolute_url()).text


def test_mention_that_becomes_a_like_is_judged_again(send, client, post):
    send('<p class="h-entry"><a href="TARGET">x</a></p>').approve()
    like = send(LIKE.format(name="Ada", day="2026-11-03"))
    assert (like.status, like.reaction) == ("pending", "like")
    assert "Ada" not in mentions(client, post)
