"""Each request has an id, and optionally a line in the log without personal data."""

import json
import logging
import re
from collections import namedtuple

import pytest
from django.utils import timezone
from inputs import every
from trial_jobs import fail

from blog.jobs.models import Job
from blog.jobs.worker import Worker
from blog.lib.env import parse_networks
from blog.lib.logs import JsonFormatter, TextFormatter
from blog.ops import request_log
from blog.ops.request_log import Identified, Watched, log_json, log_text, shown
from blog.pages.cache import PageCache
from blog.pages.generation import Freshness

MADE = re.compile("[0-9a-f]{16}")
Answer = namedtuple("Answer", "status headers body")


def page(environ, start_response):
    start_response("200 OK", [("Cache-Control", "public, max-age=0, must-revalidate")])
    return [b"A page."]


def ask(application, path="/somewhere/", **more):
    said = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "HTTP_HOST": "here"} | more
    environ |= {"wsgi.url_scheme": "http", "REMOTE_ADDR": more.get("REMOTE_ADDR", "192.0.2.7")}
    body = b"".join(application(environ, lambda *head: said.extend(head)))
    return Answer(said[0], said[1], body)


def id_in(answer):
    found = [value for name, value in answer.headers if name == "X-Request-ID"]
    assert len(found) == 1
    return found[0]


@pytest.fixture
def lines(monkeypatch):
    """What is written to the log's place, as it would be."""
    written = []
    monkeypatch.setattr(request_log.os, "write", lambda _file, line: written.append(line.decode()))
    return written


@pytest.fixture
def kept(tmp_path):
    """An application behind pages from memory, as in blog/wsgi.py."""
    fresh = Freshness(tmp_path / "pages")
    return PageCache(Identified(page), fresh=fresh, turns=lambda: (None, None), room=2**20)


# --- Ids --------------------------------------------------------------------------------------


def test_each_request_has_an_id_of_its_own():
    ids = {id_in(ask(Identified(page))) for _ in range(100)}
    assert len(ids) == 100
    assert all(map(MADE.fullmatch, ids))


@every("given", ["0b5f6c1e-7a52-4c0e-9d1b-2f3a4b5c6d7e", "a" * 32, "01JDGZ7Q2T6Y3V", "x" * 64])
def test_a_proxy_of_ours_names_it(settings, given):
    settings.TRUSTED_PROXIES = parse_networks("127.0.0.1")
    answer = ask(Identified(page), REMOTE_ADDR="127.0.0.1", HTTP_X_REQUEST_ID=given)
    assert id_in(answer) == given


@every("given", ["", "short", "x" * 65, "a b c d e f", "abcdefgh\n", "é" * 9])
def test_not_by_what_could_mean_something_elsewhere(settings, given):
    settings.TRUSTED_PROXIES = parse_networks("127.0.0.1")
    answer = ask(Identified(page), REMOTE_ADDR="127.0.0.1", HTTP_X_REQUEST_ID=given)
    assert MADE.fullmatch(id_in(answer))


def test_nobody_else_names_it():
    assert MADE.fullmatch(id_in(ask(Identified(page), HTTP_X_REQUEST_ID="a" * 32)))


def test_a_page_from_memory_has_nobody_elses_id(kept):
    for _ in range(2):
        answer = ask(kept)
        assert answer.body == b"A page."
        assert "X-Request-ID" not in dict(answer.headers)
    watched = Watched(kept, lambda *line: None)
    assert id_in(ask(watched)) != id_in(ask(watched))


def test_error_page_shows_its_log_id(tmp_path):
    def broken(environ, start_response):
        start_response("500 Internal Server Error", [])
        return [b"Sorry."]

    cache = PageCache(
        Identified(broken), fresh=Freshness(tmp_path / "p"), turns=lambda: (None, None), room=2**20
    )
    assert MADE.fullmatch(id_in(ask(cache)))
    assert MADE.fullmatch(id_in(ask(Watched(cache, lambda *line: None))))


# --- A line a request -------------------------------------------------------------------------


def test_log_line_has_request_and_origin(kept, lines):
    watched = Watched(kept, log_text)
    ids = [id_in(ask(watched)), id_in(ask(watched, HTTP_USER_AGENT="Browser"))]
    assert [re.sub(r"^\S+Z |[\d.]+ ms", "", line) for line in lines] == [
        f"request {ids[0]} GET /somewhere/ 200 7 B  made\n",
        f"request {ids[1]} GET /somewhere/ 200 7 B  memory\n",
    ]


def test_a_line_of_json_says_the_same(kept, lines):
    name = id_in(ask(Watched(kept, log_json)))
    said = json.loads(lines[0])
    assert lines[0].count("\n") == 1
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", said.pop("time"))
    assert said.pop("ms") >= 0
    assert said == {
        "level": "info",
        "logger": "request",
        "request": name,
        "method": "GET",
        "path": "/somewhere/",
        "status": 200,
        "bytes": 7,
        "from": "made",
    }


def test_a_line_says_nothing_of_who_asks(lines):
    personal = {
        "REMOTE_ADDR": "192.0.2.77",
        "HTTP_X_FORWARDED_FOR": "192.0.2.78",
        "QUERY_STRING": "q=secret",
        "HTTP_COOKIE": "postil_session=secret",
        "HTTP_USER_AGENT": "Secret",
        "HTTP_REFERER": "http://secret/",
        "HTTP_AUTHORIZATION": "Basic secret",
    }
    for log in (log_text, log_json):
        ask(Watched(page, log), **personal)
    assert len(lines) == 2
    assert not re.search(r"192\.0|secret", "".join(lines), re.IGNORECASE)


@every(
    ("path", "expected"),
    [
        ("/2026/11/on-margins/", "/2026/11/on-margins/"),
        ("/comments/mail/judge/MTI:abc/", "/comments/mail/judge/..."),
        ("/webmention/MTI:abc/", "/webmention/..."),
        ("/webmention/", "/webmention/"),
        ("/draft/abc-DEF_1/", "/draft/..."),
        ("/admin/invitation/1-abc/", "/admin/invitation/..."),
        ("/desk/new-password/1.a-b/", "/desk/new-password/..."),
        ("/admin/let-in/abc:1/", "/admin/let-in/..."),
        ("/to/lou@example.org/", "/to/.../"),
        ("/two\nlines 200", "/two%0Alines%20200"),
        ('/quoted"\\', "/quoted%22%5C"),
        ("/\x1b[2J\x00\x7f", "/%1B[2J%00%7F"),
        ("/sch\xc3\xb6n/", "/sch%C3%B6n/"),
        ("/\u2028", "/?"),
        ("/" + "x" * 8000, "/" + "x" * 299),
    ],
)
def test_logged_path_hides_secrets_and_line_breaks(path, expected):
    assert shown(path) == expected


def test_a_method_nobody_knows_is_not_repeated(lines):
    ask(Watched(page, log_text), REQUEST_METHOD="GET / 200 FAKE\n")
    assert " ? /somewhere/ 200 " in lines[0]


def test_failing_log_fails_no_request(monkeypatch):
    def full(*_given):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(request_log.os, "write", full)
    assert ask(Watched(page, log_text)).status == "200 OK"


def test_unhandled_error_is_logged_too(lines):
    def broken(*_request):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ask(Watched(broken, log_text))
    assert " 500 0 B " in lines[0]


# --- Other lines ------------------------------------------------------------------------------


def record(message, *given, failed=None):
    failed = failed and (type(failed), failed, None)
    return logging.LogRecord("blog.x", logging.ERROR, "", 1, message, given, failed)


class Keeper(logging.Handler):
    """Keeps lines as they would be written."""

    def __init__(self, formatter):
        super().__init__()
        self.setFormatter(formatter)
        self.lines = []

    def emit(self, record):
        self.lines.append(self.format(record))


@pytest.fixture(params=[TextFormatter, JsonFormatter])
def logged(request):
    """The lines that the program writes meanwhile."""
    keeper = Keeper(request.param())
    logging.getLogger().addHandler(keeper)
    yield keeper.lines
    logging.getLogger().removeHandler(keeper)


def test_an_error_says_in_which_request_it_was(logged):
    def broken(environ, start_response):
        logging.getLogger("blog.x").error("It broke.")
        return page(environ, start_response)

    for application in (Identified(broken), Watched(Identified(broken), lambda *line: None)):
        assert id_in(ask(application)) in logged[-1]
    logging.getLogger("blog.x").error("It broke.")
    assert "request" not in logged[-1]


@pytest.mark.django_db
def test_a_worker_says_in_which_job_it_was(logged, monkeypatch):
    monkeypatch.setattr("blog.jobs.worker.connections.close_all", lambda: None)
    fail.enqueue()
    job = Job.objects.claim("harrow", timezone.now())
    Worker().perform(job)
    assert len(logged) == 1
    assert str(job.pk) in logged[0]


def test_visitor_text_stays_on_its_log_line():
    text = TextFormatter().format(record("asked for %s", "x\r\nERROR blog: fake\x1b[2J\u2028"))
    assert text == r"ERROR blog.x: asked for x\r\nERROR blog: fake\x1b[2J\u2028"
    assert TextFormatter().format(record("It broke", failed=ValueError("a\nERROR b: c"))) == (
        "ERROR blog.x: It broke\n    ValueError: a\n    ERROR b: c"
    )
    line = JsonFormatter().format(record("asked for %s", "x\nfake", failed=ValueError("a\nb")))
    assert "\n" not in line
    assert json.loads(line)["traceback"] == "ValueError: a\nb"
