"""What was thrown away, and the list of essays: what it hides, filters and calls them."""

import re
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog.posts.desk.saying import when
from blog.posts.models import OldAddress, Post, Revision, SharedDraft, Text

LIST = "/admin/posts/post/"

pytestmark = pytest.mark.django_db


def listed(staff, status="", words=""):
    page = staff.get(LIST, {"status": status} if status else {"q": words})
    return sorted(re.findall(r'class="field-title_written"><a [^>]*>([^<]*)</a>', page.text))


def written(post, title="", body="Other words.", tags=(), kind=Revision.Kind.SAVED):
    text = Text.cleaned(title or post.title, post.standfirst, body, tags, post.slug)
    return Revision.objects.keep(post, text, by=post.author, kind=kind)


@pytest.fixture
def binned(write):
    post = write("Binned", published_at=None)
    post.throw_away()
    return post


# --- The bin ------------------------------------------------------------------------------------


def test_bin_is_emptied_after_30_days(binned, write, capsys):
    kept, old = write("Kept", published_at=None), write("Old", published_at=None)
    for post, days in ((binned, 29), (old, 31)):
        post.throw_away()
        Post.objects.filter(pk=post.pk).update(binned_at=timezone.now() - timedelta(days=days))
    OldAddress.objects.create(path="old", post=old)
    call_command("empty_bin")
    assert {*Post.objects.all()} == {binned, kept}
    assert not Revision.objects.filter(title="Old").exists()
    assert "1 draft was deleted for good." in capsys.readouterr().out


def test_bin_is_emptied_daily(settings):
    assert settings.SCHEDULE["empty_bin"] == timedelta(days=1)


def test_binned_draft_is_listed_only_in_the_bin(staff, binned, write):
    write("Draft", published_at=None)
    assert listed(staff) == listed(staff, "draft") == ["Draft"]
    assert listed(staff, "binned") == ["Binned"]


def test_readers_do_not_find_a_binned_draft(staff, binned):
    assert Client().get(binned.get_absolute_url()).status_code == 404
    assert staff.get(binned.get_absolute_url()).status_code == 200


# --- The list -----------------------------------------------------------------------------------


def test_list_shows_the_title_being_written(staff, write):
    written(write("Old title"), "New title")
    assert listed(staff) == ["New title"]


def test_changed_essays_are_filtered(staff, write):
    write("Unchanged")
    written(write("Text"))
    written(write("Title"), "Another title", body="Room for a note.")
    written(write("Tags"), body="Room for a note.", tags=["Tools"])
    written(write("A draft", published_at=None))
    back = write("Dropped")
    written(back)
    written(back, body=back.body, kind=Revision.Kind.BROUGHT_BACK)
    assert listed(staff, "changed") == ["Another title", "Tags", "Text"]


def test_scheduled_changes_are_filtered_too(staff, write):
    tomorrow = timezone.now() + timedelta(days=1)
    write("Essay", published_at=tomorrow)
    post = write("Changes")
    post.schedule_changes(written(post), tomorrow)
    write("Neither")
    assert listed(staff, "scheduled") == ["Changes", "Essay"]


def test_shared_drafts_are_filtered(staff, write):
    for title in ("Shared", "Revoked", "Never"):
        post = write(title, published_at=None)
        if title != "Never":
            SharedDraft.objects.share(post, Text.of(post), "", by=post.author)
        if title == "Revoked":
            SharedDraft.objects.stop(post)
    assert listed(staff, "shared") == ["Shared"]


def test_list_finds_what_is_being_written(staff, write):
    post = write("Plain", body="Readers have this.")
    write("Other")
    changed = Text.cleaned("Plain", body="Nobody has marginalia yet.")
    Revision.objects.keep(post, changed, by=post.author, kind="writing")
    for words in ("marginalia", "plain marginalia", "Readers have"):
        assert listed(staff, words=words) == ["Plain"], words
    said = f"{when(post.revisions.first().at)}, Ines"
    assert re.search(rf'class="field-written[^>]*>{said}', staff.get(LIST).text)


@pytest.mark.parametrize(
    ("status", "queries"), [("", 16), ("changed", 18), ("scheduled", 16), ("shared", 7)]
)
def test_list_costs_the_same_for_many(staff, write, status, queries):
    def cost():
        with CaptureQueriesContext(connection) as asked:
            assert staff.get(LIST, {"status": status, "q": "s"}).status_code == 200
        return len(asked)

    def more(number):
        post = write(f"Essay {number}")
        post.schedule_changes(written(post), timezone.now() + timedelta(days=1))
        draft = write(f"Draft {number}", published_at=timezone.now() + timedelta(days=1))
        SharedDraft.objects.share(draft, Text.of(draft), "", by=draft.author)

    more(0)
    cost()  # once, for what is kept per process
    one = cost()
    for number in range(1, 9):
        more(number)
    # 1. the session; 2. the person; 3. and 4. what they may; 5. all tags; 6. and 7. how many there
    # are; 8. the rows; 9. and 10. their dates; 11. to 14. which of them are changed, or shared; 15.
    # on which notes wait; and two that find what was changed
    assert cost() == one == queries
