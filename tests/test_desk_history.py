"""The page of an essay's versions: what each changed, any two compared, and one brought back."""

import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog.posts.models import Post, Revision, Text

pytestmark = pytest.mark.django_db
KIND = Revision.Kind


@pytest.fixture
def tomas(db):
    return get_user_model().objects.create_user(
        "tomas", first_name="Tomas", last_name="Reyl", is_staff=True
    )


@pytest.fixture
def draft(write, author):
    post = write("Margins", body="One two.", published_at=None)
    post.revisions.update(by=author)
    return post


def keep(post, body, *, by=None, kind=KIND.SAVED, **more):
    source, sitting = more.pop("source", None), more.pop("sitting", "")
    text = Text.cleaned(**{"title": "Margins", "body": body, "slug": post.slug} | more)
    return Revision.objects.keep(
        post, text, by=by or post.author, kind=kind, source=source, sitting=sitting
    )


def address(post, query=""):
    return f"/admin/posts/post/{post.pk}/history/{query}"


def back(client, post, version, **more):
    return client.post(f"{address(post)}{version.pk}/bring-back/", **more)


def margin(page):
    """Return the lines of each version in the margin."""
    items = re.findall(r"<li(?: class=\"chosen\")?>(.*?)</li>", page.text, re.DOTALL)
    return [re.findall(r">([^<>]+)</(?:a|span)>", item) for item in items if "version=" in item]


def text_of(page):
    """Return the paragraphs of the version shown."""
    return re.findall(r'<p class="block" dir="auto">(.*?)</p>', page.text, re.DOTALL)


# --- The margin -------------------------------------------------------------------------------


def test_margin_says_when_who_and_what_changed(staff, draft, tomas):
    keep(draft, "One two three four.", by=tomas)
    keep(draft, "One four.")
    now = timezone.localtime().strftime("%H:%M")
    assert margin(staff.get(address(draft))) == [
        [f"Now, {now}", "Ines Marlow", "2 words cut"],
        [f"Today {now}", "Tomas Reyl", "2 words added"],
        [f"Today {now}", "Ines Marlow", "started, 3 words"],
    ]


def test_margin_says_where_a_version_is_from(staff, draft, tomas):
    first = draft.revisions.get()
    theirs = keep(draft, "One, by Tomas.", by=tomas)
    keep(draft, "Both.", kind=KIND.TOGETHER, source=theirs)
    keep(draft, "One two.", kind=KIND.BROUGHT_BACK, source=first)
    keep(draft, "Out now.", kind=KIND.PUBLISHED)
    now = timezone.localtime().strftime("%H:%M")
    said = [lines[2:] for lines in margin(staff.get(address(draft)))]
    assert said[:3] == [
        ["2 words added, 2 cut", "published"],
        [f"brought back from {now}"],
        [f"put together with {now}"],
    ]


def test_saves_while_writing_are_one_entry(staff, draft):
    for turn in range(12):
        keep(draft, f"One two {turn}.", kind=KIND.WRITING, sitting="a")
    page = staff.get(address(draft))
    assert margin(page)[0][2:] == ["1 word added"]
    assert "<details><summary>12 saves while writing</summary>from " in page.text


@pytest.mark.parametrize(
    ("ago", "form"),
    [(timedelta(days=1), "%A %H:%M"), (timedelta(days=6), "%A %H:%M")],
)
def test_days_of_the_last_week_are_named(staff, draft, ago, form):
    at = timezone.now() - ago
    draft.revisions.update(at=at)
    keep(draft, "Later.")
    assert margin(staff.get(address(draft)))[1][0] == timezone.localtime(at).strftime(form)


def test_account_that_is_gone_leaves_its_versions(staff, draft, tomas):
    keep(draft, "By Tomas.", by=tomas)
    tomas.delete()
    assert margin(staff.get(address(draft)))[0][1] == "Somebody"


# --- Compared ---------------------------------------------------------------------------------


def test_version_is_compared_with_the_one_before(staff, draft):
    keep(draft, "One three.\n\nFour.")
    page = staff.get(address(draft))
    assert text_of(page) == ["One <del>two</del> <ins>three</ins>.", "<ins>Four.</ins>"]
    assert "Compared with" in page.text


def test_any_two_versions_are_compared(staff, draft):
    first = draft.revisions.get()
    keep(draft, "Other.")
    third = keep(draft, "One two three.")
    page = staff.get(address(draft, f"?version={third.pk}&with={first.pk}"))
    assert text_of(page) == ["One two <ins>three</ins>."]
    page = staff.get(address(draft, f"?version={first.pk}&with={third.pk}"))
    assert text_of(page) == ["One two <del>three</del>."]
    assert "Compared with now:" in page.text


def test_first_version_has_no_marks(staff, draft):
    page = staff.get(address(draft))
    assert text_of(page) == ["One two."]
    assert "The first version." in page.text


def test_title_standfirst_tags_and_address_are_compared(staff, draft):
    keep(draft, "One two.", tags=["Tools"], standfirst="Old.")
    keep(draft, "One two.", title="Wide", tags=["Wide"], standfirst="New.", slug="wide")
    page = staff.get(address(draft)).text
    for shown in (
        "<del>Margins</del> <ins>Wide</ins>",
        "<del>Old</del> <ins>New</ins>.",
        "<ins>Wide</ins>, <del>Tools</del>",
        "Address: <del>margins</del> <ins>wide</ins>",
    ):
        assert shown in page


def test_only_what_changed_folds_the_rest(staff, draft):
    keep(draft, "A.\n\nB.\n\nC.\n\nD.")
    keep(draft, "A.\n\nB.\n\nC.\n\nE.")
    page = staff.get(address(draft, "?only"))
    assert text_of(page) == ["<del>D</del> <ins>E</ins>."]
    assert "3 paragraphs are the same." in page.text


def test_words_are_escaped(staff, draft):
    keep(draft, "<script>x</script> & <b>", title="<i>", tags=["<u>"])
    page = staff.get(address(draft)).text
    for tag in ("<script>x", "<i>", "<u>", "<b>"):
        assert tag not in page


def test_version_of_another_essay_is_not_found(staff, draft, write):
    other = write("Other").revisions.get()
    assert staff.get(address(draft, f"?version={other.pk}")).status_code == 404
    assert back(staff, draft, other).status_code == 404


@pytest.mark.parametrize("query", ["?version=x&with=y&page=z", "?page=99", "?page=-1", "?page=0"])
def test_nonsense_in_the_address_shows_versions(staff, draft, query):
    assert text_of(staff.get(address(draft, query))) == ["One two."]


def test_essay_without_versions_has_a_page(staff, draft):
    draft.revisions.all().delete()
    assert "No version is kept yet." in staff.get(address(draft)).text


# --- Hundreds of them -------------------------------------------------------------------------


def test_hundreds_of_versions_come_in_pages(staff, draft):
    for turn in range(70):
        keep(draft, f"One {turn}.")
    pages = [staff.get(address(draft, f"?page={turn}")) for turn in (1, 2, 3)]
    assert [len(margin(page)) for page in pages] == [30, 30, 11]
    assert text_of(pages[1]) == ["One <del>38</del> <ins>39</ins>."]
    last = draft.revisions.last()
    page = staff.get(address(draft, f"?version={last.pk}"))
    assert margin(page) == margin(pages[2])


def queries(client, path):
    client.get(path)  # what a process reads once
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    return len(asked)


def test_versions_cost_no_further_queries(staff, draft, tomas):
    # Session, account, second step, permissions (2), essay, counts, versions, log.
    few = queries(staff, address(draft))
    source = draft.revisions.get()
    for turn in range(70):
        keep(draft, f"One {turn}.", by=tomas, kind=KIND.BROUGHT_BACK, source=source)
    newest, first = draft.revisions.first(), draft.revisions.last()
    assert queries(staff, address(draft)) == few
    assert queries(staff, address(draft, f"?version={newest.pk}")) == few
    # And one for a version that is on another page.
    assert queries(staff, address(draft, f"?version={first.pk}&with={newest.pk}")) == few + 1
    assert few <= 9


# --- Bringing back ----------------------------------------------------------------------------


def test_version_brought_back_becomes_the_newest(staff, draft):
    first = draft.revisions.get()
    keep(draft, "Another.")
    page = back(staff, draft, first, follow=True)
    assert page.redirect_chain[-1][0] == f"/admin/posts/post/{draft.pk}/change/"
    assert re.search(r"Brought back from \d\d:\d\d\. What you had is kept\.", page.text)
    newest = draft.revisions.first()
    assert (newest.body, newest.kind, newest.source) == ("One two.", KIND.BROUGHT_BACK, first)
    assert [each.body for each in draft.revisions.all()] == ["One two.", "Another.", "One two."]


def test_draft_takes_what_was_brought_back(staff, draft):
    first = draft.revisions.get()
    draft.take(keep(draft, "Another.", title="Other"))
    back(staff, draft, first)
    assert (Post.objects.get().title, Post.objects.get().body) == ("Margins", "One two.")


def test_readers_keep_the_published_text(staff, write):
    post = write(body="Public.")
    old = keep(post, "Never public.")
    keep(post, "Public.")
    back(staff, post, old)
    assert (Post.objects.get().body, post.revisions.first().body) == ("Public.", "Never public.")


def test_bringing_the_newest_back_adds_nothing(staff, draft):
    page = back(staff, draft, draft.revisions.get(), follow=True)
    assert "This is what you have now." in page.text
    assert draft.revisions.count() == 1


def test_refused_text_is_brought_back_as_a_version(staff, draft):
    old = keep(draft, "> " * 500 + "deep")
    keep(draft, "Another.")
    back(staff, draft, old)
    assert draft.revisions.first().body == old.body
    assert Post.objects.get().body == "One two."


@pytest.mark.parametrize("method", ["get", "head", "put"])
def test_only_a_post_brings_back(staff, draft, method):
    path = f"{address(draft)}{draft.revisions.get().pk}/bring-back/"
    assert getattr(staff, method)(path).status_code == 405


def test_history_needs_the_permission_to_change(client, draft, tomas):
    version = draft.revisions.get()
    tomas.user_permissions.set(Permission.objects.filter(codename="view_post"))
    client.force_login(tomas)
    assert client.get(address(draft)).status_code == 403
    assert back(client, draft, version).status_code == 403


def test_log_of_actions_is_at_the_foot(staff, draft, author):
    LogEntry.objects.create(
        user=author,
        content_type=ContentType.objects.get_for_model(Post),
        object_id=draft.pk,
        action_flag=CHANGE,
        change_message="withdrawn",
    )
    assert "Ines Marlow: withdrawn" in " ".join(staff.get(address(draft)).text.split())
