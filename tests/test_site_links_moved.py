"""The buttons of a link move the link that stands beside them, and the page stays there."""

import pytest
from lxml import html

pytestmark = pytest.mark.django_db
PAGE = "/admin/site/siteversion/"
LINKS = ["/a/", "/b/", "/c/", "/d/"]


@pytest.fixture
def moved(admin_client):
    """Press a button of a list of links, some of which were emptied by hand; return the page."""

    def press(button, *links):
        given = {f"foot-{number}-to": to for number, to in enumerate(links)}
        page = admin_client.post(PAGE, given | {"move": f"foot:{button}"})
        return html.fromstring(page.text)

    return press


def links_of(page):
    fields = page.xpath("//input[starts-with(@name, 'foot-') and contains(@name, '-to')]")
    return [field.get("value") for field in fields if field.get("value")]


@pytest.mark.parametrize(
    ("button", "left"),
    [
        ("2:out", ["/b/", "/d/"]),
        ("1:out", ["/c/", "/d/"]),
        ("3:up", ["/b/", "/d/", "/c/"]),
        ("2:up", ["/c/", "/b/", "/d/"]),
        ("1:up", ["/b/", "/c/", "/d/"]),
        ("1:down", ["/c/", "/b/", "/d/"]),
        ("3:down", ["/b/", "/c/", "/d/"]),
        *((f"0:{way}", ["/b/", "/c/", "/d/"]) for way in ("out", "up", "down")),
        *((f"{odd}:out", ["/b/", "/c/", "/d/"]) for odd in ("", "x", "-1", "31", "٢", "9" * 9000)),
    ],
)
def test_button_moves_its_own_link_below_an_emptied_row(moved, button, left):
    assert links_of(moved(button, "", *LINKS[1:])) == left


def test_link_passes_the_next_one_across_an_emptied_row(moved):
    assert links_of(moved("3:up", "/a/", "/b/", " ", "/d/")) == ["/a/", "/d/", "/b/"]
    assert links_of(moved("0:down", "/a/", "", "", "/d/")) == ["/d/", "/a/"]


def test_first_link_has_no_way_up_and_last_none_down(moved):
    page = moved("3:more", *LINKS)
    ways = [button.get("value") for button in page.xpath("//button[@name='move']")]
    assert [way for way in ways if way.startswith("foot:0") and way.endswith(":up")] == []
    assert "foot:2:down" in ways
    assert "foot:3:down" not in ways


def focused(page):
    (found,) = page.xpath("//*[@autofocus]")
    return found.get("value") if found.tag == "button" else found.get("name")


@pytest.mark.parametrize(
    ("button", "place"),
    [
        ("3:up", "foot:2:up"),
        ("2:up", "foot:1:up"),
        ("1:up", "foot:0:down"),  # at the top, where the only way is back
        ("0:down", "foot:1:down"),
        ("2:down", "foot:3:up"),
        ("1:out", "foot-1-to"),
        ("3:out", "foot-3-to"),
        ("4:more", "foot-4-to"),
        ("0:usual", "foot-0-to"),
    ],
)
def test_page_comes_back_at_the_moved_link(moved, button, place):
    assert focused(moved(button, *LINKS)) == place


def test_only_link_of_a_list_has_the_focus_at_its_address(moved):
    assert focused(moved("0:up", "/a/")) == "foot-0-to"
    assert focused(moved("0:out", "/a/")) == "foot-0-to"


def test_same_button_moves_a_link_three_places(moved):
    page, links, button = None, LINKS, "3:up"
    for _press in range(3):
        page = moved(button, *links)
        links, button = links_of(page), focused(page).removeprefix("foot:")
    assert links == ["/d/", "/a/", "/b/", "/c/"]
