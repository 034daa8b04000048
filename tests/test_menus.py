"""Masthead and foot lead to what readers can have, and call it as it is called."""

from datetime import timedelta

import pytest
from django.utils import timezone
from test_pages_of_the_site import menu, send  # noqa: F401 - a fixture

from blog.jobs.models import Job
from blog.pages.invalidation import site_changed
from blog.posts.models import Post, Tag
from blog.posts.tasks import publish_due_changes, put_into_menus
from blog.site import links
from blog.site.models import SiteVersion

pytestmark = pytest.mark.django_db
LIST = "/admin/posts/post/"


@pytest.fixture
def page(write):
    post = write("Imprint", kind="page", slug="imprint", published_at=None)
    post.wish_for_menus({"in_foot": True, "in_masthead": True})
    post.publish()
    return post


def leads(name="foot"):
    """Return where a menu leads, as it is stored."""
    version = SiteVersion.objects.order_by("-pk").first()
    return [to for to, _words in getattr(version, name) or []]


def by_action(act, admin_client, page):
    admin_client.post(LIST, {"action": act, "_selected_action": [page.pk], "post": "yes"})


def set_date(page, at):
    page.published_at = at
    page.save()


GOES = {
    "withdraw": lambda page, _client, _send: page.withdraw(),
    "draft": lambda page, _client, _send: page.return_to_draft(),
    "scheduled again": lambda page, _client, _send: page.schedule(
        timezone.now() + timedelta(days=1)
    ),
    "date to come": lambda page, _client, _send: set_date(page, timezone.now() + timedelta(days=1)),
    "no date": lambda page, _client, _send: set_date(page, None),
    "many": lambda page, _client, _send: Post.objects.all().withdraw(),
    "action": lambda page, client, _send: by_action("withdraw", client, page),
    "action to draft": lambda page, client, _send: by_action("return_to_draft", client, page),
    "desk": lambda page, _client, desk: desk("withdraw", page, in_foot="on", in_masthead="on"),
    "desk, new address": lambda page, _client, desk: desk(
        "to-draft", page, slug="legal", in_foot="on", in_masthead="on"
    ),
}


@pytest.mark.parametrize("way", GOES)
def test_page_that_readers_lose_leaves_the_menus_and_comes_back(way, page, admin_client, send):  # noqa: F811
    assert leads("masthead")[-1] == leads()[-1] == "/imprint/"
    GOES[way](page, admin_client, send)
    page = Post.objects.get()
    assert not page.is_public
    assert "/imprint/" not in leads() + leads("masthead")
    form = admin_client.get(f"{LIST}{page.pk}/change/").text
    assert 'name="in_foot" id="id_in_foot" checked' in form
    page.publish()
    assert leads()[-1] == leads("masthead")[-1] == page.get_absolute_url()
    assert not Post.objects.exclude(menus="").exists()


DELETED = {
    "one": lambda page, _client: page.delete(),
    "many": lambda page, _client: Post.objects.filter(pk=page.pk).delete(),
    "page": lambda page, client: client.post(f"{LIST}{page.pk}/delete/", {"post": "yes"}),
    "action": lambda page, client: by_action("delete_selected", client, page),
}


@pytest.mark.parametrize("way", DELETED)
def test_deleted_page_leaves_the_menus(way, page, admin_client):
    DELETED[way](page, admin_client)
    assert not Post.objects.exists()
    assert leads() == ["/feeds/", "/tags/"] or leads() == []
    assert "/imprint/" not in leads("masthead")


def test_page_goes_back_from_the_bin(page, admin_client, client):
    page.return_to_draft()
    page.throw_away()
    page.take_out()
    assert page.ticked_menus == {"in_masthead": True, "in_foot": True}
    page.publish()
    site_changed()
    assert '<a href="/imprint/">Imprint</a>' in menu(client, "footer")


def test_page_that_is_scheduled_again_goes_back_at_its_time(page, monkeypatch):
    due = timezone.now() + timedelta(days=1)
    page.schedule(due)
    assert Job.objects.get(task_path="blog.posts.tasks.put_into_menus").run_after == due
    monkeypatch.setattr(timezone, "now", lambda: due)
    assert put_into_menus.func(page.pk) == "done"
    assert "/imprint/" in leads()


def test_link_comes_back_at_its_place_with_its_own_words(page):
    SiteVersion.objects.create(foot=[["/imprint/", "Who we are"], ["/tags/", ""]])
    page.withdraw()
    assert leads() == ["/tags/"]
    page.publish()
    assert SiteVersion.objects.first().foot == [["/imprint/", "Who we are"], ["/tags/", ""]]


def test_link_comes_back_with_the_name_the_page_has_by_then(page):
    page.return_to_draft()
    page.title = "Legal notice"
    page.save()
    page.publish()
    assert SiteVersion.objects.first().foot[-1] == ["/imprint/", "Legal notice"]


@pytest.mark.parametrize("typed", ["{}", "{}#end", "{}?a=b", "https://blog.example.org{}"])
def test_essay_that_was_linked_by_hand_counts_too(typed, write, settings):
    settings.SITE_URL = "https://blog.example.org"
    essay = write("Ünder")
    place = typed.format(essay.get_absolute_url())
    SiteVersion.objects.create(foot=[[place, "Start here"], ["/tags/", ""]])
    essay.withdraw()
    assert leads() == ["/tags/"]
    essay.publish()
    assert SiteVersion.objects.first().foot[0] == [essay.get_absolute_url(), "Start here"]


def test_old_address_counts_unless_another_lives_there(page, write):
    page.slug = "legal"
    page.save()
    SiteVersion.objects.create(foot=[["/imprint/", "Old"], ["/tags/", ""]])
    page.withdraw()
    assert leads() == ["/tags/"]
    page.publish()
    assert leads() == ["/legal/", "/tags/"]
    write("New imprint", kind="page", slug="imprint")
    SiteVersion.objects.create(foot=[["/imprint/", "New"]])
    page.withdraw()
    assert leads() == ["/imprint/"]


def test_about_leaves_the_usual_masthead_and_comes_back(write, client):
    draft = write("About", kind="page", slug="about", published_at=None)
    assert client.get("/about/").status_code == 200, "until it is there"
    draft.publish()
    usual = links.default_masthead()
    draft.withdraw()
    assert client.get("/about/").status_code == 410
    assert leads("masthead") == [to for to, _words in usual if to != "/about/"]
    draft.publish()
    assert SiteVersion.objects.first().masthead is None


def moved_and_withdrawn(page):
    page.slug = "legal"
    page.save()
    page.withdraw()


@pytest.mark.parametrize("lose", [Post.withdraw, Post.delete, moved_and_withdrawn])
def test_settings_that_are_brought_back_lead_to_no_lost_page(page, admin_client, lose):
    before = SiteVersion.objects.first()
    lose(page)
    count = SiteVersion.objects.count()
    for _press in range(2):
        admin_client.post("/admin/site/siteversion/", {"back": before.pk})
    assert "/imprint/" not in leads() + leads("masthead")
    assert SiteVersion.objects.count() == count, "it is as the version in force"


def test_settings_that_are_brought_back_lead_to_no_deleted_tag(admin_client):
    tag = Tag.objects.create(name="Gardens")
    before = SiteVersion.objects.create(foot=[[tag.place, ""], ["/archive/", ""], ["/feeds/", ""]])
    tag.delete()
    SiteVersion.objects.create(title="Named")
    admin_client.post("/admin/site/siteversion/", {"back": before.pk})
    assert leads() == ["/archive/", "/feeds/"]


def test_about_that_moves_is_called_by_its_name(write, client):
    about = write("About me", kind="page", slug="about")
    about.slug = "me"
    about.save()
    site_changed()
    assert ["/me/", "About me"] in SiteVersion.objects.first().masthead
    assert client.get("/about/")["Location"] == "/me/"


def test_tick_stands_for_a_link_to_an_old_address(page):
    page.slug = "legal"
    page.save()
    SiteVersion.objects.create(foot=[["/imprint/", "Old"]])
    assert page.ticked_menus["in_foot"]


def test_settings_that_are_brought_back_lead_to_no_withdrawn_page(page, admin_client):
    before = SiteVersion.objects.first()
    page.withdraw()
    SiteVersion.objects.create(source=before, **before.values)
    assert "/imprint/" not in leads() + leads("masthead")
    page = Post.objects.get()
    assert page.ticked_menus == {"in_masthead": True, "in_foot": True}
    page.publish()
    assert SiteVersion.objects.first().values == before.values


def test_tick_that_is_taken_out_with_the_page_is_not_remembered(page, send):  # noqa: F811
    send("withdraw", page, in_masthead="on")
    assert Post.objects.get().ticked_menus == {"in_masthead": True, "in_foot": False}


def test_name_of_a_page_follows_into_the_menus(page, client, send):  # noqa: F811
    both = {"in_foot": "on", "in_masthead": "on"}
    send("publish", page, title="Legal notice", **both)
    assert '<a href="/imprint/">Legal notice</a>' in menu(client, "footer")
    long = "A very long name " * 6
    send("publish", page, title=long, **both)
    assert SiteVersion.objects.first().foot[-1] == ["/imprint/", long[:60]]
    send("publish", page, title="Short", **both)
    assert SiteVersion.objects.first().masthead[-1] == ["/imprint/", "Short"]


def test_name_follows_when_scheduled_changes_go_out(page, monkeypatch):
    text = page.revisions.first().text._replace(title="Legal notice")
    kept = page.revisions.model.objects.keep(page, text, by=page.author, kind="saved")
    due = timezone.now() + timedelta(days=1)
    page.schedule_changes(kept, due)
    monkeypatch.setattr(timezone, "now", lambda: due)
    publish_due_changes.func(kept.pk, due.isoformat())
    assert SiteVersion.objects.first().foot[-1] == ["/imprint/", "Legal notice"]


def test_words_of_an_owner_stay_when_the_page_is_renamed(page):
    SiteVersion.objects.create(foot=[["/imprint/", "Who we are"], ["/about/", "Imprint"]])
    page.title, page.slug = "Legal notice", "legal"
    page.save()
    version = SiteVersion.objects.first()
    assert version.foot == [["/legal/", "Who we are"], ["/about/", "Imprint"]]


def test_tag_takes_its_new_name_and_address_into_the_menus(admin_client):
    tag = Tag.objects.create(name="Gärten", slug="gärten")
    other = [tag.get_absolute_url(), "Green"]
    SiteVersion.objects.create(
        foot=[[tag.get_absolute_url(), "Gärten"], other], masthead=[["/tags/gärten/#a", "Gärten"]]
    )
    given = {"name": "Obst", "slug": "obst", "started_from": ""}
    address = f"/admin/posts/tag/{tag.pk}/change/"
    form = admin_client.get(address).context["adminform"].form
    admin_client.post(address, given | {"started_from": form.initial["started_from"]})
    version = SiteVersion.objects.first()
    assert version.foot == [["/tags/obst/", "Obst"], ["/tags/obst/", "Green"]]
    assert version.masthead == [["/tags/obst/#a", "Obst"]]
    assert version.by.username == "admin"
    Tag.objects.get().delete()
    assert leads() == leads("masthead") == []


def test_page_waits_with_its_tick_while_the_menu_is_full(admin_client, send, write):  # noqa: F811
    full = [[f"https://example.org/{number}", "Far"] for number in range(links.MOST)]
    SiteVersion.objects.create(foot=full)
    answer = send("publish", in_foot="on", in_masthead="on")
    page = Post.objects.get()
    said = admin_client.get(answer.headers["Location"]).text
    assert "The menu is full, so “Imprint” is not in it yet." in said
    assert 'href="/admin/site/siteversion/">Name, menus and words</a>' in said
    assert leads() == [to for to, _words in full]
    assert leads("masthead")[-1] == "/imprint/"
    form = admin_client.get(f"{LIST}{page.pk}/change/").text
    assert 'name="in_foot" id="id_in_foot" checked' in form
    page.withdraw()
    data = {"action": "publish", "_selected_action": [page.pk]}
    assert "The menu is full" in admin_client.post(LIST, data, follow=True).text
    SiteVersion.objects.create(foot=full[1:])
    send("publish", page, in_foot="on", in_masthead="on")
    assert leads()[-1] == "/imprint/"
