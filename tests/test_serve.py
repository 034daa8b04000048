"""`manage.py serve` in an empty folder makes a running site."""

import http.cookiejar
import json
import re
import signal
import sys
import urllib.error
import urllib.parse
import urllib.request
from types import SimpleNamespace

import brotli
import prepared
import pytest
from backups import site_in
from django.core.management import call_command
from server import PATIENCE, free_port

from blog import program
from blog.management.commands import serve

PASSWORD = re.compile(r"Password +(\S+)")

# All of it shares one site, so all of it runs in one process.
pytestmark = pytest.mark.server


@pytest.fixture(autouse=True)
def _signals_as_ever():
    """Have a `serve` that this process was asked for leave its signals alone."""
    was = signal.getsignal(signal.SIGHUP)
    yield
    signal.signal(signal.SIGHUP, was)


@pytest.fixture
def _never_served(monkeypatch):
    """Have a `serve` that goes on where it should not fail its test, and not run for ever."""
    monkeypatch.setattr(serve, "Server", lambda *_, **__: pytest.fail("it serves"))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A site that was started, stopped, started again, and now runs; with what was seen."""
    site, site.first = prepared.begun(tmp_path_factory.mktemp("site"))
    site.second_words = site.start()
    site.password = PASSWORD.search(site.first.said)[1]
    yield site
    site.stop(signal.SIGTERM)


def fetch(url, **headers):
    request = urllib.request.Request(url, headers=headers)
    try:
        response = urllib.request.urlopen(request, timeout=PATIENCE)
    except urllib.error.HTTPError as error:
        response = error
    with response:
        return SimpleNamespace(
            status=response.status, headers=response.headers, body=response.read()
        )


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/", 200, "Room in the margin"),
        ("/2026/11/room-in-the-margin/", 200, "Henrik Aas"),
        ("/search/?q=quince", 200, "<mark>quince</mark>"),
        ("/feed.xml", 200, "<rss"),
        ("/admin/login/", 200, "csrfmiddlewaretoken"),
        ("/nowhere/", 404, "There is no page here."),
    ],
)
def test_site_answers(site, path, status, words):
    answer = fetch(site.url + path)
    assert answer.status == status
    assert words in answer.body.decode()


def test_serve_prints_its_addresses(site):
    assert f"Read     {site.first.url}/\n" in site.first.said
    assert f"Write    {site.first.url}/admin/\n" in site.first.said


def test_first_password_is_shown_once(site):
    assert len(PASSWORD.findall(site.first.said)) == 1
    assert len(site.password) >= 12
    assert "assword" not in site.second_words
    assert site.password not in site.second_words


def test_the_password_opens_the_admin(site):
    cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    browser = urllib.request.build_opener(cookies)
    address = f"{site.url}/admin/login/?next=/admin/"
    with browser.open(address, timeout=PATIENCE) as page:
        token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page.read().decode())[1]
    form = {"username": "admin", "password": site.password, "csrfmiddlewaretoken": token}
    request = urllib.request.Request(address, urllib.parse.urlencode(form).encode())
    with browser.open(request, timeout=PATIENCE) as page:
        assert page.url == f"{site.url}/admin/"
        assert "Essays and pages" in page.read().decode()


def test_serve_records_its_address_while_running(site):
    (path,) = (site.data / "serving").iterdir()
    assert path.stem == str(site.server.pid)
    assert json.loads(path.read_text())["port"] == site.port


def test_a_second_start_keeps_everything(site):
    assert len(site.first.kept["posts"]) == 9
    assert json.loads(json.dumps(site.kept())) == site.first.kept


def test_a_second_start_loads_no_demo(site):
    assert "Loading the demo" in site.first.said
    assert "Loading the demo" not in site.second_words


def test_a_second_start_compresses_nothing_again(site):
    assert "Collecting static files" in site.first.said
    assert "Collecting static files" not in site.second_words


@pytest.mark.usefixtures("_never_served")
def test_taken_port_is_reported_in_one_sentence(site, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["manage.py", "serve", f"--port={site.port}"])
    with pytest.raises(SystemExit) as ended:
        program.main()
    assert ended.value.code == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert re.fullmatch(
        rf"CommandError: Cannot listen on 127\.0\.0\.1, port {site.port}: .+ PORT=\d+\n", said.err
    )


def test_static_files_are_cached_under_hashed_names(site):
    page = fetch(f"{site.url}/2026/11/room-in-the-margin/").body.decode()
    page += fetch(f"{site.url}/admin/login/").body.decode()
    names = re.findall(r'"(/static/[^"]+\.[0-9a-f]{12}\.(?:js|svg|css))"', page)
    assert {name.rpartition(".")[2] for name in names} == {"js", "svg", "css"}
    for name in names:
        kept = fetch(site.url + name).headers["Cache-Control"]
        assert "immutable" in kept
        assert int(re.search(r"max-age=(\d+)", kept)[1]) >= 31_536_000


def test_files_travel_compressed_by_brotli(site):
    page = fetch(f"{site.url}/admin/login/").body.decode()
    name = re.search(r'"(/static/css/site-admin[^"]+)"', page)[1]
    answer = fetch(site.url + name, **{"Accept-Encoding": "gzip, br"})
    assert answer.headers["Content-Encoding"] == "br"
    assert answer.headers["Content-Type"] == 'text/css; charset="utf-8"'
    assert b"--primary" in brotli.decompress(answer.body)


def test_pages_travel_compressed_by_brotli(site):
    answer = fetch(f"{site.url}/", **{"Accept-Encoding": "gzip, br"})
    assert answer.headers["Content-Encoding"] == "br"
    assert b"Room in the margin" in brotli.decompress(answer.body)


def test_only_its_owner_may_read_the_secret(site):
    assert (site.data / "secret_key").stat().st_mode & 0o077 == 0


@pytest.mark.usefixtures("_never_served")
def test_uncollectable_static_files_prevent_start(tmp_path, settings, capfd, django_db_blocker):
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATIC_ROOT.write_text("not a folder")
    new = site_in(tmp_path / "data", migrated=True)
    with django_db_blocker.unblock(), new, pytest.raises(SystemExit) as ended:
        call_command("serve", port=free_port())
    assert ended.value.code == 1
    said = capfd.readouterr()
    assert "Postil is running" not in said.out
    assert f"Not a directory: '{settings.STATIC_ROOT}" in said.err
