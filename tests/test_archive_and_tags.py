"""The archive by year and month, and the pages of tags: what they list and cost."""

import re

import pytest
from conftest import on
from django.utils import timezone

from blog.posts.models import Post, Tag
from blog.posts.models.words import OPENING, opening

pytestmark = pytest.mark.django_db


@pytest.fixture
def tag(db):
    """Make a tag and put it on these posts."""

    def tag(name, *posts, **changes):
        made = Tag.objects.create(**{"name": name, "slug": name.lower()} | changes)
        made.posts.set(posts)
        return made

    return tag


@pytest.fixture
def years(write):
    """Two essays in March 2026, one in January, one in December 2024."""
    write("March late", published_at=on(2026, 3, 20))
    write("March early", published_at=on(2026, 3, 2))
    write("January", published_at=on(2026, 1, 5))
    write("Long ago", published_at=on(2024, 12, 31))


def hide_some(write):
    """Make what no reader's list may hold, all of it in March 2026 but for what is to come."""
    write("A draft", published_at=None)
    write("To come", published_at=on(9998, 3))
    write("A page", kind="page", slug="a-page", published_at=on(2026, 3, 3))
    write("Taken back", published_at=on(2026, 3, 4)).withdraw()


# --- The archive ------------------------------------------------------------------------------


def test_the_archive_lists_everything_newest_first(client, years):
    text = client.get("/archive/").text
    places = [text.index(title) for title in ("March late", "March early", "January", "Long ago")]
    assert places == sorted(places)
    assert '<a href="/2026/">2026</a>' in text
    assert '<a href="/2024/">2024</a>' in text


def test_a_year_lists_its_essays_only(client, years):
    text = client.get("/2026/").text
    assert "<h1>2026</h1>" in text
    assert "March early" in text
    assert "January" in text
    assert "Long ago" not in text


def test_a_month_lists_its_essays_only(client, years):
    text = client.get("/2026/03/").text
    assert "<h1>March 2026</h1>" in text
    assert "March early" in text
    assert "January" not in text


def test_a_line_says_its_day_and_how_many_comments_there_are(client, write, say):
    say(write(published_at=on(2026, 3, 14)))
    page = " ".join(client.get("/2026/").text.split())
    assert ">14 March</time> · 1 comment</small>" in page


def test_an_empty_archive_says_so(client, db):
    response = client.get("/archive/")
    assert response.status_code == 200
    assert "No essays yet" in response.text


@pytest.mark.parametrize("url", ["/archive/", "/2026/", "/2026/03/"])
def test_the_archive_holds_only_what_is_published(client, write, years, url):
    hide_some(write)
    text = client.get(url).text
    for title in ("A draft", "To come", "A page", "Taken back"):
        assert title not in text


def test_year_or_month_without_essays_is_404(client, write, years):
    hide_some(write)
    for url in ("/2025/", "/9998/", "/2026/02/", "/2024/01/"):
        assert client.get(url).status_code == 404, url


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
@pytest.mark.parametrize(
    "url",
    ["/0000/", "/0001/", "/9999/", "/0000/01/", "/0001/01/", "/9999/12/", "/2026/00/", "/2026/13/",
     "/2026/1/", "/226/", "/12026/", "/٢٠٢٦/"],
)  # fmt: skip
def test_impossible_year_or_month_is_404(client, years, zone, url):
    with timezone.override(zone):
        assert client.get(url).status_code == 404


def test_the_time_zone_of_the_site_decides_the_year(client, write):
    with timezone.override("Europe/Berlin"):
        post = write("Fireworks", published_at=on(2025, 12, 31, 23))
        assert post.path == "2026/01/fireworks"
        assert "1 January 2026" in client.get("/2026/01/fireworks/").text
        assert "Fireworks" in client.get("/2026/").text
        month = client.get("/2026/01/").text
        assert "Fireworks" in month
        assert "<h1>January 2026</h1>" in month
        assert client.get("/2025/").status_code == 404
        assert '<a href="/2026/">2026</a>' in client.get("/archive/").text
    with timezone.override("America/New_York"):
        # Its address stays when the time zone changes; the lists go by the new one.
        assert client.get("/2026/01/fireworks/").status_code == 200
        assert "Fireworks" in client.get("/2025/12/").text


def test_the_archive_costs_one_query(client, write, django_assert_num_queries):
    for number in range(25):
        write(f"Essay {number}", published_at=on(2026, 3))
    for url in ("/archive/", "/2026/", "/2026/03/"):
        with django_assert_num_queries(1):
            # 1. the essays
            client.get(url)


# --- Tags -------------------------------------------------------------------------------------


def test_the_tags_count_only_what_is_published(client, write, tag):
    hide_some(write)
    hidden = list(type(write()).objects.exclude(title="On margins"))
    tag("Shown", write("One", slug="one"), write("Two", slug="two"), *hidden)
    tag("Hidden", *hidden)
    tag("Unused")
    text = client.get("/tags/").text
    assert '<a href="/tags/shown/">Shown</a>\n<small>\n2 essays\n</small>' in text
    assert "Hidden" not in text
    assert "Unused" not in text


def test_without_tags_the_page_says_so(client, tag):
    tag("Unused")
    assert "No tags yet." in client.get("/tags/").text


def test_a_tag_lists_its_published_essays_only(client, write, tag):
    hide_some(write)
    others = list(type(write("Not tagged")).objects.exclude(title="Not tagged"))
    tag("Reading", write("One"), *others)
    text = client.get("/tags/reading/").text
    assert '<h1 class="p-name" dir="auto">Reading</h1>' in text
    assert "<span>\n1 essay</span>" in text
    assert "One</a>" in text
    for title in ("Not tagged", "A draft", "To come", "A page", "Taken back"):
        assert title not in text


def test_tag_without_published_essays_is_404(client, tag):
    tag("Unused")
    assert client.get("/tags/unused/").status_code == 404


@pytest.mark.parametrize("url", ["", "page/2/", "feed.xml", "atom.xml", "feed.json"])
def test_unknown_tag_is_404(client, db, url):
    assert client.get(f"/tags/nothing/{url}").status_code == 404


def test_a_tag_has_pages(client, write, tag):
    tag("Reading", *(write(f"Essay {number:02d}", published_at=on(2026, 3, 1, number % 24))
                     for number in range(21)))  # fmt: skip
    first, second = client.get("/tags/reading/").text, client.get("/tags/reading/page/2/").text
    assert "Essay 20" in first
    assert "Essay 00" not in first
    assert "Essay 00" in second
    assert 'rel="next" href="/tags/reading/page/2/"' in first
    assert 'rel="prev" href="/tags/reading/"' in second
    assert client.get("/tags/reading/page/1/")["Location"] == "/tags/reading/"
    for number in ("0", "3", "x"):
        assert client.get(f"/tags/reading/page/{number}/").status_code == 404


def test_tag_page_links_to_its_own_feeds(client, write, tag):
    write("Not tagged")
    tag("Reading", write("One"))
    text = client.get("/tags/reading/").text
    for name, form in (("feed.xml", "RSS"), ("atom.xml", "Atom"), ("feed.json", "JSON")):
        assert f'title="Reading · Postil ({form})" href="/tags/reading/{name}"' in text
        feed = client.get(f"/tags/reading/{name}").text
        assert "One" in feed
        assert "Not tagged" not in feed


def test_tags_in_any_script_have_pages_and_feeds(client, write, tag):
    made = tag("读书 & более", write(), slug="чтение-读书")
    assert f'<a href="{made.get_absolute_url()}">读书 &amp; более</a>' in client.get("/tags/").text
    for url in (made.get_absolute_url(), "/tags/чтение-读书/", "/tags/чтение-读书/feed.xml"):
        assert client.get(url).status_code == 200


def test_tags_cost_the_same_however_many_there_are(client, write, tag, django_assert_num_queries):
    essays = [write(f"Essay {number}") for number in range(25)]
    tags = [tag(f"Tag{number}") for number in range(25)]
    kept = Post.tags.through
    kept.objects.bulk_create(kept(post=essay, tag=each) for essay in essays for each in tags)
    with django_assert_num_queries(1):
        # 1. the tags, with their counts
        client.get("/tags/")
    with django_assert_num_queries(3):
        # 1. the tag; 2. how many essays it has, for the pages; 3. the essays of this page
        client.get("/tags/tag7/page/2/")


def test_essay_without_standfirst_is_listed_with_its_first_words(client, write):
    essay = write("Bare", standfirst="", body="Words **of** the text " * 30)
    write("Scripts without spaces", standfirst="", body="字" * 500)
    page = client.get("/").text
    said = re.findall(r'<p class="p-summary"[^>]*>(.*?)</p>', page)
    assert [len(each) for each in said if len(each) > OPENING + 2] == []
    assert said[1].startswith("Words of the text Words")
    assert said[1].endswith(("text …", "Words …", "of …", "the …"))
    assert essay.summary == said[1]
    assert opening("<p>Tea <a href='x") == "Tea"


def test_tag_and_author_lead_to_their_own_feeds(client, write, author, admin_user):
    post = write()
    write("By another", author=admin_user)  # an author's page is there where several write
    post.tags.add(Tag.objects.create(name="Margins", slug="margins"))
    for page in ("/tags/margins/", f"/authors/{author.pk}/"):
        html = client.get(page).text
        assert f'<a href="{page}feed.xml">Feed</a>' in html
        for kind in ("rss+xml", "atom+xml", "feed+json"):
            assert re.search(
                rf'type="application/{re.escape(kind)}"[^>]* href="{page}[a-z.]+"', html
            )


def test_each_list_describes_itself_in_one_line(client, years, tag, author):
    tag("Reading", *author.posts.all())
    for url in ("/archive/", "/2026/", "/2026/03/", "/tags/", "/tags/reading/"):
        said = re.findall(r'<meta name="description"\s+content="([^"]*)"', client.get(url).text)
        assert said == [" ".join(said[0].split())], url
        assert len(said[0]) > 20
