"""Deleting in the admin: what goes along, what stands in the way, and what is said of both."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from blog.accounts.models import Invitation, RecoveryCode
from blog.posts.models import FileUse, Post, Presence, Profile, Tag
from comments.models import Comment, Mail, MailChoice, ModerationEvent

pytestmark = pytest.mark.django_db

User = get_user_model()
PEOPLE = "/admin/auth/user/"


def person(name, group):
    user = User.objects.create_user(name, f"{name}@example.org", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    return user


@pytest.fixture
def anna(db):
    """Somebody with one of everything that belongs to a person alone."""
    user = person("anna", "Authors")
    Profile.objects.create(user=user)
    MailChoice.objects.create(user=user)
    sent = {"kind": "digest", "to": user.email, "about": "1", "sent_at": timezone.now()}
    Mail.objects.create(user=user, **sent)
    Invitation.objects.create(by=user)
    TOTPDevice.objects.create(user=user, name="app")
    RecoveryCode.objects.renew(user)
    return user


@pytest.fixture
def owner(db):
    client = Client()
    client.force_login(person("olga", "Owners"))
    return client


def delete_one(client, user, **given):
    return client.post(f"{PEOPLE}{user.pk}/delete/", given, follow=True)


def delete_listed(client, user, **given):
    chosen = {"action": "delete_selected", "_selected_action": [user.pk]}
    return client.post(PEOPLE, chosen | given, follow=True)


WAYS = pytest.mark.parametrize("way", [delete_one, delete_listed])


@WAYS
def test_owner_deletes_a_person_with_all_that_is_theirs(way, owner, anna):
    hers = Client()
    hers.force_login(anna)
    way(owner, anna, post="yes")
    assert not User.objects.filter(pk=anna.pk).exists()
    for model in (Profile, MailChoice, Invitation, TOTPDevice, RecoveryCode):
        assert not model.objects.exists(), model
    assert hers.get("/admin/").status_code == 302


@WAYS
def test_essays_protect_their_author_and_the_page_leads_to_leaving(way, owner, anna, write):
    write("Hers", author=anna)
    page = way(owner, anna).text
    if way is delete_one:
        page = owner.get(f"{PEOPLE}{anna.pk}/delete/").text
        assert f'href="{PEOPLE}{anna.pk}/leave/">Take leave…</a>' in page
    assert "hands essays over and closes the account." in page
    way(owner, anna, post="yes")
    assert User.objects.filter(pk=anna.pk).exists()
    assert Profile.objects.filter(user=anna).exists()


@WAYS
def test_who_may_not_delete_people_still_may_not(way, anna):
    editor, other = person("ed", "Editors"), Client()
    other.force_login(editor)
    way(other, anna, post="yes")
    assert User.objects.filter(pk=anna.pk).exists()


@WAYS
def test_unverified_address_stays_known_after_who_invited_is_gone(way, owner, anna):
    lou = person("lou", "Authors")
    Invitation.objects.get().use(lou)
    way(owner, anna, post="yes")
    assert Invitation.objects.typed_by(lou).exists()


def test_what_is_a_persons_alone_is_not_called_yours(owner, anna):
    page = owner.get(f"{PEOPLE}{anna.pk}/delete/").text
    said = page.partition("<h2>")[2].partition("<form")[0]
    assert "Your" not in said
    assert f'User: <a href="{PEOPLE}{anna.pk}/change/">anna</a>' in said


def test_nothing_is_said_of_what_no_person_knows(owner, write):
    post = write("Essay", body="Words. ![](/media/%s.png)" % ("a" * 32 + "-10x10"))
    post.tags.add(Tag.objects.create(name="Tools"))
    Presence.objects.create(post=post, by=post.author, sitting="a")
    FileUse.objects.get_or_create(post=post, name="x.png")
    page = owner.get(f"/admin/posts/post/{post.pk}/delete/").text
    said = page.partition("<h2>")[2].partition("<form")[0]
    assert "Versions: 1" in said
    for wrong in ("earch", "resence", "relationship", "file"):
        assert wrong not in said, wrong
    owner.post(f"/admin/posts/post/{post.pk}/delete/", {"post": "yes"})
    assert not Post.objects.exists()


def test_decisions_go_along_and_comments_do_not(owner, write, say, admin_user):
    post = write("Essay")
    comment = say(post, "Hello.", status="pending")
    comment.approve(by=admin_user)
    page = owner.get(f"/admin/posts/post/{post.pk}/delete/").text
    assert "permission to delete" in page
    assert "<li>comment</li>" in page
    assert "decision" not in page.partition("permission to delete")[2].partition("</ul>")[0]
    Comment.objects.update(status="trash")
    owner.post(f"/admin/posts/post/{post.pk}/delete/", {"post": "yes"})
    assert not Post.objects.exists()
    assert not ModerationEvent.objects.exists()
