"""No note on a draft reaches anybody but its author: looked for by one word."""

import io

import pytest
from comment_form import no_rate
from django.core.management import call_command
from django.test import Client
from test_desk_unseen import WORD, where_it_is
from test_draft_notes import draft, leave, link
from test_private_by_default import addresses

from blog.pages.invalidation import changes_pages
from blog.posts.models import Post, SearchEntry, SharedDraft
from comments.models import Comment, DraftNote, FilterToken, Mail

__all__ = ["addresses", "draft", "leave", "link", "no_rate"]  # fixtures

pytestmark = pytest.mark.django_db


@pytest.fixture
def notes_left(link, leave):
    """A draft with a note and an answer, full of the word."""
    SharedDraft.objects.update(notes="all")
    leave(f"About {WORD}.", name=WORD, email=f"{WORD}@example.org")
    DraftNote.objects.get().answer(f"Not {WORD}.", link.post.author)
    assert Client().get(link.get_absolute_url()).text.count(WORD) > 3
    return link


@pytest.fixture
def published(write, notes_left):
    """A draft that was published with notes on it."""
    post = write("Out", published_at=None)
    note = DraftNote.objects.notes().get()
    note.pk, note.post, note.fingerprint = None, post, None
    note.save(force_insert=True)
    post.publish()
    return Post.objects.get(pk=post.pk)


def test_readers_see_nothing_of_notes(notes_left, draft, published, addresses):
    client = Client(raise_request_exception=False)
    path = published.get_absolute_url()
    feeds = "comments/feed.xml", "comments/atom.xml", "comments/feed.json"
    own = [(path + more, "") for more in ("", "notes/", *feeds)]
    own += [(draft.get_absolute_url(), "")]
    places = [place for place in addresses if place[0] != "/admin/login/"]
    assert where_it_is(client, [*places, *own]) == []


def test_moderators_and_staff_see_none_elsewhere(notes_left, admin_client):
    admin_client.raise_request_exception = False
    for page in ("comments/comment/", "comments/comment/?q=zyz", "comments/moderationevent/", ""):
        assert WORD not in admin_client.get(f"/admin/{page}").text.casefold()


def test_nothing_counts_or_learns_or_mails_them(notes_left, published):
    assert (published.comment_count, published.annotated_html) == (0, "")
    assert not Comment.objects.exists()
    assert not SearchEntry.objects.filter(text__icontains=WORD).exists()
    assert not FilterToken.objects.exists()
    assert not Mail.objects.exists()
    assert not changes_pages("INSERT INTO comments_draftnote (body) VALUES (1)")


@pytest.mark.django_db(transaction=True)  # PostgreSQL reads all of an export as of one moment
def test_export_for_others_has_none(notes_left, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    call_command("export", tmp_path / "out", stdout=io.StringIO())
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert files
    assert [path.name for path in files if WORD.encode() in path.read_bytes()] == []
