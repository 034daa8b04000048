"""Pages such as an imprint: quiet about comments, in a menu by a tick, begun as drafts."""

from datetime import timedelta

import pytest
from django.utils import timezone

from blog.jobs.models import Job
from blog.pages.invalidation import site_changed
from blog.posts.models import Post
from blog.posts.tasks import put_into_menus
from blog.site.models import SiteVersion
from comments.models import Unplaced
from comments.privacy import privacy

pytestmark = pytest.mark.django_db
NO_ADDRESSES = {"old_addresses-TOTAL_FORMS": 0, "old_addresses-INITIAL_FORMS": 0}
ADD = "/admin/posts/post/add/"


@pytest.fixture
def send(admin_client):
    def post(act, page=None, **given):
        to = f"/admin/posts/post/{page.pk}/change/" if page else f"{ADD}?kind=page"
        version = page.revisions.order_by("-pk").first().token if page else ""
        given = (
            {"kind": "page", "title": "Imprint", "body": "Me.", "act": act} | NO_ADDRESSES | given
        )
        answer = admin_client.post(to, given | {"version": version})
        site_changed()
        return answer

    return post


def menu(client, name):
    return client.get("/").text.partition(f"<{name} class")[2].partition(f"</{name}>")[0]


def test_page_takes_no_comments_unless_it_is_ticked(client, admin_client, send):
    assert 'name="comments_open" id="id_comments_open" checked' in admin_client.get(ADD).text
    begun = admin_client.get(f"{ADD}?kind=page").text
    assert "checked" not in begun.partition('name="comments_open"')[2].partition(">")[0]
    send("publish")
    page = client.get("/imprint/").text
    assert "omments" not in page.partition("<main")[2].partition("</main>")[0]
    assert "2026" not in page.partition("<main")[2]
    send("publish", title="Guests", comments_open="on")
    assert "No comments yet" in client.get("/guests/").text


def test_tick_puts_a_published_page_into_a_menu_and_out(client, admin_client, send):
    send("publish", in_foot="on", in_masthead="on")
    page = Post.objects.get()
    assert '<a href="/imprint/">Imprint</a>' in menu(client, "footer")
    assert "/tags/" in menu(client, "footer")
    assert '<a href="/imprint/">Imprint</a>' in " ".join(menu(client, "header").split())
    form = admin_client.get(f"/admin/posts/post/{page.pk}/change/").text
    assert 'name="in_foot" id="id_in_foot" checked' in form
    send("publish", page, in_masthead="on")
    assert "/imprint/" not in menu(client, "footer")
    assert "/imprint/" in menu(client, "header")


def test_tick_of_a_draft_is_remembered_until_it_is_published(client, admin_client, send):
    answer = send("save", in_foot="on", in_masthead="on")
    assert "as soon as readers can have it" in admin_client.get(answer.headers["Location"]).text
    page = Post.objects.get()
    assert not SiteVersion.objects.exists(), "readers could not follow it"
    form = admin_client.get(f"/admin/posts/post/{page.pk}/change/").text
    assert 'name="in_foot" id="id_in_foot" checked' in form
    send("save", page, in_masthead="on", title="Colophon", body="We.")
    send("publish", page, in_masthead="on", title="Colophon", body="We.")
    assert '<a href="/colophon/">Colophon</a>' in " ".join(menu(client, "header").split())
    assert "/colophon/" not in menu(client, "footer")
    assert SiteVersion.objects.count() == 1
    send("publish", page, title="Colophon", body="We.")
    page.refresh_from_db()
    assert page.menus == ""
    assert "/colophon/" not in menu(client, "header")


def test_publishing_a_page_promises_no_feed(send, admin_client):
    answer = send("ask-publish")
    said = admin_client.get(answer.headers["Location"]).text
    assert "Nobody: a page is in no feed." in said
    assert "Feed readers" not in said


def test_page_goes_into_its_menu_by_whatever_way_it_is_published(client, send, monkeypatch):
    send("save", in_foot="on")
    page = Post.objects.get()
    due = timezone.now() + timedelta(days=1)
    page.schedule(due)
    jobs = Job.objects.filter(task_path="blog.posts.tasks.put_into_menus")
    assert jobs.get().run_after == due
    assert put_into_menus.func(page.pk) == "not now"
    assert jobs.count() == 2, "a clock may be behind"
    with monkeypatch.context() as patch:
        patch.setattr(timezone, "now", lambda: due)
        assert put_into_menus.func(page.pk) == "done"
    site_changed()
    assert '<a href="/imprint/">Imprint</a>' in menu(client, "footer")
    assert put_into_menus.func(10**9) == "not now"


def test_menu_is_ticked_by_who_may_change_it(client, django_user_model):
    author = django_user_model.objects.create_user("author", is_staff=True)
    author.groups.add(author.groups.model.objects.get(name="Authors"))
    client.force_login(author)
    form = client.get(f"{ADD}?kind=page")
    assert form.status_code == 200
    assert "in_foot" not in form.text
    given = {"kind": "page", "title": "A", "body": "A", "act": "publish", "in_foot": "on"}
    client.post(f"{ADD}?kind=page", given | NO_ADDRESSES)
    assert Post.objects.get().is_public
    assert not SiteVersion.objects.exists()


def test_drafts_are_begun_once(admin_client, client, settings):
    settings.COMMENT_ADDRESS_DAYS = 12
    for name in ("imprint", "privacy", "privacy"):
        answer = admin_client.post(f"/admin/posts/post/begin/{name}/")
    page = Post.objects.get(slug="privacy")
    assert answer.headers["Location"] == f"/admin/posts/post/{page.pk}/change/"
    assert "deleted after 12 days" in page.body
    assert (page.kind, page.comments_open, page.status) == ("page", False, "draft")
    assert client.get("/privacy/").status_code == 404
    assert admin_client.post("/admin/posts/post/begin/other/").status_code == 404
    assert admin_client.get("/admin/posts/post/begin/privacy/").status_code == 302
    assert Post.objects.count() == 2


def test_privacy_page_names_comments_without_an_essay_if_there_are_any():
    before = privacy()[2]
    Unplaced.objects.create(origin="isso:#1", page="/gone/", status="approved", html="<p>a</p>")
    assert "whose essay is not here" not in before
    assert "whose essay is not here" in privacy()[2]


def test_privacy_page_says_what_the_settings_do(settings):
    settings.MAIL_IS_SET_UP, settings.LINKBACKS, settings.COMMENTS_OPEN = False, False, True
    settings.REQUEST_LOG, settings.SENTRY_DSN = False, ""
    plain = privacy()[2]
    settings.MAIL_IS_SET_UP, settings.LINKBACKS, settings.COMMENTS_OPEN = True, True, False
    settings.REQUEST_LOG, settings.SENTRY_DSN = True, "https://key@faults.example/1"
    settings.OIDC_ISSUER = "https://people.example/realm"
    other = privacy()[2]
    for part, is_plain in {
        "keeps no log": True,
        "logs the time": False,
        "When you comment": True,
        "webmention": False,
        "Mail is sent by": False,
        "faults.example": False,
        "people.example": False,
    }.items():
        assert (part in plain, part in other) == (is_plain, not is_plain), part


@pytest.mark.parametrize("policy", ["hold-all", "hold-first", "publish-all"])
def test_privacy_page_says_when_comments_are_shown(policy, settings):
    settings.COMMENT_POLICY = policy
    said = privacy()[2]
    assert ("shown to everybody once it is approved" in said) == (policy == "hold-all")
    assert ("at once, unless it has to be approved first" in said) == (policy != "hold-all")


def test_privacy_page_of_a_closed_site_names_what_is_kept(settings, write, say):
    settings.COMMENTS_OPEN, settings.LINKBACKS, settings.MAIL_IS_SET_UP = False, False, True
    post = write()
    assert "omment" not in privacy()[2].partition("# ")[0]
    assert "When you comment" not in privacy()[2]
    say(post, "Mine.", email="lou@example.org")
    said = privacy()[2]
    for part in ("No comments are taken now.", "network address", "a cookie lets", "about replies"):
        assert part in said
    assert "Your comment is kept" not in said
    assert "When you link" not in said
    say(post, "Theirs.", kind="webmention", source="https://example.org/")
    assert "Links from other sites are not taken now." in privacy()[2]


def test_privacy_page_of_a_closed_site_names_comments_without_an_essay(settings):
    settings.COMMENTS_OPEN = False
    Unplaced.objects.create(origin="isso:#1", page="/gone/", status="approved", html="<p>a</p>")
    said = privacy()[2]
    assert "whose essay is not here" in said
    assert "No comments are taken" not in said


def test_privacy_page_says_when_mentions_are_shown(settings):
    for policy, is_at_once in (("hold", False), ("known", True)):
        settings.LINKBACK_POLICY = policy
        said = privacy()[2].partition("When you link")[2].partition("#")[0]
        assert ("at once" in said) == is_at_once


def test_privacy_page_promises_no_less_than_a_day(settings):
    settings.COMMENT_ADDRESS_DAYS = 0
    assert "against spam, and deleted after 1 day." in privacy()[2]
