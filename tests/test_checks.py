"""Unsafe settings are named, each with an id and what to do, by `manage.py check --deploy`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import ERROR, run_checks

from blog import program
from blog.lib.env import parse_networks
from blog.management.commands import serve

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def safe(settings, tmp_path):
    """A site on the internet as the README sets it up."""
    tmp_path.chmod(0o700)
    settings.SITE_URL = "https://blog.example.org"
    settings.DEBUG = False
    settings.SECRET_KEY = "a-key-with-many-different-characters-0123456789-xyz"
    settings.ALLOWED_HOSTS = ["blog.example.org"]
    settings.TRUSTED_PROXIES = parse_networks("127.0.0.1")
    settings.DATA_DIR = tmp_path
    settings.MAIL_IS_SET_UP = True
    return settings


def check(folder, *arguments, **given):
    """Run `manage.py check` with the site's own settings and nothing else set."""
    mine = {
        "DJANGO_SETTINGS_MODULE": "blog.settings",
        "ENV_FILE": os.devnull,
        "DATA_DIR": str(folder),
        "PATH": os.environ["PATH"],
    }
    return subprocess.run(
        [sys.executable, ROOT / "manage.py", "check", *arguments],
        env=mine | given,
        capture_output=True,
        text=True,
        timeout=180,
    )


def found():
    return {message.id: message for message in run_checks(include_deployment_checks=True)}


def ours():
    return {name for name in found() if name.startswith("postil.")}


def test_a_safe_site_hears_nothing(safe):
    assert not ours()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("ADMIN_PATH", "feed", "postil.E001"),
        ("ADMIN_PATH", "comments", "postil.E001"),
        ("DEBUG", True, "postil.E002"),
        ("SITE_URL", "http://blog.example.org", "postil.W003"),
        ("SITE_URL", "http://198.51.100.7.example", "postil.W003"),
        ("SECRET_KEY", "secret", "postil.W004"),
        ("SECRET_KEY", "x" * 60, "postil.W004"),
        ("ALLOWED_HOSTS", ["*"], "postil.W005"),
        ("TRUSTED_PROXIES", parse_networks("0.0.0.0/0"), "postil.W006"),
        ("TRUSTED_PROXIES", parse_networks("127.0.0.1, ::/0"), "postil.W006"),
        ("TRUSTED_PROXIES", [], "postil.W007"),
        ("MAIL_IS_SET_UP", False, "postil.I009"),
        ("LOGIN_RATE_PER_ACCOUNT", None, "postil.W011"),
        ("LOGIN_RATE_PER_NETWORK", None, "postil.W011"),
    ],
)
def test_unsafe_setting_is_named_with_a_hint(safe, name, value, expected):
    setattr(safe, name, value)
    assert ours() == {expected}
    message = found()[expected]
    assert message.hint
    assert (message.level >= ERROR) == expected.startswith("postil.E")


def test_a_data_folder_others_can_read_is_named(safe, tmp_path):
    tmp_path.chmod(0o755)
    assert ours() == {"postil.W008"}
    assert found()["postil.W008"].hint == f"chmod 700 {tmp_path}"


def test_mail_in_the_clear_is_named(safe):
    safe.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    safe.EMAIL_HOST, safe.EMAIL_USE_TLS, safe.EMAIL_USE_SSL = "mail.example.org", False, False
    assert ours() == {"postil.W010"}
    safe.EMAIL_HOST = "localhost"
    assert not ours()


@pytest.mark.parametrize(
    "here", ["http://127.0.0.1:8000", "http://localhost", "http://10.0.0.7", "http://blog.lan"]
)
def test_http_on_a_private_network_is_accepted(safe, here):
    safe.SITE_URL = here
    assert not ours()


@pytest.mark.parametrize("command", ["check", "serve"])
def test_an_error_stops_every_command(safe, monkeypatch, capsys, command):
    safe.ADMIN_PATH = "feed"
    monkeypatch.setattr(serve, "Server", lambda *_, **__: pytest.fail("it serves"))
    monkeypatch.setattr(sys, "argv", ["manage.py", command])
    with pytest.raises(SystemExit) as ended:
        program.main()
    assert ended.value.code == 1
    said = capsys.readouterr()
    assert "(postil.E001) ADMIN_PATH takes an address that the site itself uses." in said.err
    assert said.out == ""


def test_the_documented_settings_pass_without_a_warning(tmp_path):
    """The ones the README says to set for a site on the internet."""
    readme = (ROOT / "README.md").read_text()
    block = readme.partition("For a site on the internet, set at least:\n\n```env\n")[2]
    lines = [line.partition("#")[0].strip() for line in block.partition("```")[0].splitlines()]
    given = {
        name: value.strip('"') for name, _, value in (line.partition("=") for line in lines if line)
    }
    assert given["SITE_URL"].startswith("https://")
    run = check(tmp_path / "new", "--deploy", "--fail-level", "WARNING", **given)
    assert run.returncode == 0, run.stderr
    assert "WARNING" not in run.stderr
