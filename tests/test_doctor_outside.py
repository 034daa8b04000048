"""`manage.py doctor` asks the site from outside: proxy, port, certificate and redirect."""

import contextlib
import http.server
import json
import os
import socket
import ssl
import threading
from datetime import timedelta

import pytest
from django.utils import timezone
from inputs import every
from test_doctor import levels, the

from blog.lib.env import parse_networks
from blog.ops import serving
from blog.ops.doctor import BROKEN, LOOK, OK, here, outside
from blog.ops.health import doctors_word, is_doctor, with_health

# --- From outside -----------------------------------------------------------------------------


def test_only_the_doctor_sees_how_a_request_arrived(monkeypatch):
    def body(word):
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/healthz", "wsgi.url_scheme": "http"}
        environ["HTTP_X_POSTIL_DOCTOR"] = word
        return b"".join(with_health(None, lambda: True)(environ, lambda *_: None))

    word = doctors_word()
    assert json.loads(body(word))["scheme"] == "http"
    assert body("doctor:abc:def") == body(word + "x") == body("") == b"OK\n"
    now = here.timezone.now().timestamp()
    monkeypatch.setattr("django.core.signing.time.time", lambda: now + 61)
    assert not is_doctor(word)


@contextlib.contextmanager
def front(handle, certificate=None):
    """Run a web server in place of a proxy; `handle` sends its answers."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            handle(self)

        def log_message(self, *_words):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        certificate.configure_cert(context)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def proxy(settings, **changes):
    """Hand requests on to the site, with these headers changed, as a proxy would."""
    changes = {name.upper(): value for name, value in changes.items()}

    def handle(request):
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": request.path, "wsgi.url_scheme": "http"}
        environ["REMOTE_ADDR"] = "127.0.0.1"
        for name, value in request.headers.items():
            environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
        started = []
        body = b"".join(
            with_health(None, lambda: True)(environ | changes, lambda *head: started.extend(head))
        )
        request.send_response(int(started[0][:3]))
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return handle


FORWARDS = {"http_x_forwarded_for": "192.0.2.1, 198.51.100.7"}


def test_correct_proxy_is_reported(settings):
    settings.TRUSTED_PROXIES = parse_networks("127.0.0.1")
    with front(proxy(settings, **FORWARDS)) as port:
        settings.SITE_URL = f"http://127.0.0.1:{port}"
        assert set(levels(outside.site())) == {OK}


@every(
    ("trusted", "changes", "words"),
    [
        ("10.0.0.1", FORWARDS, "Set TRUSTED_PROXIES=127.0.0.1"),
        ("127.0.0.1", FORWARDS | {"http_x_forwarded_proto": "https"}, "the site sees https"),
        ("127.0.0.1", {}, "believes whatever address"),
        ("127.0.0.1", FORWARDS | {"http_host": "backend:8000"}, "the site hears backend:8000"),
    ],
)
def test_proxy_mistakes_are_reported(settings, trusted, changes, words):
    settings.TRUSTED_PROXIES = parse_networks(trusted)
    with front(proxy(settings, **changes)) as port:
        settings.SITE_URL = f"http://127.0.0.1:{port}"
        assert words in the(outside.site, BROKEN)


@pytest.fixture
def served(settings, tmp_path):
    """Write down that this process serves the site at a port."""
    settings.DATA_DIR = tmp_path

    def served(port, pid=None, host="127.0.0.1", since=None):
        (tmp_path / "serving").mkdir(exist_ok=True)
        since = serving.began(os.getpid()) if since is None else since
        entry = {"since": since, "host": host, "port": port}
        (tmp_path / f"serving/{pid or os.getpid()}.json").write_text(json.dumps(entry))

    return served


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "localhost"])
def test_running_site_is_found_at_its_port(settings, served, host):
    settings.PORT, settings.SITE_URL = 8000, "http://127.0.0.1:8000"
    with front(proxy(settings)) as port:
        served(port, host=host)
        found = list(outside.site())
    assert levels(found) == [OK, OK, LOOK]
    assert f":{port} leads here" in found[0].said
    assert found[2].todo == "Set PORT or SITE_URL, and restart the site."


def test_reachable_site_is_not_searched_elsewhere(settings, served):
    with front(proxy(settings)) as port:
        settings.PORT, settings.SITE_URL = port, f"http://127.0.0.1:{port}"
        served(port)
        assert set(levels(outside.site())) == {OK}


@pytest.mark.parametrize(
    "gone", [{"pid": 2**22 - 1}, {"since": 1}, {"port": "x"}, {"port": None}, {"pid": "x"}]
)
def test_killed_site_is_not_searched(settings, served, gone):
    settings.PORT, settings.SITE_URL = 1, "http://127.0.0.1:1"
    served(**({"port": 2} | gone))
    assert "Nobody answers at http://127.0.0.1:1" in the(outside.site, BROKEN)


def test_failing_proxy_report_says_where_the_site_is(settings, served):
    settings.SITE_URL = "https://127.0.0.1:1"
    served(8005)
    assert "The site runs at http://127.0.0.1:8005" in the(outside.site, BROKEN)


def test_each_serve_on_one_folder_is_known(settings, served, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        mine = listener.getsockname()
        served(1, since=serving.began(os.getppid()), pid=os.getppid())
        served(2, since=0, pid=os.getppid() + 1)
        with serving.written_down(listener):
            assert serving.addresses() == [("127.0.0.1", 1), mine]
        assert serving.addresses() == [("127.0.0.1", 1)]
        assert len(list((tmp_path / "serving").iterdir())) == 1, "what is stale was taken away"


def test_other_site_at_this_address_is_reported(settings):
    def other(request):
        request.send_response(404)
        request.end_headers()

    with front(other) as port:
        settings.SITE_URL = f"http://127.0.0.1:{port}"
        assert "something else answers, with 404" in the(outside.site, BROKEN)


def test_silent_server_is_reported_in_time(settings, monkeypatch):
    monkeypatch.setattr(outside, "STEP", 0.2)
    go_on = threading.Event()
    with front(lambda _request: go_on.wait()) as port:
        settings.SITE_URL = f"http://127.0.0.1:{port}"
        assert "Nobody answers" in the(outside.site, BROKEN)
        go_on.set()


def test_untrusted_certificate_is_reported(settings):
    trustme = pytest.importorskip("trustme")
    certificate = trustme.CA().issue_cert("127.0.0.1")
    with front(proxy(settings), certificate) as port:
        settings.SITE_URL = f"https://127.0.0.1:{port}"
        assert "cannot be trusted" in the(outside.site, BROKEN)


def test_days_left_of_a_certificate_are_reported(settings, monkeypatch, tmp_path):
    trustme = pytest.importorskip("trustme")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    settings.TRUSTED_PROXIES = parse_networks("127.0.0.1")
    for days, level in ((9, LOOK), (30, OK)):
        ends = timezone.now() + timedelta(days=days, hours=1)
        certificate = authority.issue_cert("127.0.0.1", not_after=ends)
        good = proxy(settings, http_x_forwarded_proto="https", **FORWARDS)
        with front(good, certificate) as port:
            settings.SITE_URL = f"https://127.0.0.1:{port}"
            assert f"{days} days" in the(outside.site, level)


@every(
    ("status", "to", "level"),
    [(301, "https://127.0.0.1/", OK), (200, "", BROKEN), (302, "https://evil.example/", BROKEN)],
)
def test_redirect_from_http_to_https_is_reported(status, to, level):
    def handle(request):
        request.send_response(status)
        request.send_header("Location", to)
        request.end_headers()

    with front(handle) as port:
        # The port only says where the trial listens.
        assert outside.redirect("127.0.0.1", port).level == level
    assert outside.redirect("127.0.0.1", port).level == LOOK
