"""`manage.py doctor` checks all a site needs, says what to do, and never hangs or crashes."""

import json
import signal
import subprocess
import threading
from datetime import timedelta

import prepared
import pytest
from django.utils import timezone
from inputs import every
from smtp_server import mail_server
from trial_jobs import fail

from blog.jobs.models import FAILED, SILENT, Job, Sign
from blog.ops.doctor import BROKEN, LOOK, OK, Finding, examine, here
from blog.transfer.places import new_name


def levels(found):
    return [finding.level for finding in found]


def the(check, level):
    """Return the messages and hints of this level, as one text."""
    found = [finding for finding in check() if finding.level == level]
    assert found, list(check())
    assert all(finding.todo for finding in found if level != OK)
    return " ".join(f"{finding.said} {finding.todo}" for finding in found)


# --- As a whole -------------------------------------------------------------------------------


def test_hanging_or_failing_check_delays_no_other():
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
    assert found[2].said == "Could not be checked: ZeroDivisionError: by zero."


def doctor(site, *arguments):
    site.settings["DJANGO_ALLOW_ASYNC_UNSAFE"] = ""
    command = site.command("doctor", *arguments)
    ran = subprocess.run(**command, capture_output=True, text=True, timeout=120)
    assert "Traceback" not in ran.stderr
    return ran.returncode, ran.stdout


def test_healthy_site_is_reported(tmp_path):
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
        *(
            (name, "ok")
            for name in "database worker disk uploads pages theme cache site clock".split()
        ),
        *((name, "look") for name in ("backup", "mail")),
        ("settings", "ok"),
    }


def test_each_problem_says_what_to_do(tmp_path):
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
def test_silent_worker_is_reported():
    assert "No worker has ever run" in the(here.worker, BROKEN)
    Sign.objects.give(Sign.WORKER, timezone.now() - SILENT)
    assert "manage.py worker" in the(here.worker, BROKEN)
    Sign.objects.give(Sign.WORKER, timezone.now())
    assert levels(here.worker()) == [OK]
    fail.enqueue()
    Job.objects.update(status=FAILED)
    assert "1 job failed for good" in the(here.worker, LOOK)


@pytest.mark.django_db
def test_age_of_newest_backup_is_reported(settings, tmp_path):
    settings.BACKUP_TO = str(tmp_path)
    assert "No backup was ever made" in the(here.backup, LOOK)
    (tmp_path / new_name("postil", timezone.now() - timedelta(days=9))).touch()
    (tmp_path / new_name("before-upgrade")).touch()
    assert "9 days ago" in the(here.backup, LOOK)
    (tmp_path / new_name("postil", timezone.now() - timedelta(hours=3))).touch()
    assert "3 hours ago" in the(here.backup, OK)
    settings.BACKUP_DAYS = 0
    assert levels(here.backup()) == [OK]


@pytest.mark.django_db
def test_pending_migrations_are_reported(monkeypatch):
    monkeypatch.setattr(here, "has_tables", lambda: True)
    assert levels(here.database()) == [OK, OK]
    assert not Sign.objects.exists()
    monkeypatch.setattr(here, "pending_migrations", lambda: [("jobs", "0002_signs_of_life")])
    assert "1 migration is pending" in the(here.database, BROKEN)


def test_nearly_full_disk_is_reported(monkeypatch):
    for room, level in ((2**62, OK), (here.SCARCE - 1, LOOK), (here.ROOM - 1, BROKEN)):
        monkeypatch.setattr(here, "room_at", lambda _folder, room=room: room)
        assert levels(here.folders()) == [level] * 2


def test_unwritable_folder_is_reported(settings, tmp_path):
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
def test_mail_server_is_tried_and_mailed_on_request(by_smtp):
    with mail_server() as server:
        by_smtp.EMAIL_PORT = server.port
        assert levels(here.mail()) == [OK]
        assert server.messages == []
        assert levels(here.mail("lou@example.org")) == [OK]
    assert [to for to, _message in server.messages] == ["lou@example.org"]


@pytest.mark.django_db
@pytest.mark.parametrize("mode", ["busy", "silent"])
def test_failing_mail_server_is_reported(by_smtp, mode):
    with mail_server(mode) as server:
        by_smtp.EMAIL_PORT = server.port
        assert "EMAIL_URL" in the(here.mail, BROKEN)


@every(("seconds", "level"), [(1, OK), (-6, BROKEN), (3600, BROKEN)])
def test_wrong_clock_is_reported(seconds, level):
    assert here.clock_finding("another", timedelta(seconds=seconds)).level == level
