"""What an owner sets in the admin: shown at once, in versions, under what the environment sets."""

import pytest

from blog.pages.generation import shared
from blog.pages.invalidation import site_changed
from blog.site import reading
from blog.site.models import SiteVersion

pytestmark = pytest.mark.django_db
PAGE = "/admin/site/siteversion/"


@pytest.fixture
def save(admin_client, django_capture_on_commit_callbacks):
    """Send the page's form, and let what is due after the commit happen."""

    def send(**given):
        newest = SiteVersion.objects.first()
        given = {"started_from": newest.pk if newest else 0} | given
        with django_capture_on_commit_callbacks(execute=True):
            return admin_client.post(PAGE, given)

    return send


MENU = {
    **{"masthead-0-to": "/", "masthead-1-to": "https://shop.example/", "masthead-1-words": "Shop"},
    "foot-0-to": "/tags/",
    "profiles-0-to": "https://social.example/@ines",
}


def test_a_change_shows_with_the_next_page(client, save, write):
    write()
    client.get("/")
    save(title="Low water", tagline="Notes", comment_words="Be *kind*.", **MENU)
    page = client.get("/").text
    assert '<a class="site-name" href="/">Low water</a>' in page
    assert '<a href="https://shop.example/">Shop</a>' in " ".join(page.split())
    assert '<a rel="me" href="https://social.example/@ines">social.example</a>' in page
    assert "/archive/" not in page
    assert "Low water" in client.get("/feed.xml").text


def test_the_environment_wins_and_says_so(client, save, settings):
    settings.SET_IN_ENVIRONMENT, settings.SITE_TITLE = {"SITE_TITLE"}, "From outside"
    page = save(title="Mine", tagline="Notes").wsgi_request and client.get("/").text
    assert "From outside" in page
    assert "Mine" not in page
    assert SiteVersion.objects.get().title == ""


def test_what_a_form_does_not_send_stays_in_the_menus(save):
    save(**{"foot-0-to": "/archive/", "foot-0-words": "All"})
    save(title="Low water")
    assert SiteVersion.objects.first().foot == [["/archive/", "All"]]


def test_a_site_without_a_tagline_has_one_in_its_language(client, settings):
    settings.SITE_TAGLINE, settings.LANGUAGE_CODE = "", "de"
    assert '<meta name="description" content="Essays mit Notizen am Rand.">' in client.get("/").text


def test_an_earlier_version_comes_back(client, save):
    for title in ("First", "Second"):
        save(title=title)
    save(back=SiteVersion.objects.last().pk)
    assert 'href="/">First</a>' in client.get("/").text
    assert [version.title for version in SiteVersion.objects.all()] == ["First", "Second", "First"]


def test_what_somebody_saved_meanwhile_is_not_overwritten(save):
    save(title="First")
    answer = save(title="Late", started_from=0)
    assert "Somebody saved these settings" in answer.text
    assert SiteVersion.objects.get().title == "First"


@pytest.mark.parametrize("to", ["javascript:alert(1)", "//elsewhere.example", "about", "/a b"])
def test_links_lead_to_pages_alone(save, to):
    assert "Nothing was saved." in save(**{"foot-0-to": to}).text
    assert not SiteVersion.objects.exists()


def test_a_button_moves_a_link_and_saves_nothing(save):
    page = save(move="masthead:1:up", title="Unsaved", **MENU).text
    assert page.index("https://shop.example/") < page.index('name="masthead-1-to" value="/"')
    assert "Unsaved" in page
    assert not SiteVersion.objects.exists()


def test_no_page_asks_for_the_settings(client, write, django_assert_num_queries):
    SiteVersion.objects.create(title="Low water")
    site_changed()
    with django_assert_num_queries(3):  # in a savepoint
        assert str(reading.site()) == "Low water"
    with django_assert_num_queries(0):
        assert reading.site().title == "Low water"
    before = shared().site
    shared().change()
    assert shared().site == before, "a comment has nobody read them again"


def test_only_who_may_sees_the_page(client, django_user_model):
    helper = django_user_model.objects.create_user("helper", is_staff=True)
    client.force_login(helper)
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, {"title": "Mine"}).status_code == 403
