"""The page of an essay: what it shows, to whom, and how it answers requests."""

import json
import re
from datetime import timedelta

import pytest
from conftest import on
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone
from lxml import html

from blog.posts.models import Tag

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(author, client):
    """A browser signed in by someone who may see every essay in the admin."""
    author.user_permissions.add(Permission.objects.get(codename="view_post"))
    client = Client()
    client.force_login(author)
    return client


def texts(page, classes):
    """Return the words of the elements of these classes, each inside one of the class before."""
    steps = (f"//*[contains(concat(' ', @class, ' '), ' {name} ')]" for name in classes.split())
    return [element.text_content() for element in html.fromstring(page.text).xpath("".join(steps))]


# --- What it shows ----------------------------------------------------------------------------


def test_page_shows_title_text_byline_minutes_and_tags(client, write):
    post = write(
        "On margins",
        standfirst="Why they are wide.",
        body="Room for a *note*." + " word" * 500,
        published_at=on(2026, 3, 9),
    )
    post.tags.add(Tag.objects.create(name="Reading", slug="reading"))
    text = client.get("/2026/03/on-margins/").text
    assert "<title>On margins · Postil</title>" in text
    assert '<h1 class="p-name" dir="auto">On margins</h1>' in text
    assert "Why they are wide.</p>" in text
    assert "Room for a <em>note</em>." in text
    assert ">Ines Marlow</span>" in text
    assert "9 March 2026</time>" in text
    assert "\n3 minutes</span>" in text
    assert '<a class="p-category" rel="tag" href="/tags/reading/">Reading</a>' in text


def test_page_links_to_previous_and_next_essay(client, write):
    for month in (1, 2, 3, 4):
        write(f"Essay {month}", published_at=on(2026, month))
    write("A page", kind="page", slug="a-page", published_at=on(2026, 2, 2))
    write("Withdrawn", published_at=on(2026, 2, 3)).withdraw()
    text = client.get("/2026/02/essay-2/").text
    assert '<a rel="prev" href="/2026/01/essay-1/">Essay 1</a>' in text
    assert '<a rel="next" href="/2026/03/essay-3/">Essay 3</a>' in text
    assert 'rel="prev"' not in client.get("/2026/01/essay-1/").text
    assert 'rel="next"' not in client.get("/2026/04/essay-4/").text


def test_essays_of_one_moment_still_have_an_order(client, write):
    for title in ("First", "Second", "Third"):
        write(title, published_at=on(2026))
    text = client.get("/2026/01/second/").text
    assert 'rel="prev" href="/2026/01/first/"' in text
    assert 'rel="next" href="/2026/01/third/"' in text


def test_page_says_when_the_text_changed(client, write):
    post = write(published_at=on(2026, 3, 9))
    type(post).objects.update(updated_at=on(2026, 5, 1))
    assert "1 May 2026</time>" in client.get(post.get_absolute_url()).text
    type(post).objects.update(updated_at=on(2026, 3, 9, 18))
    assert "changed" not in client.get(post.get_absolute_url()).text


def test_page_is_at_its_slug_without_byline(client, write):
    write("Colophon", kind="page", slug="colophon", body="Set in Literata.")
    write("An essay")
    text = client.get("/colophon/").text
    assert "Set in Literata." in text
    assert "Ines Marlow</span>" not in text
    assert 'class="dt-published"' not in text
    assert 'rel="prev"' not in text


def test_about_can_be_read_before_it_is_written(client, write, settings):
    settings.SITE_AUTHOR = "Ines Marlow"
    response = client.get("/about/")
    assert response.status_code == 200
    assert "Written by Ines Marlow." in response.text
    assert "Cookie" not in response.headers.get("Vary", "")
    write("Who writes here", kind="page", slug="about")
    text = client.get("/about/").text
    assert "Who writes here" in text
    assert "Written by" not in text


def test_title_in_any_script_has_an_address(client, write):
    post = write("О чтении", published_at=on(2026, 3, 9))
    assert post.path == "2026/03/о-чтении"
    assert client.get(post.get_absolute_url()).status_code == 200
    assert client.get("/2026/03/%D0%BE-%D1%87%D1%82%D0%B5%D0%BD%D0%B8%D0%B8/").status_code == 200


def test_page_has_the_microformats_classes(client, write, say):
    post = write("On margins", standfirst="Why.", published_at=on(2026, 3, 9))
    post.tags.add(Tag.objects.create(name="Reading", slug="reading"))
    say(post)
    page = client.get(post.get_absolute_url())
    for classes, words in {
        "h-entry p-name": "On margins",
        "h-entry p-summary": "Why.",
        "h-entry p-author": "Ines Marlow",
        "h-entry u-url dt-published": "9 March 2026",
        "h-entry e-content": "Room for a note.",
        "h-entry p-category": "Reading",
        "h-entry u-comment p-author": "Lou Barba",
        "h-entry u-comment p-content": "I agree.",
    }.items():
        assert texts(page, classes)[0].strip() == words, classes
    assert 'class="name p-author h-card"' in page.text
    assert "u-comment h-cite" in page.text


# --- What machines read -----------------------------------------------------------------------


@pytest.fixture
def hostile(write, author):
    author.first_name, author.last_name = "</script><b>Ines", '" & Co'
    author.save()
    return write('</script><b> & "x"', slug="x", standfirst="]]> <!-- <script>", body="")


def test_structured_data_cannot_break_out_of_its_script(client, hostile, settings):
    text = client.get(hostile.get_absolute_url()).text
    (script,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
    assert "<" not in script
    data = json.loads(script)
    assert data["@type"] == "BlogPosting"
    assert data["headline"] == '</script><b> & "x"'
    assert data["author"]["name"] == '</script><b>Ines " & Co'
    assert data["description"] == "]]> <!-- <script>"
    assert data["url"] == settings.SITE_URL + hostile.get_absolute_url()
    assert data["datePublished"] == hostile.published_at.isoformat()


def test_title_is_escaped_everywhere(client, hostile):
    text = client.get(hostile.get_absolute_url()).text
    assert "<b>" not in text
    # Its data for search engines, and what keeps a draft of a comment.
    assert text.count("<script") == 2


def test_link_previews_read_title_summary_and_address(client, write, settings):
    settings.SITE_URL = "https://blog.example.org"
    post = write('A "quoted" title', standfirst="Why & how.", published_at=on(2026, 3, 9))
    head = html.fromstring(client.get(post.get_absolute_url()).text).find("head")
    given = {meta.get("property"): meta.get("content") for meta in head.iter("meta")}
    assert given["og:type"] == "article"
    assert given["og:title"] == 'A "quoted" title'
    assert given["og:description"] == "Why & how."
    assert given["og:url"] == "https://blog.example.org/2026/03/a-quoted-title/"
    assert given["article:published_time"] == "2026-03-09T12:00:00+00:00"


def test_the_canonical_address_never_comes_from_the_request(client, write, settings):
    settings.SITE_URL, settings.ALLOWED_HOSTS = "https://blog.example.org", ["*"]
    post = write(published_at=on(2026, 3, 9))
    text = client.get(f"{post.get_absolute_url()}?utm=1", headers={"host": "evil.example"}).text
    assert '<link rel="canonical" href="https://blog.example.org/2026/03/on-margins/">' in text
    assert "evil.example" not in text


# --- Who may see it ---------------------------------------------------------------------------


def hidden(write, how):
    """Return a post readers may not see and the word for that."""
    if how == "draft":
        return write("Hidden", published_at=None), "Draft."
    if how == "scheduled":
        return write("Hidden", published_at=timezone.now() + timedelta(days=1)), "Scheduled."
    post = write("Hidden")
    post.withdraw()
    return post, "Withdrawn."


@pytest.mark.parametrize("how", ["draft", "scheduled", "withdrawn"])
def test_staff_see_drafts_at_their_own_address(staff, write, how):
    post, word = hidden(write, how)
    response = staff.get(post.get_absolute_url())
    assert response.status_code == 200
    assert f"{word} Readers do not see this." in response.text
    assert response["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("how", "status"), [("draft", 404), ("scheduled", 404), ("withdrawn", 410)]
)
def test_readers_get_nothing_of_what_is_not_public(client, write, how, status):
    post, _word = hidden(write, how)
    response = client.get(post.get_absolute_url())
    assert response.status_code == status
    assert "Hidden" not in response.text
    assert "Room for a note" not in response.text


def test_account_without_permission_sees_what_readers_see(write, client):
    post, _word = hidden(write, "draft")
    client.force_login(get_user_model().objects.create_user("guest", is_staff=True))
    assert client.get(post.get_absolute_url()).status_code == 404


def test_a_withdrawn_page_is_called_a_page(client, write):
    page = write("Imprint", kind="page", slug="imprint", withdrawn_at=timezone.now())
    text = client.get(page.get_absolute_url()).text
    assert "This page was withdrawn." in text.partition("<title>")[2].partition("</title>")[0]
    assert "This page was withdrawn." in text.partition("<h1>")[2]
    assert "essay was" not in text


def test_a_withdrawn_essay_says_so_and_leads_on(client, write):
    post, _word = hidden(write, "withdrawn")
    text = client.get(post.get_absolute_url()).text
    assert "This essay was withdrawn." in text
    assert 'href="/archive/"' in text


def test_a_published_essay_carries_no_notice_for_staff(staff, write):
    response = staff.get(write().get_absolute_url())
    assert "Readers do not see this" not in response.text
    assert "no-store" not in response.headers.get("Cache-Control", "")


def test_scheduled_essay_is_public_from_its_time(client, write, monkeypatch):
    due = timezone.now() + timedelta(days=1)
    post = write(published_at=due)
    assert client.get(post.get_absolute_url()).status_code == 404
    monkeypatch.setattr(timezone, "now", lambda: due)
    assert client.get(post.get_absolute_url()).status_code == 200


# --- How it is asked for ----------------------------------------------------------------------


def test_head_gives_what_get_would_without_the_text(client, write):
    url = write().get_absolute_url()
    head, whole = client.head(url), client.get(url)
    assert head.status_code == 200
    assert head.content == b""
    assert head["Content-Length"] == whole["Content-Length"]


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_nothing_but_get_and_head_is_taken(client, write, method):
    write("A page", kind="page", slug="a-page")
    essay = write()
    for url in (essay.get_absolute_url(), "/a-page/", "/"):
        assert getattr(client, method)(url).status_code == 405


def test_a_missing_slash_is_put_there(client, write):
    url = write().get_absolute_url()
    response = client.get(url.rstrip("/"))
    assert response.status_code == 301
    assert response["Location"] == url


@pytest.mark.parametrize(
    "url", ["/2026/13/x/", "/2026/3/x/", "/26/03/x/", "/nothing/", "/a/b/", "/%00/"]
)
def test_an_address_nothing_ever_had_is_a_404(client, write, url):
    write()
    response = client.get(url)
    assert response.status_code == 404
    assert "There is no page here." in response.text


def test_strangers_get_the_same_bytes_and_no_cookie(write, say):
    post = write()
    say(post)
    one, other = (Client().get(post.get_absolute_url()) for _ in range(2))
    assert one.content == other.content
    assert not one.cookies
    assert "Cookie" not in one.headers.get("Vary", "")


def test_a_second_visit_costs_no_text(client, write):
    url = write().get_absolute_url()
    etag = client.get(url)["ETag"]
    response = client.get(url, headers={"if-none-match": etag})
    assert response.status_code == 304
    assert response.content == b""


def test_titles_are_one_line_without_control_characters(write):
    post = write("On\x07\n margins", standfirst="Why\x02 \u202ethey\t are wide.")
    assert post.title == "On margins"
    assert post.standfirst == "Why they are wide."
