"""Mentions whose source names words of the essay, or one of its comments."""

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.utils import timezone
from linkbacks import at, look_all, mention, nobody_waits, peer, ping, receive
from peers import page
from quick import within

from comments.models import Comment
from comments.rendering.places import Selector

__all__ = ["nobody_waits", "peer", "receive"]  # fixtures

pytestmark = pytest.mark.django_db
BODY = (
    "Readers once wrote in the margins of their books. A margin is “room to think”, she said.\n\n"
    "Nobody minded. Today’s pages have no margin, and nobody writes there."
)


@pytest.fixture
def post(write, settings):
    settings.LINKBACK_RATE_PER_HOST = settings.LINKBACK_RATE_PER_NETWORK = None
    return write(body=BODY)


@pytest.fixture
def quoting(post, peer, receive):
    """Have a source that links to these fragments verified; return its mention."""

    def quoting(*fragments, **how):
        links = "".join(f'<p>See <a href="{at(post)}{part}">this</a>.</p>' for part in fragments)
        peer.answer = page(f"<title>Their notes</title>{links}".encode())
        return receive(**how)

    return quoting


def essay(client, post):
    return client.get(post.get_absolute_url()).text


def text_of(html):
    return " ".join(re.sub("<[^>]+>", "", html).split())


def test_each_form_of_fragment_is_set_beside_its_words(quoting):
    for number, (fragment, words) in enumerate((
        ("#:~:text=Nobody%20minded", "Nobody minded"),
        ("#:~:text=Readers,books.", "Readers once wrote in the margins of their books."),
        ("#:~:text=no-,margin", "margin"),
        ("#:~:text=margin,-is", "margin"),
        ("#:~:text=have-,no,nobody,-writes", "no margin, and nobody"),
        ("#somewhere:%7E:text=A%20MARGIN&amp;text=minded", "A margin"),
        ("#:~:text=gone&amp;text=%22room%20to%20think%22", "“room to think”"),
        ("#:~:text=she,minded", "she said."),  # the first paragraph of two
        ("##once+wrote", "once wrote"),
        ("#:~:text=room%20to%20th%C3%AFnk%E2%80%9D%2C", "room to think”,"),
        ("#%23nobody++1", "nobody"),
        ("#:~:text=room to think", "room to think"),
    )):  # fmt: skip
        comment = quoting(fragment, path=f"/{number}/", by=ping if number % 2 else mention)
        assert (comment.passage, comment.passage_state) == (words, "words"), fragment
    assert Comment.objects.get(source__endswith="/2/").words_around[0].endswith("have no ")


def test_approved_one_stands_in_the_margin_and_among_the_mentions(quoting, client, post, peer):
    comment = quoting("#:~:text=Nobody%20minded")
    assert "Their notes" not in essay(client, post)
    comment.approve()
    shown = essay(client, post)
    assert f'id="w{comment.pk}"' in shown
    assert f'<a class="name" href="{peer.url("/reply/")}" rel="nofollow ugc">127.0.0.1</a>' in shown
    assert "on “Nobody minded”" in text_of(shown[shown.index("mentions-head") :])
    comment.trash()
    assert f'id="w{comment.pk}"' not in essay(client, post)


def test_source_with_several_passages_stands_beside_the_first(quoting, client, post):
    fragments = [
        "",
        "#:~:text=not%20here",
        *(f"#:~:text={w}" for w in ("minded", "wrote", "pages")),
    ]
    comment = quoting(*fragments)
    comment.approve()
    assert comment.passage == "minded"
    assert [quoted["exact"] for quoted in comment.also] == ["wrote", "pages"]
    assert essay(client, post).count('href="#:~:text=pages"') == 1
    post.body = BODY.replace("pages", "leaves").replace("wrote", "scribbled")
    post.save()
    shown = essay(client, post)
    assert f'id="w{comment.pk}"' in shown
    assert "text=pages" not in shown


def test_edit_of_the_essay_sets_it_again(quoting, client, post):
    comment = quoting("#:~:text=no-,margin")
    comment.approve()
    post.body = "A margin, first. " + BODY
    post.save()
    comment.refresh_from_db()
    assert comment.passage_state == "words"
    assert "pages have no " in comment.words_around[0]
    post.body = BODY.replace("have no margin, and", "are full, and")
    post.save()
    assert "since changed:" in text_of(essay(client, post))


def test_mention_of_a_comment_stands_under_it(quoting, client, post, say):
    first = say(post, "Mine is wide.")
    waiting = say(post, "Not yet.", status="pending")
    named = {"/under/": f"#c{first.pk}", "/below/": f"#c{waiting.pk}", "/gone/": "#c99"}
    for path, fragment in named.items():
        comment = quoting(fragment, path=path)
        assert comment.parent == (first if path == "/under/" else None)
        comment.approve()
    shown = essay(client, post)
    thread, _head, mentions = shown.partition("mentions-head")
    assert thread.count("/under/") == 1
    assert "/under/" not in mentions
    assert thread.index("Mine is wide.") < thread.index("/under/")
    assert "/below/" in mentions
    assert "/gone/" in mentions
    post.refresh_from_db()
    assert post.comment_count == 1
    Comment.objects.get(source__endswith="/under/").trash()
    assert "/under/" not in essay(client, post)


def test_permalink_of_a_comment_names_it(post, peer, receive, say):
    said = say(post, "Mine is wide.")
    where = at(post).replace(post.get_absolute_url(), f"/comments/{said.pk}/")
    peer.answer = page(f'<p><a href="{where}">Hm</a>'.encode())
    assert receive().parent == said


def test_target_says_it_where_the_source_does_not(client, post, peer, receive):
    mention(client, peer.url("/a/"), at(post) + "#:~:text=Nobody%20minded")
    look_all()
    assert Comment.objects.get().passage == "Nobody minded"
    # Another target, sent by anybody, moves nothing.
    mention(client, peer.url("/a/"), at(post) + "#:~:text=wrote")
    look_all()
    assert Comment.objects.get().passage == "Nobody minded"


def test_changed_source_moves_it_but_not_after_a_moderator(quoting, django_user_model):
    quoting("#:~:text=Nobody%20minded").approve()
    comment = quoting("#:~:text=wrote")
    assert (comment.passage, comment.status) == ("wrote", "pending")
    assert comment.events.first().why == "The source was changed."
    moderator = django_user_model.objects.create(username="mo")
    comment.move(None, by=moderator)
    assert quoting("#:~:text=pages").passage == ""


def test_own_essay_that_quotes_another_stands_beside_its_words(write, post):
    words = f"As [she said]({post.get_absolute_url()}#:~:text=Nobody%20minded), once."
    write("Margins again", body=words)
    look_all(timezone.now() + timedelta(hours=1))
    comment = Comment.objects.get()
    assert (comment.title, comment.passage) == ("Margins again", "Nobody minded")


def test_closed_comments_take_it_and_switched_off_notes_leave_it_below(quoting, post):
    post.comments_open = False
    post.save()
    assert quoting("#:~:text=Nobody%20minded", path="/closed/").passage == "Nobody minded"
    post.notes = "off"
    post.save()
    assert quoting("#:~:text=Nobody%20minded").passage == ""


def test_hostile_fragments_cost_little_and_place_nothing(quoting, client, post, write):
    write("Another", body="Only this essay has such words as these in it.")
    for number, words in enumerate((
        "a" * 100_000,
        "(a+)+$.*" * 200,
        "<script>alert(1)</script><b>",
        "\u202eNobody minded\u2066",
        "Only this essay has such words",
        "%00%FF",
        ",".join("wrote" for _ in range(50)),
        "%" * 500 + "&text=" * 300,
        "-,-,-,-",
    )):  # fmt: skip
        comment = within(2, quoting, f"#:~:text={quote(words, safe=',&%=-')}", path=f"/{number}/")
        comment.approve()
        if number != 3:
            assert comment.passage == "", words
    assert Comment.objects.get(source__endswith="/3/").passage == "Nobody minded"
    shown = essay(client, post)
    assert "<script>alert" not in shown
    assert "\u202e" not in shown
    assert quoting(*[f"#:~:text={n},{n}" for n in range(2000)], path="/many/").passage == ""


def test_place_comes_back_with_undo_and_goes_with_erasing(quoting, django_user_model):
    comment = quoting("#:~:text=no-,margin", "#:~:text=wrote")
    before = comment.selector, comment.also
    moderator = django_user_model.objects.create(username="mo")
    done = Comment.objects.all().set_beside(Selector("Nobody minded"), by=moderator)
    comment.refresh_from_db()
    assert (comment.passage, comment.also) == ("Nobody minded", None)
    Comment.objects.undo(done.batch, by=moderator)
    comment.refresh_from_db()
    assert (comment.selector, comment.also) == before
    comment.erase()
    comment.refresh_from_db()
    assert (comment.passage, comment.also, comment.published_at) == ("", None, None)
    assert not comment.events.exclude(original={}).exists()
