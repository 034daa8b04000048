"""The notes on a draft at the desk: answered, done, and taken into the text and out again."""

from datetime import timedelta

import pytest
from comment_form import no_rate
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from inputs import every
from test_draft_notes import BODY, SLEPT, WORDS, draft, leave, link, seen, share, write_on

from blog.posts.models import Post, Revision, SharedDraft
from comments.models import DraftNote

__all__ = ["draft", "leave", "link", "no_rate"]  # fixtures

pytestmark = pytest.mark.django_db


@pytest.fixture
def note(leave):
    leave()
    return DraftNote.objects.get()


@pytest.fixture
def press(staff, draft):
    def press(act, note=None, **given):
        act = f"{act}:{note.pk}" if note else act
        given = {f"{name}-{note.pk}": words for name, words in given.items()} if note else given
        return staff.post(place(draft), {"act": act} | given, follow=True)

    return press


def place(draft):
    return f"/admin/posts/post/{draft.pk}/notes/"


def text_of(draft):
    return Revision.objects.newest(draft).body


# --- The list -----------------------------------------------------------------------------------


def test_list_shows_notes_with_their_words_marked(staff, draft, note):
    page = staff.get(place(draft)).text
    assert f"The cat sat on the mat. <mark>{SLEPT}</mark>" in page
    assert WORDS in page
    assert "1 note waits" in page
    SharedDraft.objects.stop(draft)  # nobody is shown what is written from now on
    write_on(draft, "All is new.")
    assert "This paragraph is gone." in staff.get(place(draft)).text


def test_desk_and_list_of_essays_say_how_many_wait(staff, draft, note):
    said = f'href="{place(draft)}">1 note waits</a>'
    desk = f"/admin/posts/post/{draft.pk}/change/"
    assert said in staff.get(desk).text
    assert said in staff.get("/admin/posts/post/").text
    given = {"title": "Margins", "body": BODY, "version": Revision.objects.newest(draft).token}
    assert said in staff.post(f"/admin/posts/post/{draft.pk}/autosave/", given).json()["bar"]
    note.finish()
    assert f'href="{place(draft)}">Notes</a>' in staff.get(desk).text
    assert "note waits" not in staff.get("/admin/posts/post/").text


def test_history_says_what_was_left_on_a_version(staff, draft, note):
    write_on(draft, "All is new.")
    draft.publish()
    page = f"/admin/posts/post/{draft.pk}/history/?version={note.revision_id}"
    assert "1 note was left on it." in staff.get(page).text
    assert WORDS in staff.get(f"{place(draft)}?version={note.revision_id}").text


def test_list_of_a_thousand_notes_is_a_page(staff, link, draft, django_assert_max_num_queries):
    given = {"passage": "T", "passage_start": 0, "passage_state": "words"}
    DraftNote.objects.bulk_create(
        DraftNote(post=draft, name="N", body=f"Note {n}.", **given) for n in range(1000)
    )
    staff.get(place(draft))
    with django_assert_max_num_queries(13):
        page = staff.get(f"{place(draft)}?page=2")
    assert page.text.count("<article") == 30
    assert "Page 2 of 34" in page.text


def test_people_who_may_not_write_the_essay_see_no_notes(draft, note):
    user = get_user_model().objects.create_user("mod", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="comments"))
    moderator = Client()
    moderator.force_login(user)
    for ask in (moderator.get, moderator.post):
        assert ask(place(draft), {"act": f"done:{note.pk}"}).status_code == 403
    assert Client().get(place(draft)).status_code == 302
    assert DraftNote.objects.get().status == "open"


def test_note_of_another_draft_is_left_alone(press, draft, write):
    other = share(write("Other", body=BODY, published_at=None)).post
    note = DraftNote.objects.create(post=other, name="N", body="Words.", passage="cat")
    press("done", note)
    assert DraftNote.objects.get().status == "open"


# --- What its author does -----------------------------------------------------------------------


def test_author_answers_to_those_who_see_the_note(press, link, draft, leave):
    writer = Client()
    leave(client=writer)
    press("answer", DraftNote.objects.get(), answer="They *do*.")
    assert "They <em>do</em>." in seen(link, writer)
    assert "They <em>do</em>." not in seen(link)


@every("act, status", [("done", "done"), ("hold", "held")])
def test_state_is_set_and_set_back(act, status, press, link):
    note = DraftNote.objects.create(post=link.post, name="N", body=WORDS, passage=SLEPT)
    assert WORDS in press(act, note).text
    note.refresh_from_db()
    assert note.status == status
    press("reopen" if act == "done" else "clear", note)
    note.refresh_from_db()
    assert note.status == "open"


def test_author_says_who_sees_notes(press, link, note):
    for act, who in [("seen-by-all", "all"), ("seen-by-author", "author"), ("none", "none")]:
        press(act)
        assert SharedDraft.objects.get().notes == who


def test_words_in_other_boxes_are_given_back(staff, press, draft, note, leave):
    leave("Another.")
    other = DraftNote.objects.get(body="Another.")
    given = {f"answer-{other.pk}": "Half an ans", f"words-{other.pk}": "Another."}
    page = staff.post(place(draft), {"act": f"done:{note.pk}"} | given)
    assert page.status_code == 200
    assert "\nHalf an ans</textarea>" in page.text
    assert DraftNote.objects.get(pk=note.pk).status == "done"


def test_answer_to_a_note_that_was_taken_back_is_given_back(staff, draft, note):
    given = {"act": f"answer:{note.pk}", f"answer-{note.pk}": "A long answer."}
    note.delete()
    page = staff.post(place(draft), given)
    assert "readonly" in page.text
    assert "\nA long answer.</textarea>" in page.text


@every("words", ["", "  ", "x" * 20_001])
def test_refused_answer_says_why_and_keeps_the_words(words, press, note):
    page = press("answer", note, answer=words)
    assert page.status_code == 409
    assert 'role="alert"' in page.text
    assert words in page.text
    assert not DraftNote.objects.exclude(parent=None).exists()


# --- Taken into the text ------------------------------------------------------------------------


def test_suggestion_takes_the_place_of_the_words(press, link, draft, note):
    assert "Taken into the text." in press("replace", note).text
    assert text_of(draft) == BODY.replace(SLEPT, WORDS)
    note.refresh_from_db()
    assert (note.status, note.taken) == ("taken", Revision.objects.newest(draft))
    assert f"mat. {WORDS}" in seen(link)
    draft.refresh_from_db()
    assert WORDS in draft.body
    press("replace", note)  # pressed twice
    assert text_of(draft).count(WORDS) == 1


def test_suggestion_is_taken_after_the_words_as_its_author_likes(press, draft, note):
    press("after", note, words="It *dreamt*.")
    assert text_of(draft) == BODY.replace(SLEPT, f"{SLEPT} It *dreamt*.")


def test_undo_takes_it_out_and_keeps_what_was_written_since(press, draft, note):
    press("replace", note)
    write_on(draft, text_of(draft) + "\n\nWritten since.")
    press("undo", note)
    assert text_of(draft) == BODY + "\n\nWritten since."
    note.refresh_from_db()
    assert (note.status, note.taken) == ("open", None)


def test_undo_of_what_was_rewritten_since_changes_nothing(press, draft, note):
    press("replace", note)
    write_on(draft, text_of(draft).replace(WORDS, "Cats dream at night."))
    assert "The text has changed too much there." in press("undo", note).text
    assert "Cats dream at night." in text_of(draft)


def test_words_that_are_gone_are_changed_by_hand(press, draft, note):
    write_on(draft, "All is new.")
    assert "The text has changed too much there." in press("replace", note).text
    assert text_of(draft) == "All is new."
    assert DraftNote.objects.get().status == "open"


def test_open_desk_learns_that_words_were_taken_in(staff, press, draft, note):
    """Its next save meets the newer version, as with two editors, and nothing is lost."""
    version = Revision.objects.newest(draft).token
    press("replace", note)
    given = {"title": "Margins", "body": BODY + " Typed.", "version": version, "sitting": "a"}
    answer = staff.post(f"/admin/posts/post/{draft.pk}/autosave/", given)
    assert answer.status_code == 409
    assert WORDS in text_of(draft)


def test_published_essay_gets_it_as_an_unpublished_change(press, draft, note):
    draft.publish()
    press("replace", note)
    assert WORDS in text_of(draft)
    assert WORDS not in Post.objects.get().body


# --- Kept for as long as it must be -------------------------------------------------------------


def test_person_is_shown_and_erased(link, leave, capsys):
    leave(email="lou@example.org")
    call_command("person", "LOU@example.org")
    assert WORDS in capsys.readouterr().out
    call_command("person", "lou@example.org", erase=True)
    assert not DraftNote.objects.exists()


def test_browsers_of_old_notes_are_forgotten(note):
    DraftNote.objects.update(created_at=timezone.now() - timedelta(days=181))
    call_command("forget_addresses")
    assert (DraftNote.objects.get().browser, DraftNote.objects.get().fingerprint) == ("", None)
