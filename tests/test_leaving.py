"""Taking leave: essays go to somebody else, and nothing lets the one who left in any more."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice

from blog.accounts.models import Invitation, RecoveryCode
from blog.accounts.owners import LAST_OWNER
from blog.posts.models import Post
from comments.models import MailChoice
from comments.models.thread_page import STALE, ThreadPage
from comments.tasks import refresh_threads

pytestmark = pytest.mark.django_db

User = get_user_model()
PASSWORD = "a margin, wide enough"


def person(name, *groups, **more):
    user = User.objects.create_user(name, f"{name}@example.org", PASSWORD, is_staff=True, **more)
    user.groups.set(Group.objects.filter(name__in=groups))
    return user


@pytest.fixture
def olga(db):
    return person("olga", "Owners")


@pytest.fixture
def anna(db):
    return person("anna", "Authors")


@pytest.fixture
def owner(olga):
    client = Client()
    client.force_login(olga)
    return client


def page_of(user):
    return f"/admin/auth/user/{user.pk}/leave/"


def test_essays_go_to_the_heir_and_the_account_is_closed(owner, olga, anna, write):
    essay, draft = write("Shown", author=anna), write("Draft", author=anna, published_at=None)
    other = write("Another’s")
    page = owner.get(page_of(anna)).text
    said = "What you choose below says which of 2 essays and pages are handed over."
    assert f"{said} Readers see 1 of them now." in page
    owner.post(page_of(anna), {"heir": olga.pk, "what": "all", "password": PASSWORD})
    for post in (essay, draft):
        post.refresh_from_db()
        assert post.author == olga
    other.refresh_from_db()
    assert other.author.username == "ines"
    anna.refresh_from_db()
    assert (anna.is_active, anna.is_staff, anna.email) == (False, False, "")
    assert not anna.has_usable_password()
    assert not anna.groups.exists()


def test_what_is_published_may_keep_its_name(owner, olga, anna, write):
    essay = write("Shown", author=anna)
    write("Draft", author=anna, published_at=None)
    owner.post(page_of(anna), {"heir": olga.pk, "what": "unseen", "password": PASSWORD})
    assert {post.title: post.author for post in Post.objects.all()} == {
        "Shown": anna,
        "Draft": olga,
    }
    assert owner.get(essay.get_absolute_url()).status_code == 200


def test_every_session_and_key_ends(owner, olga, anna):
    browsers = [Client(), Client()]
    for browser in browsers:
        browser.force_login(anna)
        assert browser.get("/admin/").status_code == 200
    TOTPDevice.objects.create(user=anna, name="app", confirmed=True)
    codes = RecoveryCode.objects.renew(anna)
    MailChoice.objects.create(user=anna)
    Invitation.objects.create(by=anna)
    owner.post(page_of(anna), {"password": PASSWORD})
    for browser in browsers:
        assert browser.get("/admin/").status_code == 302
    assert not TOTPDevice.objects.exists()
    assert not RecoveryCode.objects.use(anna, codes[0])
    assert not MailChoice.objects.exists()
    assert not Invitation.objects.open().exists()
    User.objects.filter(pk=anna.pk).update(is_active=True, is_staff=True)
    assert browsers[0].get("/admin/").status_code == 302  # its password is another


def test_people_leave_by_themselves(anna, olga, write):
    write("Shown", author=anna)
    me = Client()
    me.force_login(anna)
    assert "You are about to leave this site." in me.get("/admin/leave/").text
    answer = me.post("/admin/leave/", {"heir": olga.pk, "what": "all", "password": PASSWORD})
    assert answer["Location"] == "/admin/login/"
    assert "You have left." in me.get("/admin/login/").text
    assert Post.objects.get().author == olga


def test_last_owner_cannot_leave(owner, olga, anna):
    for page in (page_of(olga), "/admin/leave/"):
        assert str(LAST_OWNER) in owner.get(page).text
        assert str(LAST_OWNER) in owner.post(page, {"password": PASSWORD}).text
    olga.refresh_from_db()
    assert olga.is_active


def test_a_wrong_password_or_heir_changes_nothing(owner, olga, anna, write):
    write("Shown", author=anna)
    moderator, gone = person("mia", "Moderators"), person("gus", "Authors", is_active=False)
    given = {"heir": olga.pk, "what": "all", "password": PASSWORD}
    wrong = ({"password": "wrong"}, {"what": "some"})
    for changes in (*wrong, *({"heir": pk} for pk in ("", "x", anna.pk, moderator.pk, gone.pk))):
        page = owner.post(page_of(anna), given | changes)
        assert page.status_code == 200, changes
        assert page.context["form"].errors, changes
    assert Post.objects.get().author == anna
    anna.refresh_from_db()
    assert anna.is_active


def test_passwords_are_counted_there_too(owner, anna, settings):
    settings.LOGIN_RATE_PER_ACCOUNT = (1, 3600)
    settings.LOGIN_RATE_PER_NETWORK = (1, 3600)
    owner.post(page_of(anna), {"password": "wrong"})
    assert owner.post(page_of(anna), {"password": PASSWORD}).status_code == 429


def test_others_let_nobody_go(olga, anna, admin_user):
    me = Client()
    for user, whom in ((anna, olga), (olga, admin_user)):
        me.force_login(user)
        answer = me.post(page_of(whom), {"password": PASSWORD})
        assert answer.status_code in (302, 403, 404)
        whom.refresh_from_db()
        assert whom.is_active


def test_without_an_heir_nobody_with_essays_leaves(anna, write):
    write("Shown", author=anna)
    me = Client()
    me.force_login(anna)
    assert "Invite an author first." in me.get("/admin/leave/").text
    me.post("/admin/leave/", {"heir": anna.pk, "what": "all", "password": PASSWORD})
    anna.refresh_from_db()
    assert anna.is_active


def test_threads_are_marked_for_the_new_author(owner, olga, anna, write, say):
    post = write("Shown", author=anna)
    say(post, "Mine.", author=anna)
    say(post, "Hers.", author=olga)
    ThreadPage.objects.refresh(post)
    owner.post(page_of(anna), {"heir": olga.pk, "what": "all", "password": PASSWORD})
    assert ThreadPage.objects.get().rendering == STALE
    refresh_threads.call([post.pk])
    html = ThreadPage.objects.get().html
    assert html.index("Mine.") < html.index("by-author") < html.index("Hers.")


def test_many_essays_take_few_queries(owner, olga, anna, write, django_assert_max_num_queries):
    for number in range(12):
        write(f"Essay {number}", author=anna)
    with django_assert_max_num_queries(75):
        owner.post(page_of(anna), {"heir": olga.pk, "what": "all", "password": PASSWORD})
    assert not Post.objects.filter(author=anna).exists()
