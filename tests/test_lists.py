"""Lines of lists: each is made once for what it says, and says what is true now."""

from datetime import timedelta

import pytest
from below import below  # noqa: F401 - a fixture
from conftest import on
from django.contrib.auth import get_user_model
from django.template import engines
from django.urls import set_script_prefix
from django.utils import timezone, translation

from blog.posts import lists
from blog.posts.models import Post, Tag
from blog.posts.templatetags import posts as tags
from blog.site import reading

pytestmark = pytest.mark.django_db

LINES = '{% load posts %}{% lines posts "posts/_item.html" as items %}{{ items|join:"" }}'
LISTS = ["/", "/archive/", "/tags/tools/"]


@pytest.fixture
def post(write):
    post = write("On margins", published_at=on(2026, 3, 9, 23))
    post.tags.add(Tag.objects.create(name="Tools", slug="tools"))
    return post


@pytest.fixture
def made(monkeypatch):
    """Which lines were rendered, by their titles."""
    made = []

    class Noted(lists.Entry):
        def __init__(self, row):
            super().__init__(row)
            made.append(self.title)

    monkeypatch.setattr(tags, "Entry", Noted)
    return made


def seen(client):
    return [client.get(path).text for path in LISTS]


def test_line_is_rendered_once_for_what_it_says(client, write, post, made):
    first = seen(client)
    assert made == ["On margins"] * 2, "one for the archive, and one for the two others"
    assert seen(client) == first
    write("Another", published_at=on(2026, 3, 8))
    seen(client)
    assert made[2:] == ["Another"] * 2


CHANGES = {
    "title": "Of margins",
    "comment_count": 3,
    "lang": "de",
    "path": "2026/03/elsewhere",
    "published_at": on(2026, 3, 12),
}
SHOWN = {
    "title": "Of margins",
    "comment_count": "3 comments",
    "lang": 'lang="de"',
    "path": "/2026/03/elsewhere/",
    "published_at": "12",
}


@pytest.mark.parametrize("name", CHANGES)
def test_line_says_what_changed(client, post, name):
    assert not any(SHOWN[name] in line for page in seen(client) for line in words(page))
    Post.objects.filter(pk=post.pk).update(**{name: CHANGES[name]})
    assert all(any(SHOWN[name] in line for line in words(page)) for page in seen(client))


def words(page):
    return page.partition("<main")[2].partition("</main>")[0].splitlines()


def test_line_begins_as_its_text_does_until_it_has_a_standfirst(client, post):
    assert "Room for a note." in client.get("/").text
    Post.objects.filter(pk=post.pk).update(body_html="<p>Less room.</p>")
    assert "Less room." in client.get("/").text
    Post.objects.filter(pk=post.pk).update(standfirst="Said in short.")
    text = client.get("/").text
    assert "Said in short." in text
    assert "Less room." not in text


def test_lines_name_their_authors_once_there_are_two(client, write, post):
    assert not any("Ines Marlow" in page for page in seen(client)[:2])
    lou = get_user_model().objects.create_user("lou@example.org")
    write("Hers", author=lou)
    index, archive, _tag = seen(client)
    for page in (index, archive):
        assert "Ines Marlow" in page
        assert "lou</a>" in page or "· lou" in page
    get_user_model().objects.filter(pk=lou.pk).update(first_name="Lou", last_name="Barba")
    assert all("Lou Barba" in page for page in seen(client)[:2])
    assert "Lou Barba</a>" not in client.get(f"/authors/{lou.pk}/").text, "whose page it is"


def test_lines_name_the_author_that_the_owner_chose(client, write, post):
    write("Hers", author=get_user_model().objects.create_user("lou@example.org"))
    assert "Ada Lovelace" not in client.get("/").text
    reading.keep({"author": "Ada Lovelace"})
    assert "Ada Lovelace" in client.get("/").text


def test_each_language_time_zone_and_base_path_has_lines_of_its_own(
    post,
    below,  # noqa: F811
):
    set_script_prefix("/")

    def lines():
        page = engines["django"].from_string(LINES)
        return page.render({"posts": list(lists.ALL.of(timezone.now()))})

    english = lines()
    with translation.override("de"):
        assert "9. März 2026" in lines()
    with timezone.override("Asia/Tokyo"):
        assert "2026-03-10T08:00:00+09:00" in lines()
    set_script_prefix("/blog/")
    assert 'href="/blog/2026/03/on-margins/"' in lines()
    set_script_prefix("/")
    assert lines() == english


def test_lines_of_a_theme_never_stand_in_our_pages(client, theme, post):
    ours = client.get("/").text
    theme("templates/posts/_item.html", "<p>{{ post.title }}, as mine</p>")
    assert "<p>On margins, as mine</p>" in client.get("/").text
    theme("templates/posts/_item.html", "<p>{{ post.title }}, as hers</p>")
    assert "<p>On margins, as hers</p>" in client.get("/").text
    theme("templates/posts/index.html", "{% nonsense %}")
    assert client.get("/").text == ours


def test_whole_page_is_ours_where_a_themes_line_fails(client, theme, post):
    ours = client.get("/").text
    theme("templates/base.html", '{% extends "base.html" %}{% block foot %}mine{% endblock %}')
    assert "mine" in client.get("/").text
    theme("templates/posts/_item.html", "mine {% load posts %}{{ post.title|iso }}")
    assert client.get("/").text == ours, "whole, and not a line of it"


def test_entry_is_the_post_to_whatever_asks_more(post):
    (entry,) = lists.ALL.of(timezone.now())
    assert str(entry) == "On margins"
    assert entry.published_at == post.published_at
    assert entry.get_absolute_url() == post.get_absolute_url()
    assert entry.byline == "Ines Marlow"
    assert entry.opening == "Room for a note."
    with pytest.raises(AttributeError, match="no_such_thing"):
        entry.no_such_thing  # noqa: B018


# --- What they list ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "url"),
    [
        (on(2026, 1, 1, 0), "/2026/01/"),
        (on(2026, 1, 1, 0) - timedelta.resolution, "/2025/12/"),
        (on(2024, 3, 1, 0) - timedelta.resolution, "/2024/02/"),
        (on(1001, 1, 1, 0), "/1001/01/"),
    ],
)
def test_first_and_last_moments_of_a_month_are_in_it(client, write, moment, url):
    write("At the edge", published_at=moment)
    year = url.split("/")[1]
    for path in (url, f"/{year}/"):
        assert "At the edge" in client.get(path).text
    assert client.get(f"/{int(year) + 1}/").status_code == 404


def test_first_moment_after_a_month_or_year_is_not_in_it(client, write):
    write("After it", published_at=on(2026, 1, 1, 0))
    for path in ("/2025/12/", "/2025/"):
        assert client.get(path).status_code == 404


def test_a_page_is_read_by_two_queries(write, django_assert_num_queries):
    for number in range(5):
        write(f"Essay {number}", published_at=on(2026, 3, number + 1))
    with django_assert_num_queries(2):
        some = lists.ALL.of(timezone.now())
        assert some.count() == 5
        assert [str(entry) for entry in some[2:4]] == ["Essay 2", "Essay 1"]
