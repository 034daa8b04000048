"""The versions of the settings: one for each change, all in reach, each with what it changed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from lxml import html
from site_page import PAGE, sent_by

from blog.site.models import SiteVersion

pytestmark = pytest.mark.django_db


def page_of(client, **asked):
    return html.fromstring(client.get(PAGE, asked).text)


def listed(page):
    return [" ".join(each.text_content().split()) for each in page.xpath("//*[@class='what']")]


def save(client, **given):
    return client.post(PAGE, sent_by(client.get(PAGE)) | given)


def test_save_without_a_change_adds_no_version(admin_client):
    assert save(admin_client).status_code == 302
    assert not SiteVersion.objects.exists()
    for _press in range(2):
        assert save(admin_client, title="Low water", comment_words="*So*").status_code == 302
    assert SiteVersion.objects.count() == 1


def test_save_pressed_twice_is_saved_once(admin_client):
    given = sent_by(admin_client.get(PAGE)) | {"title": "A"}
    for _press in range(2):
        assert admin_client.post(PAGE, given).status_code == 302
    assert SiteVersion.objects.count() == 1


def test_version_like_the_one_in_force_is_not_brought_back(admin_client):
    for title in "ABA":
        save(admin_client, title=title)
    admin_client.post(PAGE, {"back": SiteVersion.objects.last().pk})
    assert SiteVersion.objects.count() == 3


def test_versions_show_what_they_changed(admin_client):
    given = {"colours": "moss", "entries": 7, "language": "fr"}
    save(admin_client, title="Low water", tagline="<b>" * 20, **given)
    save(admin_client, title="High water", entries="", css="a {}", comments="closed")
    second, first = listed(page_of(admin_client))
    assert second == (
        "Title: “High water”, essays on a page, stylesheet of your own, "
        "comments: Closed on the whole site"
    )
    assert first.startswith("Title: “Low water”, tagline: “<b><b>")
    assert "language: français, essays on a page: 7, colours: Moss: grey green" in first
    (words,) = page_of(admin_client).xpath("//bdi[contains(., 'High water')]")
    assert words.text == "“High water”"


def test_all_versions_can_be_reached_and_brought_back(admin_client):
    SiteVersion.objects.bulk_create(SiteVersion(title=f"Title {n}") for n in range(45))
    pages = [page_of(admin_client, page=number) for number in (1, 2, 3)]
    assert [len(listed(page)) for page in pages] == [20, 20, 5]
    assert listed(pages[1])[0] == "Title: “Title 24”"
    ways = [page.xpath("//a[contains(@href, '#versions')]/@href") for page in pages]
    assert ways == [
        [f"{PAGE}?page=2#versions"],
        [f"{PAGE}?page=1#versions", f"{PAGE}?page=3#versions"],
        [f"{PAGE}?page=2#versions"],
    ]
    assert [len(page.xpath("//button[@name='back']")) for page in pages] == [19, 20, 5]
    admin_client.post(PAGE, {"back": SiteVersion.objects.last().pk})
    assert SiteVersion.objects.first().title == "Title 0"


def test_odd_page_of_versions_is_answered(admin_client):
    SiteVersion.objects.create(title="Low water")
    for odd in ("", "0", "-1", "x", "9" * 19, "٢", "99"):
        assert admin_client.get(PAGE, {"page": odd}).status_code == 200, odd


def test_queries_do_not_grow_with_versions(admin_client, django_user_model):
    def queries(**asked):
        with CaptureQueriesContext(
            connection,
        ) as found:
            admin_client.get(PAGE, asked)
        return len(found)

    SiteVersion.objects.create(title="Low water")
    queries()
    few = queries()
    owners = [django_user_model(username=f"owner{number}") for number in range(45)]
    SiteVersion.objects.bulk_create(
        SiteVersion(title=f"Title {number}", by=by)
        for number, by in enumerate(django_user_model.objects.bulk_create(owners))
    )
    assert [queries(page=number) for number in (1, 2, 3)] == [few] * 3
