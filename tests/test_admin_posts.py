"""Writing in the admin: authors add, edit, publish and withdraw essays, and no text is lost."""

import html
import re
from datetime import timedelta

import pytest
from conftest import on
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog.posts.models import RESERVED_SLUGS, OldAddress, Post, Revision, Text

LIST, ADD = "/admin/posts/post/", "/admin/posts/post/add/"

pytestmark = pytest.mark.django_db


def address(post, page="change"):
    return f"{LIST}{post.pk}/{page}/"


def _payload(author, **changes):
    given = {
        "title": "On margins",
        "standfirst": "Why they are wide.",
        "body": "Room for a *note*.",
        "slug": "on-margins",
        "kind": "essay",
        "author": author.pk,
        "comments_open": "on",
        "published_at_0": "2026-03-01",
        "published_at_1": "12:00:00",
        "old_addresses-TOTAL_FORMS": 0,
        "old_addresses-INITIAL_FORMS": 0,
    }
    return given | changes


def errors(response):
    assert response.status_code == 200, "the form is shown again"
    return response.context["adminform"].form.errors


def act(client, action, *posts):
    return client.post(
        LIST, {"action": action, "_selected_action": [post.pk for post in posts]}, follow=True
    )


def titles(response):
    """Return what the list shows, in order."""
    return [post.title for post in response.context["cl"].result_list]


# --- Adding and editing -----------------------------------------------------------------------


def test_an_essay_is_added_and_read(staff, author):
    assert staff.post(ADD, _payload(author)).status_code == 302
    page = staff.get("/2026/03/on-margins/")
    assert page.status_code == 200
    assert "Room for a <em>note</em>." in page.text


def test_new_essay_form_selects_current_user_as_author(staff, author):
    assert f'<option value="{author.pk}" selected>' in staff.get(ADD).text


def test_essay_without_date_is_visible_to_staff_only(staff, author, client):
    staff.post(ADD, _payload(author, published_at_0="", published_at_1=""))
    post = Post.objects.get()
    page = staff.get(post.get_absolute_url())
    assert "Draft. Readers do not see this." in page.text
    assert page["Cache-Control"] == "private, no-store"
    client.logout()
    assert client.get(post.get_absolute_url()).status_code == 404


def test_an_edit_is_shown_at_once(staff, author, write):
    post = write(slug="on-margins")
    staff.post(address(post), _payload(author, body="Other words."))
    post.refresh_from_db()
    assert "Other words." in staff.get(post.get_absolute_url()).text


def test_readers_of_the_old_address_are_sent_on(staff, author, write):
    post = write(slug="on-margins")
    before = post.get_absolute_url()
    staff.post(address(post), _payload(author, slug="wide-margins"))
    response = staff.get(before)
    assert (response.status_code, response["Location"]) == (301, "/2026/03/wide-margins/")
    page = staff.get(address(post)).text
    assert before.strip("/") in page, "the form lists it"


def test_an_old_address_can_be_given_up(staff, author, write):
    post = write(slug="wide-margins")
    old = OldAddress.objects.create(path="2020/01/margins", post=post)
    payload = {
        "old_addresses-TOTAL_FORMS": 1,
        "old_addresses-INITIAL_FORMS": 1,
        "old_addresses-0-id": old.pk,
        "old_addresses-0-post": post.pk,
        "old_addresses-0-DELETE": "on",
    }
    assert staff.post(address(post), _payload(author, **payload)).status_code == 302
    assert not OldAddress.objects.filter(path="2020/01/margins").exists()


def test_bar_links_to_the_essay_on_the_site(staff, write):
    post = write()
    assert f'<a href="{post.get_absolute_url()}">See it</a>' in staff.get(address(post)).text


# --- What is refused --------------------------------------------------------------------------


def test_taken_slug_is_refused_and_the_text_kept(staff, author, write):
    write(slug="on-margins", published_at=on(2026, 3, 9))
    response = staff.post(ADD, _payload(author, body="Hours of work."))
    assert errors(response) == {
        "slug": ["Another essay already has this address. Choose another slug."]
    }
    assert "Hours of work." in response.text


def test_the_same_slug_in_another_month_is_fine(staff, author, write):
    write(slug="on-margins")
    assert staff.post(ADD, _payload(author)).status_code == 302


@pytest.mark.parametrize("slug", sorted(RESERVED_SLUGS))
def test_page_cannot_use_an_address_of_the_site(staff, author, slug):
    response = staff.post(ADD, _payload(author, kind="page", slug=slug))
    assert errors(response) == {"slug": ["The site itself uses this address. Choose another slug."]}


@pytest.mark.parametrize("slug", ["2026", "1999"])
def test_page_slug_cannot_be_a_year(staff, author, slug):
    """Its address would be the archive's."""
    assert "slug" in errors(staff.post(ADD, _payload(author, kind="page", slug=slug)))


@pytest.mark.parametrize("slug", ["with space", "a/b", "../x", "x" * 201])
def test_invalid_slug_is_refused(staff, author, slug):
    assert "slug" in errors(staff.post(ADD, _payload(author, slug=slug)))


HOSTILE = {
    "brackets": "[" * 100_000,
    "quotes": ">" * 5_000 + " deep",
    "long": "word " * 200_000,
    "stars": "*a " * 50_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_unrenderable_text_is_refused_and_stays_in_the_form(staff, author, name):
    body = HOSTILE[name]
    response = staff.post(ADD, _payload(author, body=body))
    found = errors(response)
    assert set(found) == {"body"}
    assert body.strip() in html.unescape(response.text)
    assert not Post.objects.exists()


def test_empty_slug_follows_the_title(staff, author):
    staff.post(ADD, _payload(author, slug=""))
    assert Post.objects.get().slug == "on-margins"


def test_invalid_form_keeps_all_values(staff, author):
    given = _payload(author, title="", standfirst="Kept.", body="Kept too.", act="publish")
    response = staff.post(ADD, given)
    assert set(errors(response)) == {"title"}
    assert "Kept." in response.text
    assert "Kept too." in response.text


# --- The list ---------------------------------------------------------------------------------


def test_drafts_are_published_by_an_action(staff, write):
    draft, due = write("One", published_at=None), timezone.now() + timedelta(days=1)
    scheduled, old = write("Two", published_at=due), write("Three")
    before = old.published_at
    said = act(staff, "publish", draft, scheduled, old).text
    assert "2 essays are published." in said
    assert Post.objects.published().count() == 3
    old.refresh_from_db()
    assert old.published_at == before


def test_withdrawn_essay_is_410_until_published_again(staff, write, client):
    post = write()
    assert "1 essay is withdrawn." in act(staff, "withdraw", post).text
    staff.logout()
    page = client.get(post.get_absolute_url())
    assert page.status_code == 410
    assert "This essay was withdrawn." in page.text
    Post.objects.get().publish()
    assert client.get(post.get_absolute_url()).status_code == 200


def test_a_draft_cannot_be_withdrawn(staff, write):
    draft = write(published_at=None)
    assert "0 essays are withdrawn." in act(staff, "withdraw", draft).text
    draft.refresh_from_db()
    assert draft.withdrawn_at is None


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=draft", ["Begun"]),
        ("status=scheduled", ["To come"]),
        ("status=published", ["A page", "Out"]),
        ("status=withdrawn", ["Taken back"]),
        ("kind__exact=page", ["A page"]),
        ("comments_open__exact=0", ["Out"]),
        ("q=quince", ["Begun"]),
        ("q=nothing", []),
    ],
)
def test_the_list_is_narrowed(staff, write, query, found):
    write("Begun", published_at=None, body="Quince paste.")
    write("To come", published_at=timezone.now() + timedelta(days=1))
    write("Out", comments_open=False)
    write("A page", kind="page")
    write("Taken back").withdraw()
    assert sorted(titles(staff.get(f"{LIST}?{query}"))) == found


def test_list_shows_each_essays_status(staff, write):
    write(published_at=None)
    text = Text.of(write("Other"))._replace(body="Not for readers yet.")
    Revision.objects.keep(Post.objects.get(title="Other"), text, by=None, kind="saved")
    said = re.findall(r'<td class="field-status_shown">([^<]*)<', staff.get(LIST).text)
    assert said == ["changed, not published", "draft"]


def test_empty_list_says_so(staff, write):
    assert "Nothing is written yet." in staff.get(LIST).text
    write()
    page = staff.get(f"{LIST}?q=nowhere").text
    assert "Nothing here has “nowhere” in it." in page
    assert '<a href="?">See all</a>' in page


def test_list_queries_do_not_grow_with_its_rows(staff, write):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert staff.get(LIST).status_code == 200
        return len(queries)

    write("First")
    cost()  # once, for what is kept per process
    one = cost()
    for number in range(4):
        write(f"Essay {number}", published_at=timezone.now() - timedelta(hours=number))
    assert cost() == one


def test_the_list_reads_no_text(staff, write):
    write()
    with CaptureQueriesContext(connection) as queries:
        staff.get(LIST)
    # One query compares it where it is stored.
    asked = [query["sql"] for query in queries if "is_same" not in query["sql"]]
    assert not [sql for sql in asked if '"body' in sql]


def test_form_queries_do_not_grow_with_comments(staff, write, say):
    def cost(post):
        with CaptureQueriesContext(connection) as queries:
            assert staff.get(address(post)).status_code == 200
        return len(queries)

    quiet, busy = write("Quiet"), write("Busy")
    for _ in range(4):
        say(busy)
    cost(quiet)
    assert cost(quiet) == cost(busy)


# --- Who may ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", [LIST, ADD, f"{LIST}1/change/", f"{LIST}1/delete/", f"{LIST}1/history/", "/admin/"]
)
def test_anybody_else_is_asked_to_sign_in(client, write, path):
    write(pk=1)
    response = client.get(path)
    assert response.status_code == 302
    assert response["Location"] == f"/admin/login/?next={path}"
    assert client.post(path, {"action": "withdraw", "_selected_action": 1}).status_code == 302
    assert Post.objects.published().count() == 1


def test_staff_without_the_right_may_not(client, author, write):
    client.force_login(author)
    post = write()
    assert client.get(LIST).status_code == 403
    assert client.post(address(post), _payload(author)).status_code == 403
