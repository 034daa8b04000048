"""Every answer of every view is private, unless it is marked as the same for all.

The walk takes its addresses from the URL patterns, so that a new view is looked at by itself; a
pattern that needs an example of its own has to be given one in EXAMPLES.
"""

import re

import pytest
from conftest import on
from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import HttpResponse
from django.template.response import SimpleTemplateResponse
from django.test import Client, RequestFactory
from django.urls import URLResolver, get_resolver
from django.urls.resolvers import RegexPattern

from blog.lib.database import away
from blog.ops.health import with_health
from blog.ops.metrics import with_metrics
from blog.posts.models import Post, SharedDraft, Text
from blog.web.cache_control import FOR_ALL, FOR_ONE
from blog.web.errors import REFUSALS
from blog.web.limits import BUSY, REFUSED
from blog.web.middleware import private_by_default
from comments.browser import COOKIE
from comments.models import DraftNote

pytestmark = pytest.mark.django_db

IMAGE = f"{'0' * 32}-1x1.png"
FOR_EVER = "public, max-age=31536000, immutable"
# Examples for the converters and regular expressions in URL patterns.
CONVERTERS = {"int": "1", "path": "1", "str": "x", "year": "2026", "month": "11", "": "1"}
EXAMPLES = {
    "": "",
    "(?P<url>.*)$": "nowhere",
    "^(?P<app_label>": "posts/",
    "^feed/(?:rss2?/|atom/)?$": "feed/",
    **{
        rf"{of}comments/{part}{re.escape(file)}$": f"{path}comments/{number}{file}"
        for of, path in (("^", ""), ("/", "{essay}"))
        for part, number in (("", ""), ("page/(?P<page>[0-9]{1,5})/", "page/1/"))
        for file in ("feed.xml", "atom.xml", "feed.json")
    },
    "comments/$": "{essay}comments/",
    "notes/$": "{essay}notes/",
    "notes/hidden/$": "{essay}notes/hidden/",
    "comments/(?P<number>[0-9]{1,6})/$": "{essay}comments/1/",
    "^media/": f"media/{IMAGE}",
}
# Views whose pages are the same for all. A new one is added here.
SAME_FOR_ALL = set(
    "index tag tag-rss tag-atom tag-json rss atom json sitemap search archive tags feeds year month"
    " essay page opensearch robots.txt thread comments-rss comments-atom comments-json"
    " post-comments-rss post-comments-atom post-comments-json author-rss author-atom"
    " author-json author note without-notes".split()
)


def patterns(resolver, before=""):
    """Yield the address of each view, as written in the patterns, and its name."""
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            yield from patterns(each, before + str(each.pattern))
        else:
            yield before + example(each.pattern), each.name or str(each.pattern)


def example(pattern):
    """Return an address that a pattern fits."""
    route = str(pattern)
    if isinstance(pattern, RegexPattern):
        found = [it for ending, it in EXAMPLES.items() if ending and ending in route]
        assert found, f"EXAMPLES has none for {route}"
        return max(found, key=len)
    return re.sub(r"<(?:(\w+):)?(\w+)>", lambda part: word(part[1] or "", part[2]), route)


def word(converter, name):
    return "{slug}" if converter == "uslug" else CONVERTERS[converter]


@pytest.fixture
def addresses(write, say, settings, tmp_path):
    """Return every view's address, by its name; most of what they name is there."""
    settings.MEDIA_ROOT = tmp_path
    default_storage.save(IMAGE, ContentFile(b"x"))
    post = write(published_at=on(2026, 11))
    post.tags.create(name=post.slug, slug=post.slug)
    say(post)
    given = {"essay": post.get_absolute_url().lstrip("/"), "slug": post.slug}
    return [("/" + it.format(**given), name) for it, name in patterns(get_resolver())]


@pytest.fixture
def shared(write):
    """A draft at the address that the walk has for one; all who have its link see its notes."""
    draft = write("Shared", published_at=None)
    SharedDraft.objects.share(draft, Text.of(draft), draft.body_html, by=draft.author)
    SharedDraft.objects.update(token="x", notes="all")
    DraftNote.objects.create(post=draft, name="Lou", body="Words.", passage="Words")


def judge(response, known=False):
    """Return what is wrong with the cache headers of an answer, or ""."""
    said = response.headers.get("Cache-Control", "")
    parts = {part.strip() for part in said.split(",")}
    if {"private", "no-store"} <= parts:
        return ""
    if said == FOR_ONE:
        return "" if known else "for one person without being marked for all"
    if said not in (FOR_ALL, FOR_EVER):
        return f"neither private nor marked: {said!r}"
    if known and said != FOR_EVER:
        return "public, though the request says who asks"
    return "public with a cookie" if response.cookies else ""


METHODS = "get head post options".split()


def walk(client, addresses, methods, known=False):
    """Ask each view; return what is wrong, and which views marked a page for all."""
    wrong, marked = [], set()
    client.raise_request_exception = False
    for path, name in addresses:
        for method in methods:
            response = getattr(client, method)(path)
            if fault := judge(response, known):
                wrong.append(f"{method} {path} ({name}), {response.status_code}: {fault}")
            if response.status_code == 200 and response.headers["Cache-Control"] == FOR_ALL:
                marked.add(name)
            b"".join(response)  # which closes a file; closing by hand would close the database too
            if not known:
                client.cookies.clear()  # each is asked by a stranger
    return wrong, marked


def test_every_view_marks_whether_answers_are_shared(addresses, shared):
    wrong, marked = walk(Client(), addresses, METHODS)
    print(f"\n{len(addresses)} views, {len(METHODS)} methods; the same for all: {sorted(marked)}")
    assert wrong == []
    assert marked <= SAME_FOR_ALL
    assert len(addresses) > 120


def test_identified_visitor_gets_no_shared_answer(addresses, shared):
    reader = Client()
    reader.cookies[COOKIE] = "x"
    pages = [each for each in addresses if not each[0].startswith("/admin/")]
    assert walk(reader, pages, ["get", "head"], known=True)[0] == []


@pytest.fixture
def only_answers(monkeypatch):
    """Draw no page of the admin: who is let in, and what the headers say, is decided before."""
    monkeypatch.setattr(SimpleTemplateResponse, "rendered_content", "")


@pytest.mark.usefixtures("only_answers")
def test_admin_answers_are_not_stored(addresses, admin_user):
    staff = Client()
    staff.force_login(admin_user)
    assert walk(staff, addresses, ["get"], known=True)[0] == []


# --- Errors -------------------------------------------------------------------------------------


@pytest.fixture
def post(write):
    return write()


def no_host(client):
    return client.get("/", headers={"host": "evil.example"})


def no_token(_client):
    return Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "x"})


def no_right(client):
    client.force_login(get_user_model().objects.create_user("guest", is_staff=True))
    return client.get("/admin/auth/user/")


def wrong_form(client):
    return client.post(f"{Post.objects.get().get_absolute_url()}comments/", {"token": "x"})


FAULTS = {
    "400 host": (no_host, 400),
    "400 form": (wrong_form, 400),
    "403 token": (no_token, 403),
    "403 right": (no_right, 403),
    "404": (lambda client: client.get("/comments/999/edit/"), 404),
    "405": (lambda client: client.post("/"), 405),
    "503 busy": (lambda client: client.post("/x/", {"body": "Words."}, **{BUSY: True}), 503),
} | {
    f"{status} refused": (
        lambda client, status=status: client.get("/", **{REFUSED: status}),
        status,
    )
    for status in REFUSALS
}


@pytest.mark.parametrize("fault", FAULTS)
def test_refusals_and_errors_are_private(client, post, fault):
    ask, status = FAULTS[fault]
    response = ask(client)
    assert response.status_code == status
    assert judge(response) == ""
    assert (response["Cache-Control"] == FOR_ALL) == (status == 404)


def test_an_error_of_ours_is_private(client, monkeypatch):
    monkeypatch.setattr("blog.posts.views.Index.get_queryset", None)
    client.raise_request_exception = False
    response = client.get("/")
    assert response.status_code == 500
    assert response["Cache-Control"] == "private, no-store"


def test_that_the_database_is_away_is_private(client):
    away.set()
    try:
        response = client.get("/")
    finally:
        away.clear()
    assert (response.status_code, judge(response)) == (503, "")


def test_rate_limit_answer_is_private(send, settings):
    settings.COMMENT_RATE_PER_NETWORK = (1, 60)
    send(body="One thing.")
    response = send(body="Quite another.")
    assert response.status_code == 429
    assert response["Cache-Control"] == "private, no-store"


def test_a_preview_is_private(send):
    assert send(preview="1")["Cache-Control"] == "private, no-store"


def test_a_withdrawn_essay_is_gone_for_all(client, post):
    post.withdraw()
    response = client.get(post.get_absolute_url())
    assert (response.status_code, response["Cache-Control"]) == (410, FOR_ALL)


@pytest.mark.parametrize("path", ["/page/1/", "/feed/", "/archive"])
def test_lasting_redirects_are_the_same_for_all(client, path):
    response = client.get(path)
    assert (response.status_code, response["Cache-Control"]) == (301, FOR_ALL)


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_machine_endpoints_are_private(settings, path):
    settings.METRICS_TOKEN = "x" * 16
    said = []
    app = with_metrics(with_health(None, lambda: True))
    environ = RequestFactory().get(path).environ
    app(environ, lambda status, headers: said.extend(headers))
    assert dict(said)["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("said", ["", "no-store", "no-cache", "private", "max-age=60"])
def test_a_view_that_says_too_little_is_private(rf, said):
    headers = {"Cache-Control": said} if said else {}
    view = private_by_default(lambda request: HttpResponse("Words.", headers=headers))
    assert view(rf.get("/"))["Cache-Control"] == "private, no-store"
