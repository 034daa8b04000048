"""A profile, and the page of an author on a site that several people write."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from feeds import site_url
from pictures import QUARTERS, quarters, saved

from blog.posts.models import Image, Profile

__all__ = ["site_url"]  # fixtures

pytestmark = pytest.mark.django_db

MINE = "/admin/posts/profile/"


@pytest.fixture
def anna(db):
    user = get_user_model().objects.create_user("anna", first_name="Anna", is_staff=True)
    user.groups.add(Group.objects.get(name="Authors"))
    return user


@pytest.fixture
def me(anna):
    client = Client()
    client.force_login(anna)
    return client


def _payload(**changes):
    given = {"name": "Anna Lind", "bio": "I keep *margins*.", "link": "https://anna.example.org/x"}
    return given | changes


@pytest.fixture
def essays(write, anna):
    return write("Hers", author=anna), write("Another’s")


def test_page_shows_name_bio_link_picture_and_essays(me, anna, essays, client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    file = SimpleUploadedFile(
        "me.jpg", saved(quarters(QUARTERS), "JPEG"), content_type="image/jpeg"
    )
    assert me.post(MINE, _payload(file=file)).status_code == 302
    page = client.get(f"/authors/{anna.pk}/").text
    for said in ("Anna Lind", "<em>margins</em>", 'rel="me" href="https://anna.example.org/x"'):
        assert said in page
    assert Image.objects.get().file.name[:32] in page
    assert "Hers" in page
    assert "Another’s" not in page
    assert f'href="/authors/{anna.pk}/feed.xml"' in page
    assert 'class="h-feed"' in page
    assert not Image.objects.unused().exists()
    me.post(MINE, _payload(without="on"))
    assert "<img" not in client.get(f"/authors/{anna.pk}/").text


def test_byline_leads_there_where_several_write(anna, essays, client, write):
    link = f'href="/authors/{anna.pk}/"'
    assert link in client.get(essays[0].get_absolute_url()).text
    assert link in client.get("/feeds/").text


def test_lists_name_the_author_where_several_write(anna, essays, client, write):
    page = client.get("/").text
    assert f'href="/authors/{anna.pk}/">Anna</a>' in page
    assert ">Ines Marlow</a>" in page
    assert "· Anna\n" in client.get("/archive/").text
    assert "h-card" not in client.get(f"/authors/{anna.pk}/").text.partition("<article")[2]


def test_machines_are_given_the_pages_of_several_authors(anna, essays, client, write):
    address = f"https://blog.example.org/authors/{anna.pk}/"
    assert f"<loc>{address}</loc>" in client.get("/sitemap.xml").text
    data = client.get(essays[0].get_absolute_url()).text.partition("ld+json")[2]
    assert f'"author":{{"@type":"Person","name":"Anna","url":"{address}"}}' in data
    about = write("About us", kind="page", slug="about-us", author=anna)
    assert f'"url":"{address}"' not in client.get(about.get_absolute_url()).text


def test_with_one_author_there_is_no_such_page(anna, write, client):
    post = write("Hers", author=anna)
    assert (
        f"/authors/{anna.pk}/" not in client.get(post.get_absolute_url()).text.partition("<main")[2]
    )
    assert client.get(f"/authors/{anna.pk}/")["Location"] == "/"
    for address in ("/", "/archive/", "/sitemap.xml"):
        said = client.get(address).text
        assert "Anna" not in said
        assert "/authors/" not in said


def test_who_wrote_nothing_that_readers_see_has_none(anna, essays, client, write):
    other = get_user_model().objects.create_user("otto", is_staff=True)
    write("Draft", author=other, published_at=None)
    for number in (other.pk, 999_999, 10**30):
        assert client.get(f"/authors/{number}/").status_code == 404


def test_its_pages_follow_the_sites_length(anna, essays, client, write, settings):
    for number in range(3):
        write(f"More {number}", author=anna)
    settings.ENTRIES_PER_PAGE = 2
    assert f'href="/authors/{anna.pk}/page/2/"' in client.get(f"/authors/{anna.pk}/").text
    assert client.get(f"/authors/{anna.pk}/page/2/").status_code == 200
    assert client.get(f"/authors/{anna.pk}/page/3/").status_code == 404


def test_hostile_profiles_are_refused_or_harmless(me, anna, essays, client):
    for changes in (
        {"link": "javascript:alert(1)"},
        {"link": "ftp://x.example.org/"},
        {"link": "https://" + "x" * 400},
        {"bio": "x" * 2001},
        {"name": "x" * 151},
        {"name": " "},
        {"file": SimpleUploadedFile("x.svg", b"<svg onload='x'/>", content_type="image/svg+xml")},
    ):
        page = me.post(MINE, _payload(**changes))
        assert page.status_code == 200, changes
        assert page.context["form"].errors, changes
    assert not Profile.objects.exists()
    bio = "<script>x</script> [y](javascript:z) <img src=x onerror=y>"
    me.post(MINE, _payload(bio=bio, name="\u202eAnna <b>"))
    page = client.get(f"/authors/{anna.pk}/").text.partition("<main")[2]
    for wrong in ("<script>x", 'href="javascript', "<img src=x", "\u202e", "Anna <b>"):
        assert wrong not in page


def test_nobody_changes_that_of_another(me, anna):
    other = get_user_model().objects.create_user("otto", is_staff=True)
    Profile.objects.create(user=other, bio="Mine.")
    me.post(MINE, _payload(user=other.pk))
    assert Profile.objects.get(user=other).bio == "Mine."
    assert Profile.objects.get(user=anna).bio == "I keep *margins*."


def test_leaving_with_all_essays_takes_it_along(me, anna, essays):
    me.post(MINE, _payload())
    anna.set_password("a margin, wide")
    anna.save()
    me.force_login(anna)
    heir = essays[1].author
    heir.is_staff = True
    heir.save()
    heir.groups.add(Group.objects.get(name="Authors"))
    me.post("/admin/leave/", {"heir": heir.pk, "what": "all", "password": "a margin, wide"})
    assert not Profile.objects.exists()
