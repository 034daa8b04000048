"""Notes on a shared draft: who leaves one how, who sees it, and when the link takes none."""

import re
from datetime import timedelta
from html import unescape

import pytest
from comment_form import no_rate
from conftest import made_ago
from django.test import Client
from django.utils import timezone
from inputs import every

from blog.posts.desk.sharing import refresh_shared
from blog.posts.models import Post, Revision, SharedDraft, Text
from comments.models import BlockRule, Comment, DraftNote, RateEvent
from comments.models.beside import MOST_BESIDE

__all__ = ["no_rate"]  # fixtures

pytestmark = pytest.mark.django_db
BODY = "The cat sat on the mat. It slept for a long time.\n\nA *second* paragraph stands here."
SLEPT = "It slept for a long time."
WORDS = "Cats dream, too."


@pytest.fixture
def draft(write):
    return write("Margins", body=BODY, published_at=None)


@pytest.fixture
def link(draft):
    return share(draft)


def share(draft):
    Revision.objects.keep(draft, Text.of(draft), by=draft.author, kind=Revision.Kind.SAVED)
    return SharedDraft.objects.share(draft, Text.of(draft), draft.body_html, by=draft.author)


def write_on(draft, body):
    text = Text.of(draft)._replace(body=body)
    Revision.objects.keep(draft, text, by=draft.author, kind=Revision.Kind.SAVED)
    refresh_shared(draft)


def offered(link, client=None):
    page = (client or Client()).get(f"{link.get_absolute_url()}notes/").text
    found = re.findall(r'name="beside" value="([^"]+)"[^>]*>\s*<\w+>(.*?)</', page)
    return {unescape(words): value for value, words in found}


def payload(link, monkeypatch, beside=SLEPT, **changes):
    token = made_ago(monkeypatch, link.post, 60)
    given = {"body": WORDS, "name": "Lou Barba", "token": token}
    return given | {"beside": offered(link).get(beside, beside)} | changes


@pytest.fixture
def leave(link, monkeypatch):
    def leave(body=WORDS, client=None, beside=SLEPT, **changes):
        given = payload(link, monkeypatch, beside, body=body, **changes)
        return (client or Client()).post(f"{link.get_absolute_url()}notes/", given)

    return leave


def seen(link, client=None):
    return (client or Client()).get(link.get_absolute_url()).text


# --- Leaving one --------------------------------------------------------------------------------


def test_note_stands_beside_its_words_for_its_writer_alone(link, leave):
    writer = Client()
    response = leave(client=writer)
    note = DraftNote.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"../#w{note.pk}")
    assert (note.passage, note.passage_state, note.status) == (SLEPT, "words", "open")
    assert note.revision == Revision.objects.get()
    own = seen(link, writer)
    assert f'id="w{note.pk}">{SLEPT}</a>' in own
    assert "Only you and the author see this." in own
    assert WORDS not in seen(link)


def test_author_lets_others_with_the_link_see_them(link, leave):
    leave()
    SharedDraft.objects.update(notes="all")
    assert WORDS in seen(link)
    DraftNote.objects.update(browser="")  # forgotten, which makes it nobody's
    assert "take it back" not in seen(link)
    DraftNote.objects.get().finish()
    assert WORDS not in seen(link)


def test_draft_that_takes_no_notes_offers_none(link, leave, monkeypatch):
    given = payload(link, monkeypatch)
    SharedDraft.objects.update(notes="none")
    address = f"{link.get_absolute_url()}notes/"
    assert 'href="notes/' not in seen(link)
    assert Client().get(address)["Location"] == "../"
    refused = Client().post(address, given)
    assert refused.status_code == 409
    assert WORDS in refused.text
    assert not DraftNote.objects.exists()


def test_page_says_neither_its_address_nor_lets_itself_be_kept(link, leave):
    pages = [Client().get(f"{link.get_absolute_url()}notes/"), leave(body="")]
    for page in pages:
        assert page["Cache-Control"] == "private, no-store"
        assert page["X-Robots-Tag"] == "noindex"
        assert page["Referrer-Policy"] == "no-referrer"
        assert link.token not in page.text
        assert 'rel="alternate"' not in page.text
        assert not page.cookies
    assert link.token not in seen(link)


def test_form_alone_is_given_for_the_margin(link):
    given = {"exact": "slept", "here": ""}
    form = Client().get(f"{link.get_absolute_url()}notes/", given).text
    assert form.lstrip().startswith("<form")
    assert f'action="notes/#{link.pk}"' in form
    assert 'type="hidden" name="beside"' in form
    assert 'href="notes/?p=2"' in seen(link)
    page = Client().get(f"{link.get_absolute_url()}notes/?p=2").text
    assert "<span>A second paragraph stands here.</span>" in page
    assert SLEPT not in page


def test_selected_words_are_offered_first(link):
    address = f"{link.get_absolute_url()}notes/"
    page = Client().get(address, {"exact": "cat sat", "prefix": "The ", "suffix": " on"}).text
    assert "<span>cat sat</span>" in page
    assert "checked" in page
    far = Client().get(address, {"exact": "dogs"})
    assert "does not have these words" in far.text


@every("given", [{"body": ""}, {"name": ""}, {"email": "x"}, {"token": "x"}, {"preview": "1"}])
def test_refused_form_keeps_words_and_choice(given, link, leave):
    page = leave(**{"email": "lou@example.org"} | given).text
    assert f'value="{offered(link)[SLEPT]}" checked' in page
    assert given.get("body", WORDS) in page
    assert given.get("email", "lou@example.org") in page
    assert not DraftNote.objects.exists()


def test_same_note_stands_once(link, leave):
    writer = Client()
    leave(client=writer)
    for client in (writer, Client()):  # the second pressed twice, before it had a cookie
        again = leave(client=client)
        assert again.status_code == 409
        assert "You have already said this here" in again.text
    assert DraftNote.objects.count() == 1


def test_rates_of_comments_hold_for_notes(link, leave, settings):
    settings.COMMENT_RATE_PER_NETWORK = (1, 60)
    leave()
    later = leave("Another thing.")
    assert later.status_code == 429
    assert "Another thing." in later.text
    assert later["Retry-After"]
    assert DraftNote.objects.count() == RateEvent.objects.filter(kind="comment").count() == 1


def test_lengths_of_comments_hold_for_notes(link, leave, settings):
    settings.COMMENT_LENGTH = 20
    assert leave("x" * 21).status_code == 400


@every("origin", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
def test_note_sent_from_elsewhere_is_refused(origin, link, monkeypatch):
    given = payload(link, monkeypatch)
    page = Client(headers=origin).post(f"{link.get_absolute_url()}notes/", given)
    assert page.status_code == 403
    assert WORDS in page.text
    assert not DraftNote.objects.exists()


def test_browser_that_names_no_origin_is_heard(link, monkeypatch):
    """The page has no-referrer, so an old browser, or one without https, sends only this."""
    given = payload(link, monkeypatch)
    page = Client(headers={"Origin": "null"}).post(f"{link.get_absolute_url()}notes/", given)
    assert page.status_code == 303


# --- What screening says ------------------------------------------------------------------------


def test_spam_is_kept_for_the_author_and_from_others(link, leave):
    BlockRule.objects.create(kind="words", pattern="casino", outcome="spam")
    SharedDraft.objects.update(notes="all")
    writer = Client()
    leave("Play at the casino.", client=writer)
    note = DraftNote.objects.get()
    assert (note.status, note.reasons) == ("held", ["blocked:casino"])
    assert "casino" in seen(link, writer)
    assert "casino" not in seen(link)
    note.clear()
    assert "casino" in seen(link)


def test_name_of_the_author_is_held(link, leave, author):
    leave(name=author.get_full_name() or author.username)
    assert DraftNote.objects.get().status == "held"


@every("policy", ["hold-all", "hold-first", "publish-all"])
def test_policy_for_comments_holds_no_note(policy, link, leave, settings):
    settings.COMMENT_POLICY = policy
    leave(f"About {policy}.")
    assert DraftNote.objects.get(body__contains=policy).status == "open"


# --- Links that end -----------------------------------------------------------------------------


def revoke(link):
    SharedDraft.objects.stop(link.post)


def expire(link):
    SharedDraft.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


def throw_away(link):
    Post.objects.get(pk=link.post_id).throw_away()


def delete(link):
    Post.objects.get(pk=link.post_id).delete()


@every("end, status", [(revoke, 410), (expire, 410), (throw_away, 410), (delete, 404)])
def test_ended_link_takes_nothing_and_gives_words_back(end, status, write, monkeypatch):
    link = share(write(f"Draft {end.__name__}", body=BODY, published_at=None))
    given, address = payload(link, monkeypatch), f"{link.get_absolute_url()}notes/"
    end(link)
    answer = Client().post(address, given)
    assert answer.status_code == status
    assert f"\n{WORDS}</textarea>" in answer.text
    assert "Ask the person who sent you the link." in answer.text
    assert answer["Cache-Control"] == "private, no-store"
    assert Client().get(address).status_code == status
    assert not DraftNote.objects.exists()


def test_note_on_what_was_published_meanwhile_comes_back(link, draft, monkeypatch):
    given = payload(link, monkeypatch)
    draft.publish()
    answer = Client().post(f"{link.get_absolute_url()}notes/", given)
    assert answer.status_code == 409
    assert f'<a href="{draft.get_absolute_url()}">the essay</a>' in answer.text
    assert WORDS in answer.text
    assert not DraftNote.objects.exists()
    assert not Comment.objects.exists()
    given = {"exact": "slept", "here": ""}  # as a script asks, which shows the form it gets
    form = Client().get(f"{link.get_absolute_url()}notes/", given)
    assert (form.status_code, "<form" in form.text) == (409, False)


def test_link_that_ends_while_a_note_is_screened_takes_nothing(link, leave, monkeypatch):
    def screen(note, **how):
        revoke(link)

    monkeypatch.setattr("comments.views.drafts.screen_note", screen)
    answer = leave()
    assert (answer.status_code, DraftNote.objects.count()) == (410, 0)
    assert WORDS in answer.text


def test_guessed_link_is_not_there(link):
    assert Client().get("/draft/guess/notes/").status_code == 404
    assert Client().get("/draft/guess/notes/1/").status_code == 404


# --- Hostile ------------------------------------------------------------------------------------


def test_thousand_notes_on_one_letter_cost_a_bounded_page(link, django_assert_num_queries):
    place = {"passage": "T", "passage_start": 0, "passage_state": "words", "passage_after": "he c"}
    DraftNote.objects.bulk_create(
        DraftNote(post=link.post, name=f"N{n}", body=f"Note {n}.", **place) for n in range(1000)
    )
    SharedDraft.objects.update(notes="all")
    with django_assert_num_queries(3):  # the link, notes, and their answers
        page = seen(link)
    assert page.count('<article id="d') == MOST_BESIDE
    assert page.count("<aside") == 1
    assert len(page) < 120_000


LONG = "(a|a)*<b>\u202e‮" * 12_000


@every("words", [LONG, "‮" * 50, "</textarea><script>alert(1)</script>", "((((a+)+)+)+)$", "\0"])
def test_hostile_quotations_break_nothing(words, link, leave):
    address = f"{link.get_absolute_url()}notes/"
    page = Client().get(address, {"exact": words, "prefix": words, "suffix": words})
    assert page.status_code in (200, 302)
    assert "<script>alert" not in page.text
    assert leave(beside=words).status_code == 400
    assert not DraftNote.objects.exists()


def test_markup_and_marks_of_direction_stay_in_their_note(link, leave):
    SharedDraft.objects.update(notes="all")
    leave("</aside><script>alert(1)</script> ‮ [x](javascript:y)", name="\u202eeve<b>")
    page = seen(link)
    assert "<script>alert" not in page
    assert "eve<b>" not in page
    assert "javascript:y" not in re.sub("<p>.*", "", page)
    assert 'href="javascript' not in page
