"""What the bar's verbs do: publish, schedule changes, share, and lead back to the page."""

import re
from datetime import timedelta

import pytest
from conftest import on
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone
from test_admin_posts import ADD, _payload, address
from test_desk_saving import autosave, form_of

from blog.posts.models import Post, Revision

pytestmark = pytest.mark.django_db


def test_staff_find_edit_on_the_page(staff, write, client):
    post = write()
    page = staff.get(post.get_absolute_url())
    link = f'{address(post)}?back={post.get_absolute_url().replace("/", "%2F")}">Edit</a>'
    assert link in page.text
    assert page["Cache-Control"] == "private, no-cache"
    assert ">Edit</a>" not in Client().get(post.get_absolute_url()).text


def test_publishing_leads_back_to_the_page(staff, author, write):
    post = write(published_at=on(2026, 3))
    assert 'name="back"' in staff.get(address(post), {"back": post.get_absolute_url()}).text
    given = form_of(staff, post) | {"act": "publish-changes", "back": post.get_absolute_url()}
    answer = staff.post(address(post), _payload(author, **given, slug=post.slug, body="New."))
    post.refresh_from_db()
    assert answer.headers["Location"] == post.get_absolute_url()


@pytest.mark.parametrize("back", ["https://a.example/", "//a.example/", "/2020/01/else/"])
def test_publishing_leads_nowhere_else(staff, author, write, back):
    post = write()
    given = form_of(staff, post) | {"act": "publish-changes", "back": back}
    answer = staff.post(address(post), _payload(author, **given, body="New."))
    assert answer.headers["Location"] == address(post)


def test_publishing_asks_and_says_what_it_does(staff, author, settings):
    body = "See [this](https://a.example/x) and [that](https://b.example/).[^1]\n\n[^1]:"
    given = _payload(author, act="ask-publish", body=body, published_at_0="", published_at_1="")
    page = staff.post(ADD, given | {"announces_links": "on"}, follow=True)
    shown = " ".join(re.sub(r"<[^>]+>", " ", page.text).split())
    assert "Publish for everyone to read?" in shown
    assert "a note without words" in shown
    assert f"On margins {settings.SITE_URL}/{Post.objects.get().shown_path}/ Why they" in shown
    assert "a.example , b.example : that this essay links to them." in shown
    assert Post.objects.get().status == "draft"


def test_address_follows_the_title_until_published(staff, author):
    number = autosave(staff, title="Ru", body="Words")[1]["essay"]
    post = Post.objects.get(pk=number)
    given = form_of(staff, post) | {"act": "publish", "title": "Ruled", "slug": ""}
    staff.post(address(post), _payload(author, **given | {"published_at_0": ""}))
    assert Post.objects.get().slug == "ruled"


def test_publishing_several_publishes_what_was_written_last(staff, author):
    autosave(staff, title="Holes", body="Written, never saved by hand.", tags="One")
    assert [post.body for post in Post.objects.all().publish()] == ["Written, never saved by hand."]
    post = Post.objects.get()
    assert (post.is_public, post.slug, post.tags.get().name) == (True, "holes", "One")


# --- Changes that go out later ----------------------------------------------------------------


def changes_due(client, author, post, **given):
    due = timezone.localtime(timezone.now() + timedelta(days=2))
    form = form_of(client, post) | {"act": "schedule-changes", "body": "Changed."}
    form |= {"due_at_0": f"{due:%Y-%m-%d}", "due_at_1": "07:30"} | given
    return client.post(address(post), _payload(author, **form, slug=post.slug), follow=True)


def test_changes_are_scheduled(staff, author, write):
    post = write(published_at=on(2026, 3))
    page = changes_due(staff, author, post)
    assert "Your changes go out on" in page.text
    assert Revision.objects.due(post).get().body == "Changed."
    assert "Changed." not in Client().get(post.get_absolute_url()).text


def test_saving_takes_what_was_written_since_along(staff, author, write):
    post = write(published_at=on(2026, 3))
    changes_due(staff, author, post)
    autosave(staff, post, **form_of(staff, post) | {"title": post.title, "body": "Further."})
    page = staff.get(address(post))
    assert "What you wrote since goes along once you save." in page.text
    given = form_of(staff, post) | {"act": "save", "body": "Further.", "slug": post.slug}
    staff.post(address(post), _payload(author, **given))
    assert Revision.objects.due(post).get().body == "Further."


def test_changes_can_be_kept_from_going_out(staff, author, write):
    post = write(published_at=on(2026, 3))
    changes_due(staff, author, post)
    changes_due(staff, author, post, act="unschedule-changes")
    assert not Revision.objects.due(post).exists()
    assert post.revisions.first().body == "Changed."


@pytest.mark.parametrize("when", [("", ""), ("2020-01-01", "07:30")], ids=["none", "past"])
def test_changes_need_a_time_to_come(staff, author, write, when):
    post = write(published_at=on(2026, 3))
    page = changes_due(staff, author, post, due_at_0=when[0], due_at_1=when[1])
    assert "Not saved yet. Nothing is lost." in page.text
    assert not Revision.objects.due(post).exists()


# --- Sharing by the bar -----------------------------------------------------------------------


def press(client, author, post, act, **given):
    form = form_of(client, post) | {"act": act, "published_at_0": "", "published_at_1": ""}
    return client.post(address(post), _payload(author, **form | given), follow=True)


def test_sharing_saves_first_and_shows_the_link(staff, author, write):
    post = write(published_at=None)
    page = press(staff, author, post, "share", body="Typed just now.")
    link = post.shared_drafts.get()
    assert f'value="{link.address}"' in page.text
    assert "Anyone with this link can read it" in page.text
    assert "Typed just now." in Client().get(link.get_absolute_url()).text


def test_shared_draft_follows_what_is_saved_while_writing(staff, author, write):
    post = write(published_at=None)
    press(staff, author, post, "share")
    autosave(staff, post, **form_of(staff, post) | {"title": "T", "body": "Newer words."})
    assert "Newer words." in Client().get(post.shared_drafts.get().get_absolute_url()).text


def test_shared_version_stays_as_it_was(staff, author, write):
    post = write(published_at=None)
    press(staff, author, post, "share-version", body="These words.")
    autosave(staff, post, **form_of(staff, post) | {"title": "T", "body": "Newer words."})
    assert "These words." in Client().get(post.shared_drafts.get().get_absolute_url()).text


def test_stopping_makes_the_link_show_nothing(staff, author, write):
    post = write(published_at=None)
    press(staff, author, post, "share")
    page = press(staff, author, post, "stop-sharing")
    assert "Only you can read it." in page.text
    assert Client().get(post.shared_drafts.get().get_absolute_url()).status_code == 410


def test_published_essay_is_not_shared(staff, author, write):
    post = write()
    staff.post(address(post), _payload(author, **form_of(staff, post) | {"act": "share"}))
    assert not post.shared_drafts.exists()


# --- Throwing away ----------------------------------------------------------------------------


def test_draft_thrown_away_keeps_what_was_typed(staff, author, write):
    post = write(published_at=None)
    page = press(staff, author, post, "throw-away", body="Typed just now.", tags="Tools")
    assert "In the bin" in page.text
    kept = post.revisions.first()
    assert (kept.body, kept.tags, post.revisions.count()) == ("Typed just now.", ["Tools"], 2)
    assert [tag.name for tag in post.tags.all()] == ["Tools"]


def test_published_essay_is_not_thrown_away(staff, author, write):
    post = write(body="Old.")
    page = press(staff, author, post, "throw-away", body="Typed just now.")
    post.refresh_from_db()
    assert (post.is_public, post.body) == (True, "Old.")
    assert "Only a draft can be thrown away." in page.text
    assert "Typed just now." in page.text


def test_staff_who_may_only_look_get_no_verbs(client, author, write):
    author.user_permissions.set(Permission.objects.filter(codename="view_post"))
    client.force_login(author)
    bar = client.get(address(write())).text.partition('id="bar"')[2].partition('class="columns"')[0]
    assert "Published" in bar
    assert "<button" not in bar
