"""`manage.py serve` in an empty folder makes a running site."""

import http.cookiejar
import json
import re
import signal
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from types import SimpleNamespace

import brotli
import prepared
import pytest
from server import PATIENCE, Site

PASSWORD = re.compile(r"Password +(\S+)")

# All of it shares one site, so all of it runs in one process.
pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A site that was started, stopped, started again, and now runs; with what was seen."""
    site = Site(tmp_path_factory.mktemp("site"))
    site.first_words, site.kept_at_first = site.start(), site.kept()
    site.end = site.stop(signal.SIGINT)
    site.second_words = site.start()
    site.password = PASSWORD.search(site.first_words)[1]
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
    assert f"Read     {site.url}/\n" in site.first_words
    assert f"Write    {site.url}/admin/\n" in site.first_words


def test_first_password_is_shown_once(site):
    assert len(PASSWORD.findall(site.first_words)) == 1
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


def test_ctrl_c_ends_it_at_once_and_cleanly(site):
    assert site.end.code == 0
    assert site.end.took < 10
    assert "Traceback" not in site.end.said


def test_serve_records_its_address_while_running(site):
    (path,) = (site.data / "serving").iterdir()
    assert path.stem == str(site.server.pid)
    assert json.loads(path.read_text())["port"] == site.port


def test_a_second_start_keeps_everything(site):
    assert len(site.kept_at_first["posts"]) == 9
    assert site.kept() == site.kept_at_first


def test_a_second_start_loads_no_demo(site):
    assert "Loading the demo" in site.first_words
    assert "Loading the demo" not in site.second_words


def test_a_second_start_compresses_nothing_again(site):
    assert "Collecting static files" in site.first_words
    assert "Collecting static files" not in site.second_words


def test_taken_port_is_reported_in_one_sentence(site):
    run = subprocess.run(**site.command("serve"), capture_output=True, text=True, timeout=PATIENCE)
    assert run.returncode == 1
    assert run.stdout == ""
    assert re.fullmatch(
        rf"CommandError: Cannot listen on 127\.0\.0\.1, port {site.port}: .+ PORT=\d+\n", run.stderr
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


def test_uncollectable_static_files_prevent_start(tmp_path):
    site = prepared.migrated(tmp_path)
    (site.data / "static").write_text("not a folder")
    run = subprocess.run(**site.command("serve"), capture_output=True, text=True, timeout=PATIENCE)
    assert run.returncode == 1
    assert "Postil is running" not in run.stdout
    assert f"Not a directory: '{site.data}/static" in run.stderr
