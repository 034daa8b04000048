"""`manage.py doctor` looks at all a site needs: it says what to do, never hangs, never breaks."""

import contextlib
import http.server
import json
import os
import signal
import socket
import ssl
import subprocess
import threading
from datetime import timedelta

import prepared
import pytest
from django.utils import timezone
from smtp_server import mail_server
from trial_jobs import fail

from blog import serving
from blog.health import doctors_word, is_doctor, with_health
from blog.jobs.models import FAILED, SILENT, Job, Sign
from blog.management.doctor import BROKEN, LOOK, OK, Finding, examine, here, outside
from blog.settings import parse_networks
from blog.transfer.places import new_name


def levels(found):
    return [finding.level for finding in found]


def the(check, level):
    """Return what is said at this level by a check, with what to do, in one text."""
    found = [finding for finding in check() if finding.level == level]
    assert found, list(check())
    assert all(finding.todo for finding in found if level != OK)
    return " ".join(f"{finding.said} {finding.todo}" for finding in found)


# --- As a whole -------------------------------------------------------------------------------


def test_a_check_that_hangs_or_fails_holds_up_no_other():
    go_on = threading.Event()

    def fails():
        yield Finding("second", OK, "First it works.")
        raise ZeroDivisionError("by\nzero")

    found = examine(
        {
            "first": lambda: [go_on.wait()],
            "second": fails,
            "third": lambda: [Finding("third", OK, "Fine.")],
        },
        patience=0.2,
    )
    go_on.set()
    assert [finding[:2] for finding in found] == [
        ("first", BROKEN),
        ("second", OK),
        ("second", BROKEN),
        ("third", OK),
    ]
    assert found[2].said == "Could not be looked at: ZeroDivisionError: by zero."


def doctor(site, *arguments):
    site.settings["DJANGO_ALLOW_ASYNC_UNSAFE"] = ""
    command = site.command("doctor", *arguments)
    ran = subprocess.run(**command, capture_output=True, text=True, timeout=120)
    assert "Traceback" not in ran.stderr
    return ran.returncode, ran.stdout


def test_a_site_that_is_well_is_told_so(tmp_path):
    site = prepared.started(tmp_path)
    site.settings["SITE_URL"] = site.url
    site.start("--workers=1")
    try:
        site_rows = "SELECT count(*) FROM jobs_sign"
        while site.rows(site_rows) == [(0,)]:
            signal.sigtimedwait([], 0.1)
        code, said = doctor(site, "--json")
    finally:
        site.stop(signal.SIGTERM)
    found = {(each["subject"], each["level"]) for each in json.loads(said)}
    assert code == 0, said
    assert found == {
        *((name, "ok") for name in "database worker disk uploads pages cache site clock".split()),
        *((name, "look") for name in ("backup", "mail")),
        ("settings", "ok"),
    }


def test_with_everything_broken_each_line_says_what_to_do(tmp_path):
    site = prepared.migrated(
        tmp_path,
        DATABASE_URL="postgres://u:secret@127.0.0.1:1/x",
        CACHE_URL="rediscache://127.0.0.1:1/1",
        EMAIL_URL="smtp://u:secret@127.0.0.1:1",
        SITE_URL="https://nowhere.invalid",
        BACKUP_TO="s3://",
        PAGE_CACHE_MB="0",
        ALLOWED_HOSTS="*",
    )
    (site.data / "media").write_text("in the way")
    code, said = doctor(site)
    lines = dict.fromkeys(line.split()[1] for line in said.splitlines() if line[:6] == "broken")
    assert code == 1
    assert [*lines] == "database worker backup uploads cache mail site clock".split()
    assert all("→" in line for line in said.splitlines() if not line.startswith("ok"))
    assert "secret" not in said


# --- One by one -------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_worker_that_is_silent_is_told():
    assert "No worker has ever run" in the(here.worker, BROKEN)
    Sign.objects.give(Sign.WORKER, timezone.now() - SILENT)
    assert "manage.py worker" in the(here.worker, BROKEN)
    Sign.objects.give(Sign.WORKER, timezone.now())
    assert levels(here.worker()) == [OK]
    fail.enqueue()
    Job.objects.update(status=FAILED)
    assert "1 job failed for good" in the(here.worker, LOOK)


@pytest.mark.django_db
def test_the_age_of_the_newest_backup_is_told(settings, tmp_path):
    settings.BACKUP_TO = str(tmp_path)
    assert "No backup was ever made" in the(here.backup, LOOK)
    (tmp_path / new_name("postil", timezone.now() - timedelta(days=9))).touch()
    (tmp_path / new_name("before-upgrade")).touch()
    assert "9 days old" in the(here.backup, LOOK)
    (tmp_path / new_name("postil", timezone.now() - timedelta(hours=3))).touch()
    assert "3 hours old" in the(here.backup, OK)
    settings.BACKUP_DAYS = 0
    assert levels(here.backup()) == [OK]


@pytest.mark.django_db
def test_migrations_that_are_pending_are_told(monkeypatch):
    monkeypatch.setattr(here, "has_tables", lambda: True)
    assert levels(here.database()) == [OK, OK]
    assert not Sign.objects.exists()
    monkeypatch.setattr(here, "pending_migrations", lambda: [("jobs", "0002_signs_of_life")])
    assert "1 migration is pending" in the(here.database, BROKEN)


def test_a_disk_that_fills_up_is_told(monkeypatch):
    for room, level in ((2**62, OK), (here.SCARCE - 1, LOOK), (here.ROOM - 1, BROKEN)):
        monkeypatch.setattr(here, "room_at", lambda _folder, room=room: room)
        assert levels(here.folders()) == [level] * 2


def test_what_cannot_be_written_to_is_told(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "gone"
    settings.MEDIA_ROOT = tmp_path / "file" / "media"
    (tmp_path / "file").touch()
    assert "No such file" in the(here.folders, BROKEN)
    assert "Uploads cannot be kept" in the(here.media, BROKEN)


def test_uploads_are_tried_and_nothing_is_left(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    assert levels(here.media()) == [OK]
    assert [*tmp_path.iterdir()] == []


@pytest.fixture
def by_smtp(mail_set_up, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "127.0.0.1", 1
    return settings


@pytest.mark.django_db
def test_the_mail_server_is_tried_and_sent_a_mail_where_wanted(by_smtp):
    with mail_server() as server:
        by_smtp.EMAIL_PORT = server.port
        assert levels(here.mail()) == [OK]
        assert server.messages == []
        assert levels(here.mail("lou@example.org")) == [OK]
    assert [to for to, _message in server.messages] == ["lou@example.org"]


@pytest.mark.django_db
@pytest.mark.parametrize("mode", ["busy", "silent"])
def test_a_mail_server_that_fails_is_told(by_smtp, mode):
    with mail_server(mode) as server:
        by_smtp.EMAIL_PORT = server.port
        assert "EMAIL_URL" in the(here.mail, BROKEN)


@pytest.mark.parametrize(("seconds", "level"), [(1, OK), (-6, BROKEN), (3600, BROKEN)])
def test_a_clock_that_goes_wrong_is_told(seconds, level):
    assert here.compared("another", timedelta(seconds=seconds)).level == level


# --- From outside -----------------------------------------------------------------------------


def test_only_the_doctor_is_told_how_a_request_arrived(monkeypatch):
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
    """Run a web server that stands where a proxy stands; `handle` sends what it answers."""

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
        told = []
        body = b"".join(
            with_health(None, lambda: True)(environ | changes, lambda *head: told.extend(head))
        )
        request.send_response(int(told[0][:3]))
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return handle


FORWARDS = {"http_x_forwarded_for": "192.0.2.1, 198.51.100.7"}


def test_a_proxy_that_does_its_part_is_told_so(settings):
    settings.TRUSTED_PROXIES = parse_networks("127.0.0.1")
    with front(proxy(settings, **FORWARDS)) as port:
        settings.SITE_URL = f"http://127.0.0.1:{port}"
        assert set(levels(outside.site())) == {OK}


@pytest.mark.parametrize(
    ("trusted", "changes", "words"),
    [
        ("10.0.0.1", FORWARDS, "Set TRUSTED_PROXIES=127.0.0.1"),
        ("127.0.0.1", FORWARDS | {"http_x_forwarded_proto": "https"}, "the site sees https"),
        ("127.0.0.1", {}, "believes whatever address"),
        ("127.0.0.1", FORWARDS | {"http_host": "backend:8000"}, "the site hears backend:8000"),
    ],
)
def test_what_a_proxy_gets_wrong_is_told(settings, trusted, changes, words):
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
        told = {"since": since, "host": host, "port": port}
        (tmp_path / f"serving/{pid or os.getpid()}.json").write_text(json.dumps(told))

    return served


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "localhost"])
def test_a_site_is_found_at_the_port_it_took(settings, served, host):
    settings.PORT, settings.SITE_URL = 8000, "http://127.0.0.1:8000"
    with front(proxy(settings)) as port:
        served(port, host=host)
        found = list(outside.site())
    assert levels(found) == [OK, OK, LOOK]
    assert f":{port} leads here" in found[0].said
    assert found[2].todo == "Set PORT or SITE_URL, and restart the site."


def test_a_site_at_its_own_address_is_looked_for_nowhere_else(settings, served):
    with front(proxy(settings)) as port:
        settings.PORT, settings.SITE_URL = port, f"http://127.0.0.1:{port}"
        served(port)
        assert set(levels(outside.site())) == {OK}


@pytest.mark.parametrize(
    "gone", [{"pid": 2**22 - 1}, {"since": 1}, {"port": "x"}, {"port": None}, {"pid": "x"}]
)
def test_a_site_that_was_killed_is_not_looked_for(settings, served, gone):
    settings.PORT, settings.SITE_URL = 1, "http://127.0.0.1:1"
    served(**({"port": 2} | gone))
    assert "Nobody answers at http://127.0.0.1:1" in the(outside.site, BROKEN)


def test_where_the_proxy_fails_it_is_told_where_the_site_is(settings, served):
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


def test_another_site_at_this_address_is_told(settings):
    def other(request):
        request.send_response(404)
        request.end_headers()

    with front(other) as port:
        settings.SITE_URL = f"http://127.0.0.1:{port}"
        assert "something else answers, with 404" in the(outside.site, BROKEN)


def test_a_server_that_is_silent_is_told_in_time(settings, monkeypatch):
    monkeypatch.setattr(outside, "STEP", 0.2)
    go_on = threading.Event()
    with front(lambda _request: go_on.wait()) as port:
        settings.SITE_URL = f"http://127.0.0.1:{port}"
        assert "Nobody answers" in the(outside.site, BROKEN)
        go_on.set()


def test_a_certificate_nobody_trusts_is_told(settings):
    trustme = pytest.importorskip("trustme")
    certificate = trustme.CA().issue_cert("127.0.0.1")
    with front(proxy(settings), certificate) as port:
        settings.SITE_URL = f"https://127.0.0.1:{port}"
        assert "is not to be trusted" in the(outside.site, BROKEN)


def test_the_days_that_a_certificate_has_left_are_told(settings, monkeypatch, tmp_path):
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


@pytest.mark.parametrize(
    ("status", "to", "level"),
    [(301, "https://127.0.0.1/", OK), (200, "", BROKEN), (302, "https://evil.example/", BROKEN)],
)
def test_whether_http_leads_to_https_is_told(status, to, level):
    def handle(request):
        request.send_response(status)
        request.send_header("Location", to)
        request.end_headers()

    with front(handle) as port:
        # The port only says where the trial listens.
        assert outside.redirect("127.0.0.1", port).level == level
    assert outside.redirect("127.0.0.1", port).level == LOOK
