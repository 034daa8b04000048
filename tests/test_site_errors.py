"""What is wrong on the site's page is listed above it, and each line leads to its field."""

import pytest
from lxml import html

from blog.site.models import SiteVersion

pytestmark = pytest.mark.django_db
PAGE = "/admin/site/siteversion/"
GIVEN = {"started_from": 0, "entries": "0", "masthead-0-to": "/", "masthead-2-to": "about"}


@pytest.fixture
def page(admin_client):
    return html.fromstring(admin_client.post(PAGE, GIVEN | {"profiles-4-words": "Me"}).text)


def test_each_error_leads_to_its_field(page):
    (summary,) = page.xpath("//*[@autofocus]")
    assert (summary.get("id"), summary.get("tabindex"), summary.get("role")) == (
        *("errors", "-1", "alert"),
    )
    found = {link.get("href"): link.text for link in summary.iter("a")}
    assert list(found) == ["#id_entries", "#masthead-1", "#profiles-0"]
    assert found["#id_entries"].startswith("Essays on a page: ")
    assert found["#masthead-1"].startswith("Masthead: about: Write a path of this site")
    for place in found:
        (field,) = page.xpath(f"//input[@id='{place[1:]}']")
        assert field.get("aria-invalid") == "true"
        described = field.get("aria-describedby").split()
        assert all(page.xpath(f"//*[@id='{each}']") for each in described), place


def test_title_of_the_page_says_that_there_is_an_error(page, admin_client):
    assert page.findtext(".//title").startswith("Error: Site")
    assert "Error:" not in admin_client.get(PAGE).text


def test_page_that_only_moved_a_link_has_no_errors(admin_client):
    moved = html.fromstring(admin_client.post(PAGE, GIVEN | {"move": "masthead:2:up"}).text)
    assert moved.findtext(".//title").startswith("Site")
    assert moved.xpath("//*[@aria-invalid or contains(@class, 'error')]") == []


def test_message_of_a_newer_version_marks_nothing(admin_client):
    SiteVersion.objects.create(title="Theirs")
    text = admin_client.post(PAGE, {"started_from": 0}).text
    assert "Somebody saved these settings" in text
    assert "What is to be changed is marked below" not in text
