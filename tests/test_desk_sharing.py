"""Secret links to a draft: what they show, to whom, for how long, and what never leaks."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog.pages.invalidation import changes_pages
from blog.posts.desk.sharing import link_to, made, refresh_shared
from blog.posts.models import Post, Revision, SharedDraft, Text

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(write):
    return write("Margins", body="Room for *notes*.", published_at=None)


@pytest.fixture
def reader():
    return Client()


def write_on(post, body, **more):
    text = Text.cleaned("Margins", "Why they are wide.", body, ["Tools"])
    revision = Revision.objects.keep(
        post, text, by=post.author, kind=Revision.Kind.WRITING, sitting="a", **more
    )
    refresh_shared(post)
    return revision


def share(client, post, act="share", **more):
    """Press a button of the bar beside what was written last."""
    newest = Revision.objects.newest(post)
    text = newest.text._asdict() | {"tags": ", ".join(newest.tags), "version": newest.token}
    inline = dict.fromkeys(("old_addresses-TOTAL_FORMS", "old_addresses-INITIAL_FORMS"), 0)
    given = text | inline | {"kind": post.kind, "act": act} | more
    return client.post(f"/admin/posts/post/{post.pk}/change/", given, follow=True)


@pytest.fixture
def link(draft):
    """A link as the button makes it, without its page."""
    return made(SimpleNamespace(user=draft.author, POST={}), draft, fixed=False)


# --- What it shows ------------------------------------------------------------------------------


def test_button_makes_the_link_and_names_it(reader, draft, staff):
    page = share(staff, draft).text
    link = SharedDraft.objects.get()
    assert link.address in page
    assert "Room for <em>notes</em>." in reader.get(link.get_absolute_url()).text
    assert (link.by, link.revision) == (draft.author, None)


def test_link_shows_the_draft_marked_as_one(reader, link):
    page = reader.get(link.get_absolute_url())
    assert page.status_code == 200
    assert "Room for <em>notes</em>." in page.text
    assert "<strong>Draft.</strong>" in page.text
    assert "Anyone with this link can read it until" in page.text
    assert "<form" not in page.text


def test_page_is_neither_kept_nor_found(reader, link):
    page = reader.get(link.get_absolute_url())
    assert page["Cache-Control"] == "private, no-store"
    assert page["X-Robots-Tag"] == "noindex"
    assert page["Referrer-Policy"] == "no-referrer"
    assert '<meta name="robots" content="noindex">' in page.text
    assert not page.cookies
    assert link.token not in page.text


def test_link_follows_what_is_saved(reader, draft, link):
    write_on(draft, "Other words.")
    page = reader.get(link.get_absolute_url())
    assert "Other words." in page.text
    assert "Why they are wide.</p>" in page.text
    assert ">Tools</div>" in page.text


def test_fixed_link_stays_at_its_version(reader, draft, staff):
    write_on(draft, "First words.")
    share(staff, draft, "share-version")
    write_on(draft, "Other words.")
    assert "First words." in reader.get(link_to(draft).get_absolute_url()).text


def test_refused_text_leaves_what_was_shown(reader, draft, link):
    write_on(draft, "> " * 30 + "deep")
    assert "Room for" in reader.get(link.get_absolute_url()).text


def test_published_draft_leads_to_the_essay(reader, draft, link):
    draft.publish()
    response = reader.get(link.get_absolute_url())
    assert (response.status_code, response["Location"]) == (302, draft.get_absolute_url())
    assert response["Cache-Control"] == "private, no-store"


def test_page_costs_one_query_and_no_rendering(
    reader, link, django_assert_num_queries, monkeypatch
):
    monkeypatch.setattr("blog.posts.models.post.render_post", None)
    with django_assert_num_queries(1):  # the link with its essay and author
        reader.get(link.get_absolute_url())


def test_saving_what_nobody_shares_costs_one_query(draft, django_assert_num_queries):
    with django_assert_num_queries(1):
        refresh_shared(draft)


# --- How it ends --------------------------------------------------------------------------------


def gone(reader, link):
    page = reader.get(link.get_absolute_url())
    assert page.status_code == 410
    assert "This draft is no longer shared." in page.text
    assert "Ask the person who sent you the link." in page.text
    assert "Room for" not in page.text
    assert page["Cache-Control"] == "private, no-store"


def test_revoked_link_is_gone(reader, draft, link, staff):
    page = share(staff, draft, "stop-sharing").text
    gone(reader, link)
    assert "<strong>Draft.</strong> The link shows nothing now. Only you can read it." in page
    assert ">Share again</button>" in page
    draft.publish()
    gone(reader, link)


def test_expired_link_is_gone(reader, link):
    assert timedelta(days=6) < link.expires_at - timezone.now() < timedelta(days=8)
    SharedDraft.objects.update(expires_at=timezone.now())
    gone(reader, link)


@pytest.mark.parametrize("verb", ["throw_away", "withdraw"])
def test_draft_taken_away_is_gone(reader, draft, link, verb):
    if verb == "withdraw":
        draft.publish()
    getattr(draft, verb)()
    gone(reader, link)


def test_sharing_again_makes_another_link(reader, draft, link, staff):
    SharedDraft.objects.stop(draft)
    share(staff, draft, days="30")
    again = link_to(draft)
    assert again.token != link.token
    assert again.expires_at - timezone.now() > timedelta(days=29)
    gone(reader, link)


def test_sharing_twice_keeps_the_link(draft, link, staff):
    share(staff, draft, days="999999")
    assert SharedDraft.objects.get() == link
    assert link_to(draft).expires_at - timezone.now() < timedelta(days=91)


# --- Who may, and what leaks --------------------------------------------------------------------


def test_guessed_and_tampered_links_are_not_found(reader, link):
    tampered = link.token[:-1] + ("a" if link.token[-1] != "a" else "b")
    for token in (tampered, link.token.swapcase(), link.token + "a", "x", "%00"):
        assert reader.get(f"/draft/{token}/").status_code == 404
    assert len(link.token) == 22


def test_link_opens_nothing_else(reader, draft, link):
    reader.get(link.get_absolute_url())
    for path in (draft.get_absolute_url(), f"/{draft.shown_path}/", f"{link.get_absolute_url()}x/"):
        assert reader.get(path).status_code == 404
    page = reader.get(link.get_absolute_url()).text
    assert not re.search(r'href="/admin', page)
    for path in ("/", "/archive/", "/feed.xml", "/sitemap.xml", "/search/?q=notes", "/tags/"):
        assert "Margins" not in reader.get(path).text


@pytest.mark.parametrize(("codenames", "status"), [(["change_post"], 200), (["view_post"], 403)])
def test_link_is_made_by_those_who_may_write(client, draft, codenames, status):
    other = get_user_model().objects.create_user("tomas", is_staff=True)
    other.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client.force_login(other)
    assert share(client, draft).status_code == status


def test_moderator_makes_no_link(client, draft):
    moderator = get_user_model().objects.create_user("mo", is_staff=True)
    moderator.user_permissions.set(Permission.objects.filter(content_type__app_label="comments"))
    client.force_login(moderator)
    assert share(client, draft).status_code == 403
    assert not SharedDraft.objects.exists()


def test_stranger_makes_no_link(client, draft):
    assert share(client, draft).status_code == 403
    assert not SharedDraft.objects.exists()


def test_published_essay_is_not_shared(staff, write):
    assert share(staff, write()).status_code == 200
    assert not SharedDraft.objects.exists()


def test_page_at_draft_stays_reachable_but_none_is_made(staff, write):
    post = Post(kind="page", slug="draft", title="Draft", author=get_user_model().objects.get())
    with pytest.raises(Exception, match="The site itself uses this address"):
        post.clean()


def test_who_made_a_link_is_shown_and_forgotten(link, author, capsys):
    author.email = "ines@example.org"
    author.save()
    call_command("person", "ines@example.org")
    said = capsys.readouterr().out
    assert '"expires_at"' in said
    assert link.token not in said
    call_command("person", "ines@example.org", "--erase")
    assert SharedDraft.objects.get().by is None


def test_writing_on_a_shared_draft_lets_no_kept_page_fall(draft, link):
    with CaptureQueriesContext(connection) as asked:
        write_on(draft, "Other words.")
    assert any("posts_shareddraft" in query["sql"] for query in asked)
    assert [query["sql"] for query in asked if changes_pages(query["sql"])] == []
