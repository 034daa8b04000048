"""Moderating in the admin: each decision changes the page, the count and the search."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from reading import carried

from comments.models import Comment, ThreadPage

LIST = "/admin/comments/comment/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client, author):
    """A client signed in as Ines, who may moderate and look at essays."""
    author.user_permissions.set(
        Permission.objects.filter(content_type__app_label="comments")
        | Permission.objects.filter(codename="view_post")
    )
    client.force_login(author)
    return client


def address(comment, page="change"):
    return f"{LIST}{comment.pk}/{page}/"


def _payload(comment, **changes):
    given = {
        "post": comment.post_id,
        "kind": comment.kind,
        "status": comment.status,
        "body": comment.body,
        "name": comment.name,
        "email": comment.email,
        "url": comment.url,
        "parent": comment.parent_id or "",
        "source": comment.source,
        "title": comment.title,
        "passage": comment.passage,
        "created_at_0": f"{comment.created_at:%Y-%m-%d}",
        "created_at_1": f"{comment.created_at:%H:%M:%S}",
        "reasons": "[]",
        "version": comment.version,
        "shown_status": comment.status,
    }
    return given | changes


def errors(response):
    assert response.status_code == 200, "the form is shown again"
    return response.context["adminform"].form.errors


def act(client, action, *comments, **more):
    page = client.get(f"{LIST}?status=all").text
    chosen = {"action": action, "_selected_action": [comment.pk for comment in comments]}
    return client.post(f"{LIST}?status=all", carried(page) | chosen | more, follow=True)


def reader_sees(client, post):
    """Return what stands on the essay's page, what is counted and what search finds."""
    client.logout()
    post.refresh_from_db()
    page = client.get(post.get_absolute_url()).text
    found = client.get("/search/?q=quince").text
    return "Quince paste." in page, post.comment_count, "<mark>Quince</mark>" in found


# --- Deciding ---------------------------------------------------------------------------------


def test_approving_shows_it(staff, write, say):
    post = write()
    held = say(post, "Quince paste.", status="pending")
    assert "Approved: Lou Barba." in act(staff, "approve", held).text
    assert reader_sees(staff, post) == (True, 1, True)


@pytest.mark.parametrize(
    ("action", "words"), [("mark_spam", "Marked as spam"), ("trash", "Put into the trash")]
)
def test_spam_and_trash_take_it_away(staff, write, say, action, words):
    post = write()
    said = say(post, "Quince paste.")
    assert f"{words}: Lou Barba." in act(staff, action, said).text
    assert reader_sees(staff, post) == (False, 0, False)


def test_many_are_decided_at_once(staff, write, say):
    posts = [write("One"), write("Two")]
    held = [say(post, status="pending") for post in posts * 3]
    assert "Approved: 6 comments." in act(staff, "approve", *held).text
    for post in posts:
        post.refresh_from_db()
        assert post.comment_count == 3


def test_decided_comment_is_left_alone(staff, write, say):
    text = act(staff, "approve", say(write())).text
    assert "Lou Barba’s comment is approved already. Nothing was changed." in text


def test_an_edit_is_shown_at_once(staff, write, say):
    post = write()
    said = say(post)
    response = staff.post(address(said), _payload(said, body="Quince paste."))
    assert response.status_code == 302
    assert reader_sees(staff, post) == (True, 1, True)


def test_the_form_leaves_the_status_to_the_decisions(staff, write, say):
    post = write()
    said = say(post, "Quince paste.")
    staff.post(address(said), _payload(said, status="spam"))
    assert reader_sees(staff, post) == (True, 1, True)


def test_an_edit_keeps_what_stood_there_and_why(staff, write, say, author):
    said = say(write(), "Quince paste.")
    staff.post(address(said), _payload(said, body="Quince jelly.", reason_given="A slip."))
    event = said.events.get()
    assert (event.by, event.why, event.original) == (author, "A slip.", {"body": "Quince paste."})
    page = staff.get(address(said)).text
    assert "edited by ines. A slip." in re.sub(r"\s+", " ", page)
    assert "Quince paste." in page


def test_comment_can_be_judged_on_its_own_page(staff, write, say):
    post = write()
    held = say(post, "Quince", status="pending")
    page = staff.get(address(held)).text
    assert "Save and approve" in page
    assert "Save and restore" not in page
    given = _payload(held, body="Quince paste.", decide="approve")
    assert "Approved: Lou Barba." in staff.post(address(held), given, follow=True).text
    assert reader_sees(staff, post) == (True, 1, True)


def test_only_comments_in_the_trash_can_be_deleted(staff, write, say):
    post = write()
    said = say(post, "Quince paste.")
    assert staff.post(address(said, "delete"), {"post": "yes"}).status_code == 403
    said.trash()
    assert staff.post(address(said, "delete"), {"post": "yes"}).status_code == 302
    assert not Comment.objects.exists()


def test_nothing_is_deleted_from_the_list(staff, write, say):
    said = say(write(), status="trash")
    act(staff, "delete_selected", said, post="yes")
    assert Comment.objects.exists()


def test_a_comment_that_was_answered_is_not_deleted(staff, write, say):
    post = write()
    said = say(post, "Quince paste.")
    say(post, parent=said)
    page = staff.post(address(said, "delete"), {"post": "yes"})
    assert page.status_code in (200, 403)
    assert reader_sees(staff, post)[0]


# --- What is refused --------------------------------------------------------------------------


@pytest.mark.parametrize("body", ["", "   ", "[" * 50_000, ">" * 5_000 + " deep", "x" * 70_000])
def test_invalid_text_is_refused_and_stays_in_the_form(staff, write, say, body):
    said = say(write())
    response = staff.post(address(said), _payload(said, body=body))
    assert "body" in errors(response)
    assert body.strip() in response.text.replace("&gt;", ">")
    said.refresh_from_db()
    assert said.body == "I agree."


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "pingback"},
        {"kind": "letter"},
        {"source": "https://a.org/"},
        {"title": "A title"},
        {"status": "liked"},
        {"email": "lou@"},
        {"url": "javascript:alert(1)"},
        {"address": "300.1.1.1"},
        {"reasons": "{"},
        {"author": "77777"},
        {"post": "77777"},
        {"parent": "77777"},
    ],
    ids=lambda wrong: "-".join(*wrong.items()),
)
def test_invalid_form_is_not_saved_and_does_not_crash(staff, write, say, wrong):
    said = say(write())
    before = Comment.objects.values(*wrong).get()
    response = staff.post(address(said), _payload(said, **wrong))
    assert response.status_code in (200, 302)
    assert Comment.objects.values(*wrong).get() == before


def test_the_form_leaves_a_comment_where_it_stands(staff, write, say):
    """Its replies are under it, and the pages before and after are rendered by its date."""
    post, other = write(), write("Another")
    first, said = say(post), say(post)
    answer = say(post, parent=said)
    for change in ({"parent": first.pk}, {"parent": answer.pk}, {"post": other.pk}):
        staff.post(address(said), _payload(said, **change))
    staff.post(address(said), _payload(said, created_at_0="2001-01-01"))
    kept = Comment.objects.get(pk=said.pk)
    assert (kept.parent, kept.post, kept.created_at) == (None, post, said.created_at)
    assert f'id="c{answer.pk}"' in ThreadPage.objects.get(post=post, number=1).html


def test_reply_added_by_hand_stays_under_its_essay(staff, write, say):
    elsewhere, post = say(write()), write("Another")
    new = _payload(Comment(post=post, body="I agree.", parent=elsewhere))
    assert "parent" in errors(staff.post(f"{LIST}add/", new))
    right = new | {"post": elsewhere.post_id}
    assert staff.post(f"{LIST}add/", right).status_code == 302
    assert Comment.objects.get(parent=elsewhere).root == elsewhere


def test_same_mention_cannot_be_added_twice(staff, write, say):
    said = say(write(), "", kind="pingback", source="https://a.org/")
    assert errors(staff.post(f"{LIST}add/", _payload(said, kind="webmention")))
    assert Comment.objects.count() == 1


# --- The list ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 1),
        ("status=all", 4),
        ("status=pending", 1),
        ("status=spam", 1),
        ("status=all&kind__exact=pingback", 1),
        ("from=network:192.0.2.7", 1),
        ("from=email:Fern@example.org", 1),
        ("from=site:lowwater.example", 1),
        ("from=name:Perpetua", 1),
        ("from=nonsense", 4),
        ("q=quince", 1),
        ("q=perpetua", 1),
        ("q=192.0.2.7", 1),
        ("q=pencil-only", 1),
        ("q=nothing", 0),
    ],
)
def test_the_list_is_narrowed(staff, write, say, query, found):
    post = write()
    say(post, "Quince paste.", status="pending")
    say(post, name="Perpetua", status="spam")
    say(post, address="192.0.2.7", email="fern@example.org")
    say(post, "", kind="pingback", source="https://lowwater.example/pencil-only/")
    assert len(staff.get(f"{LIST}?{query}").context["cl"].result_list) == found


def test_commenter_text_is_escaped(staff, write, say):
    said = say(write(), "<script>x</script>", name="<b>Lou</b>", status="pending")
    for path in (LIST, address(said), address(said, "delete")):
        text = staff.get(path).text
        assert "<script>x" not in text
        assert "<b>Lou" not in text


def test_list_queries_do_not_grow_with_its_rows(staff, write, say):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert staff.get(LIST).status_code == 200
        return len(queries)

    say(write())
    cost()  # once, for what is kept per process
    one = cost()
    for number in range(4):
        say(write(f"Essay {number}"))
    assert cost() == one


def test_form_queries_do_not_grow_with_the_thread(staff, write, say):
    def cost(comment):
        with CaptureQueriesContext(connection) as queries:
            assert staff.get(address(comment)).status_code == 200
        return len(queries)

    quiet, busy = say(write("Quiet")), say(write("Busy"))
    for _ in range(4):
        say(busy.post, parent=busy)
    cost(quiet)
    assert cost(quiet) == cost(busy)


# --- Who may ----------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["", "add/", "1/change/", "1/delete/", "1/history/"])
def test_anybody_else_is_asked_to_sign_in(client, write, say, page):
    say(write(), pk=1, status="pending")
    response = client.get(LIST + page)
    assert response.status_code == 302
    assert response["Location"] == f"/admin/login/?next={LIST}{page}"
    assert client.post(LIST, {"action": "approve", "_selected_action": 1}).status_code == 302
    assert not Comment.objects.approved().exists()


def test_staff_without_the_right_may_not(client, author, write, say):
    client.force_login(author)
    held = say(write(), status="pending")
    assert client.get(LIST).status_code == 403
    assert act(client, "approve", held).status_code == 403
    assert not Comment.objects.approved().exists()
