"""Headers of every answer: security policy, compression, caching and host."""

import gzip
import re

import brotli
import pytest
import zstandard
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpResponse
from django.test import Client, RequestFactory
from inputs import every

from blog.web.codings import best_coding
from blog.web.middleware import compress
from blog.web.scripts import READERS_SCRIPT, READERS_SOURCE
from blog.web.stylesheet import kept, source_of

POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
DECODE = {
    "br": brotli.decompress,
    "zstd": zstandard.ZstdDecompressor().decompress,
    "gzip": gzip.decompress,
    None: bytes,
}
FOR_READERS = f"{POLICY}; script-src {READERS_SOURCE}; style-src {source_of(kept())}"
TAGS = "/admin/posts/tag/add/"
LONG = "Room for a note. " * 100

pytestmark = pytest.mark.django_db


def get(path="/", codings="", **headers):
    return Client().get(path, headers={"accept-encoding": codings} | headers)


# --- Security ---------------------------------------------------------------------------------


@pytest.fixture(
    params=["page", "essay", "feed", "admin", "static", "redirect", "404", "410", "500"]
)
def answer(request, client, settings, write, monkeypatch):
    """An answer of every sort."""
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = True
    essay = write("Withdrawn" if request.param == "410" else "On margins")
    if request.param == "410":
        essay.withdraw()
    if request.param == "500":
        monkeypatch.setattr("blog.posts.views.Index.get_queryset", None)
        client.raise_request_exception = False
    path, status = {
        "page": ("/", 200),
        "essay": (essay.get_absolute_url(), 200),
        "feed": ("/feed.xml", 200),
        "admin": ("/admin/login/", 200),
        "static": ("/static/css/site.css", 200),
        "redirect": ("/page/1/", 301),
        "404": ("/nowhere/", 404),
        "410": (essay.get_absolute_url(), 410),
        "500": ("/", 500),
    }[request.param]
    response = client.get(path)
    assert response.status_code == status
    yield response
    response.close()


def test_policy_allows_nothing_unsafe_and_one_script(answer):
    admin = answer.wsgi_request.path.startswith("/admin/")
    assert answer["Content-Security-Policy"] == (POLICY if admin else FOR_READERS)


def test_script_in_the_page_matches_the_policy_hash(client, write):
    page = client.get(write().get_absolute_url()).text
    assert re.findall("<script>(.*?)</script>", page, re.DOTALL) == [READERS_SCRIPT]


def test_every_answer_has_the_security_headers(answer):
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]


def assert_its_stylesheet_is_allowed(answer):
    (style,) = re.findall("<style>(.*?)</style>", answer.content.decode(), re.DOTALL)
    assert source_of(style) in answer.headers["Content-Security-Policy"]


FAULTS = {
    404: Http404(),
    403: PermissionDenied(),
    400: SuspiciousOperation(),
    500: ValueError("as any mistake in the code"),
    503: OperationalError("database is locked"),
}


@every("words", [{}, {"name": "Ink & paper"}])
@every("status", FAULTS)
def test_fault_in_the_admin_looks_like_one_elsewhere(status, words, author, monkeypatch):
    """Their pages inline the readers' stylesheet, which the admin's own policy would refuse."""

    def fail(*args, **kwargs):
        raise FAULTS[status]

    monkeypatch.setattr("django.contrib.admin.options.ModelAdmin.has_add_permission", fail)
    client = Client(raise_request_exception=False)
    client.force_login(author)
    answer = client.post(TAGS, words) if words else client.get(TAGS)
    assert answer.status_code == status
    assert_its_stylesheet_is_allowed(answer)


def test_form_that_is_not_trusted_in_the_admin_looks_like_one_elsewhere(author):
    client = Client(enforce_csrf_checks=True)
    client.force_login(author)
    answer = client.post(TAGS, {"name": "Ink & paper"})
    assert answer.status_code == 403
    assert_its_stylesheet_is_allowed(answer)


def test_no_answer_allows_other_origins(answer):
    assert "Access-Control-Allow-Origin" not in answer


def test_pages_may_not_be_framed_even_in_old_browsers(client):
    assert client.get("/")["X-Frame-Options"] == "DENY"
    assert client.get("/admin/login/")["X-Frame-Options"] == "DENY"


def test_only_https_promises_https(settings):
    settings.SECURE_HSTS_SECONDS = 31_536_000
    client = Client()
    assert client.get("/", secure=True)["Strict-Transport-Security"].startswith("max-age=31536000")
    assert "Strict-Transport-Security" not in client.get("/")


def test_a_reader_gets_no_cookie(client, write):
    assert not client.get(write().get_absolute_url()).cookies


def test_caches_may_keep_readers_pages_but_not_writers(client, write):
    path = write().get_absolute_url()
    page = client.get(path)
    assert page["Cache-Control"] == "public, max-age=0, must-revalidate"
    client.cookies["postil_mine"] = "x"
    assert client.get(path)["Cache-Control"] == "private, no-cache"


def test_a_host_that_is_not_ours_is_refused(client, caplog):
    response = client.get("/", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert "evil.example" not in response.text


def test_no_address_in_a_page_follows_the_host_header(client, settings, write):
    settings.ALLOWED_HOSTS = ["*"]
    for path in ("/", write().get_absolute_url(), "/feed.xml", "/sitemap.xml", "/robots.txt"):
        assert "evil.example" not in client.get(path, headers={"host": "evil.example"}).text


# --- Compression ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("codings", "chosen"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0.1, gzip;q=1.0", "gzip"),
        ("zstd, gzip", "zstd"),
        ("*", "br"),
        ("*, br;q=0", "zstd"),
        ("gzip, deflate", "gzip"),
        ("GZIP", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br; q=0.000, gzip", "gzip"),
        ("br;q=0, gzip;q=0", None),
        ("identity", None),
        ("brotli, xgzip", None),
        ("", None),
    ],
)
def test_answer_uses_an_accepted_coding(write, codings, chosen):
    path = write(body=LONG).get_absolute_url()
    plain, coded = get(path), get(path, codings)
    assert coded.headers.get("Content-Encoding") == chosen
    assert DECODE[chosen](coded.content) == plain.content
    assert int(coded["Content-Length"]) == len(coded.content)
    assert plain["Vary"] == coded["Vary"] == "Accept-Encoding"


def test_compression_is_worth_it(write):
    path = write(body=LONG).get_absolute_url()
    assert len(get(path, "br").content) < len(get(path).content) / 2


def test_a_short_answer_is_left_as_it_is():
    assert "Content-Encoding" not in get("/robots.txt", "br")


def test_request_with_a_cookie_is_not_compressed(admin_client, write):
    """The length of a compressed form token could be used to guess it (BREACH)."""
    for path in ("/admin/", write(body=LONG).get_absolute_url()):
        response = admin_client.get(path, headers={"accept-encoding": "br, gzip"})
        assert response.status_code == 200
        assert "Content-Encoding" not in response


def test_answer_setting_a_cookie_is_not_compressed():
    response = get("/admin/login/", "br, gzip")
    assert response.cookies
    assert "Content-Encoding" not in response


def test_encoded_answer_is_not_encoded_again():
    coded = HttpResponse(b"x" * 1000, headers={"Content-Encoding": "zstd"})
    request = RequestFactory().get("/", headers={"accept-encoding": "br"})
    assert compress(lambda _: coded)(request).content == b"x" * 1000


@pytest.mark.parametrize("header", ["", ",", ";", "br;q=", ";q=0", "é", "br" * 10_000, "*;q=0"])
def test_any_accept_encoding_header_is_accepted(header):
    best_coding(header)
    assert get("/", header).status_code == 200


@pytest.mark.parametrize("first", ["br", "gzip", ""])
@pytest.mark.parametrize("again", ["br", "gzip", ""])
def test_unchanged_page_is_304_in_every_coding(write, first, again):
    path = write(body=LONG).get_absolute_url()
    tag = get(path, first)["ETag"]
    assert tag.startswith('W/"')
    response = get(path, again, **{"if-none-match": tag})
    assert response.status_code == 304
    assert response.content == b""
    assert response["ETag"] == tag
    assert response["Vary"] == "Accept-Encoding"


def test_a_changed_page_is_sent_again(write):
    post = write(body=LONG)
    tag = get(post.get_absolute_url(), "br")["ETag"]
    post.body += "More."
    post.save()
    assert get(post.get_absolute_url(), "br", **{"if-none-match": tag}).status_code == 200
