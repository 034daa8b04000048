"""Every setting comes from the environment, has a safe default, and is checked."""

import ast
import os
import re
import runpy
import stat
import subprocess
import sys
from pathlib import Path

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured
from inputs import every

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = ROOT / "blog" / "settings.py"
EXAMPLE = ROOT / ".env.example"


def variables_read():
    """Return the names of all variables that the settings ask the environment for."""
    files = SETTINGS, ROOT / "blog" / "lib" / "oidc_settings.py"
    nodes = (node for file in files for node in ast.walk(ast.parse(file.read_text())))
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    named = [call for call in calls if ast.unparse(call.func) in ("env.read", "env.text")]
    return {call.args[0].value for call in named if isinstance(call.args[0], ast.Constant)}


@pytest.fixture
def read(monkeypatch, tmp_path):
    """Read the settings from an environment that holds only these."""
    monkeypatch.setattr(environ.Env, "read_env", lambda *_, **__: None)  # a developer's own .env

    def read(**given):
        for name in variables_read():
            monkeypatch.delenv(name, raising=False)
        for name, value in ({"DATA_DIR": str(tmp_path)} | given).items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(SETTINGS))

    return read


def manage(*arguments, **given):
    return subprocess.run(
        [sys.executable, ROOT / "manage.py", *arguments],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "blog.settings", **given},
        capture_output=True,
        text=True,
        timeout=60,
    )


# --- Wrong values -----------------------------------------------------------------------------


@every(
    ("name", "value"),
    [
        ("PORT", "abc"),
        ("PORT", "0"),
        ("PORT", "70000"),
        ("SITE_URL", "foo"),
        ("SITE_URL", "ftp://blog.example.org"),
        ("SITE_URL", "https://"),
        ("SITE_URL", "https://blog.example.org/blog"),
        ("SITE_URL", "https://blog.example.org?x=1"),
        ("SITE_URL", "https://blog.example.org#x"),
        ("SITE_URL", "https://blog.example.org:99999"),
        ("SITE_URL", "https://me:secret@blog.example.org"),
        ("DEBUG", "maybe"),
        ("ALLOWED_HOSTS", ","),
        ("ENTRIES_PER_PAGE", "0"),
        ("ENTRIES_PER_PAGE", "201"),
        ("ENTRIES_PER_PAGE", "many"),
        ("LANGUAGE_CODE", "xx-nowhere"),
        ("TIME_ZONE", "Mars/Olympus"),
        ("TIME_ZONE", "../../etc/passwd"),
        ("DATABASE_URL", "nonsense://x"),
        ("DATABASE_URL", "foo"),
        ("DATABASE_URL", "postgres://host:port/name"),
        ("CACHE_URL", "nonsense://x"),
        ("PAGE_CACHE_MB", "-1"),
        ("CDN_PURGE_URL", "varnish"),
        ("CDN_PURGE_HEADERS", "Fastly-Key"),
        ("CACHE_URL", "foo"),
        ("REDIS_URL", "memcache://127.0.0.1:11211"),
        ("DATABASE_POOL", "0"),
        ("DATABASE_POOL", "on"),
        ("MEDIA_STORAGE", "images"),
        ("MEDIA_STORAGE", "s3://"),
        ("MEDIA_STORAGE", "s3://key:secret@bucket"),
        ("MEDIA_STORAGE", "s3://bucket?endpoint_url=minio"),
        ("MEDIA_STORAGE", "s3://bucket?default_acl=public-read"),
        ("EMAIL_URL", "nonsense://x"),
        ("EMAIL_URL", "foo"),
        ("EMAIL_FROM", "nobody"),
        ("EMAIL_FROM", "My margin <nobody>"),
        ("EMAIL_FROM", "My margin <no body@example.org>"),
        ("TRUSTED_PROXIES", "300.1.1.1"),
        ("TRUSTED_PROXIES", "127.0.0.1, proxy"),
        ("OIDC_ISSUER", "login.example.org"),
        ("OIDC_ISSUER", "http://login.example.org"),
        ("OIDC_ISSUER", "https://login.example.org/?realm=x"),
        ("OIDC_ISSUER", "https://me:secret@login.example.org"),
        ("OIDC_ISSUER", "https://login.example.org:99999"),
        ("OIDC_HOSTS", "https://keys.example.org"),
        ("OIDC_HOSTS", "keys.example.org/x"),
        ("OIDC_ROLES", "Owners"),
        ("OIDC_ROLES", "Owners: admins"),
        ("OIDC_ROLES", "Owners: groups=admins |"),
        ("OIDC_SECOND_STEP_BY", "mfa"),
        ("OIDC_PASSWORDS", "nobody"),
    ],
)
def test_wrong_value_is_refused_by_name(read, name, value):
    with pytest.raises(ImproperlyConfigured, match=rf"^{name} must be .*\.$"):
        read(**{name: value})


def test_a_refused_address_does_not_show_its_password(read):
    with pytest.raises(ImproperlyConfigured) as refused:
        read(DATABASE_URL="postgres://me:hunter2@host:port/name")
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("there", ["file", "file/below"])
def test_a_data_folder_that_is_a_file_is_refused(read, tmp_path, there):
    (tmp_path / "file").write_text("")
    with pytest.raises(ImproperlyConfigured, match=r"^DATA_DIR must be a folder"):
        read(DATA_DIR=str(tmp_path / there))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_unwritable_data_folder_is_refused(read, tmp_path):
    (tmp_path / "locked").mkdir(mode=0o500)
    with pytest.raises(ImproperlyConfigured, match=r"^DATA_DIR must be a folder"):
        read(DATA_DIR=str(tmp_path / "locked"))


@pytest.mark.parametrize("command", ["check", "serve"])
def test_refused_start_prints_one_sentence(tmp_path, command):
    run = manage(command, DATA_DIR=str(tmp_path), PORT="abc")
    assert run.returncode == 1
    assert run.stdout == ""
    assert run.stderr == (
        "Postil cannot start: PORT must be a port number from 1 to 65535, not 'abc'.\n"
    )


def test_an_empty_variable_means_its_default(read):
    bare = read(SECRET_KEY="x")
    empty = read(**dict.fromkeys(variables_read() - {"DATA_DIR", "SECRET_KEY"}, ""), SECRET_KEY="x")
    assert comparable(bare) == comparable(empty)


def test_settings_in_force_stay_when_others_are_read(read, settings):
    in_force = set(settings.SET_IN_ENVIRONMENT)
    assert "SITE_TITLE" in read(SITE_TITLE="Low water")["SET_IN_ENVIRONMENT"]
    assert in_force == settings.SET_IN_ENVIRONMENT


# --- The secret -------------------------------------------------------------------------------


def test_the_secret_is_made_once_and_kept(read):
    first = read()["SECRET_KEY"]
    assert len(first) >= 50
    assert read()["SECRET_KEY"] == first


def test_only_its_owner_may_read_the_secret(read, tmp_path):
    read()
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_data_folder_is_private_to_its_owner(read, tmp_path):
    read(DATA_DIR=str(tmp_path / "new" / "data"), SECRET_KEY="given")
    assert (tmp_path / "new" / "data").stat().st_mode & 0o777 == 0o700


def test_a_secret_from_the_environment_is_not_written_down(read, tmp_path):
    assert read(SECRET_KEY="from elsewhere")["SECRET_KEY"] == "from elsewhere"
    assert list(tmp_path.iterdir()) == []


def test_empty_secret_file_is_written_again(read, tmp_path):
    (tmp_path / "secret_key").touch()
    assert len(read()["SECRET_KEY"]) > 50
    assert read()["SECRET_KEY"] == (tmp_path / "secret_key").read_text()


def test_nobody_reads_a_secret_that_is_half_written(read, tmp_path, monkeypatch):
    """Another process asks for the secret at the very moment this one is making it."""
    kept_secret = read(SECRET_KEY="x")["kept_secret"]
    path, others = tmp_path / "secret_key", []

    def make(_):
        if not others:
            others.append(None)
            others.append(kept_secret(path))
        return f"secret no. {len(others)}"

    monkeypatch.setattr("secrets.token_urlsafe", make)
    assert kept_secret(path) == others[1] == path.read_text()
    assert list(tmp_path.iterdir()) == [path], "nothing is left lying about"


def test_request_log_is_off_by_default(read):
    assert [read()["REQUEST_LOG"], read(REQUEST_LOG="on")["REQUEST_LOG"]] == [False, True]


def test_processes_at_once_get_one_secret(tmp_path):
    script = f"import runpy; print(runpy.run_path({str(SETTINGS)!r})['SECRET_KEY'])"
    bare = {name: value for name, value in os.environ.items() if name not in variables_read()}
    racing = [
        subprocess.Popen(
            [sys.executable, "-c", script],
            env={**bare, "DATA_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(5)
    ]
    said = {process.communicate(timeout=60)[0] for process in racing}
    assert len(said) == 1
    assert len(said.pop().strip()) >= 50


# --- Safe by default --------------------------------------------------------------------------


def test_without_settings_nothing_dangerous_is_on(read):
    bare = read()
    assert bare["DEBUG"] is False
    assert bare["ALLOWED_HOSTS"] == ["127.0.0.1", "[::1]", "localhost"]
    assert bare["TRUSTED_PROXIES"] == []
    assert bare["LINKBACK_PRIVATE_HOSTS"] == []
    assert bare["CSRF_COOKIE_HTTPONLY"] is True
    assert bare["X_FRAME_OPTIONS"] == "DENY"


ONLY_WITH_HTTPS = (
    "SECURE_SSL_REDIRECT",
    "SECURE_HSTS_SECONDS",
    "SECURE_HSTS_INCLUDE_SUBDOMAINS",
    "SECURE_HSTS_PRELOAD",
    "SESSION_COOKIE_SECURE",
    "CSRF_COOKIE_SECURE",
)


def test_an_https_address_switches_on_what_needs_it(read):
    made = read(SITE_URL="https://blog.example.org/")
    assert all(made[name] for name in ONLY_WITH_HTTPS)
    assert made["SECURE_HSTS_SECONDS"] >= 31_536_000
    assert made["SITE_URL"] == "https://blog.example.org"
    assert made["CSRF_TRUSTED_ORIGINS"] == ["https://blog.example.org"]
    assert "blog.example.org" in made["ALLOWED_HOSTS"]


def test_an_http_address_leaves_it_off(read):
    made = read(SITE_URL="http://blog.example.org:8080")
    assert not any(made[name] for name in ONLY_WITH_HTTPS)


def test_the_policy_allows_nothing_unsafe(read):
    policy = read()["SECURE_CSP"]
    assert policy["default-src"] == ["'self'"]
    assert not [value for values in policy.values() for value in values if "unsafe" in value]


def test_sqlite_waits_for_locks(read):
    options = read()["DATABASES"]["default"]["OPTIONS"]
    assert options["transaction_mode"] == "IMMEDIATE"
    assert options["timeout"] >= 5
    assert "journal_mode=WAL" in options["init_command"]


def test_postgres_is_taken_from_its_address(read):
    database = read(DATABASE_URL="postgres://me:pw@db.example.org:5433/postil")["DATABASES"][
        "default"
    ]
    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert (database["USER"], database["PASSWORD"]) == ("me", "pw")
    assert (database["HOST"], database["PORT"], database["NAME"]) == (
        "db.example.org",
        5433,
        "postil",
    )
    assert "init_command" not in database.get("OPTIONS", {})


def test_pool_is_for_postgres_only(read):
    assert "pool" not in read(DATABASE_POOL="4")["DATABASES"]["default"]["OPTIONS"]
    made = read(DATABASE_POOL="4", DATABASE_URL="postgres://db/postil?sslmode=require")
    database = made["DATABASES"]["default"]
    assert database["OPTIONS"]["sslmode"] == "require"
    assert database["OPTIONS"]["pool"]["max_size"] == 4
    assert database["CONN_MAX_AGE"] == 0
    assert read(DATABASE_URL="postgres://db/postil")["DATABASES"]["default"]["CONN_MAX_AGE"] is None


def test_a_redis_is_taken_from_either_name(read):
    named = {"REDIS_URL": "redis://a:6379/1"}
    for given, place in (
        (named, "redis://a:6379/1"),
        (named | {"CACHE_URL": "valkey://b:6379/2"}, "redis://b:6379/2"),
    ):
        cache = read(**given)["CACHES"]["default"]
        assert cache["BACKEND"] == "django.core.cache.backends.redis.RedisCache"
        assert cache["LOCATION"] == place


def test_images_are_in_a_bucket_if_configured(read):
    made = read(MEDIA_STORAGE="s3://margin/images?endpoint_url=http://127.0.0.1:9000")
    assert made["STORAGES"]["default"] == {
        "BACKEND": "blog.media.bucket.MediaBucket",
        "OPTIONS": {
            "bucket_name": "margin",
            "location": "images",
            "endpoint_url": "http://127.0.0.1:9000",
        },
    }


def test_a_relative_data_folder_stands_beside_manage_py(read, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert read(DATA_DIR="var", SECRET_KEY="x")["DATA_DIR"] == ROOT / "var"


@every(
    ("url", "is_set_up"),
    [("", False), ("consolemail://", False), ("dummymail://", False), ("smtp://host:25", True)],
)
def test_mail_is_set_up_if_a_server_is_named(read, url, is_set_up):
    assert read(EMAIL_URL=url)["MAIL_IS_SET_UP"] is is_set_up


def test_a_mail_server_is_not_waited_for_long(read):
    assert read(EMAIL_URL="smtp://host:25")["EMAIL_TIMEOUT"] == 10


def test_mail_comes_from_the_site_by_default(read):
    made = read(SITE_URL="https://blog.example.org", SITE_TITLE="My, margin\n")
    assert made["DEFAULT_FROM_EMAIL"] == '"My, margin" <noreply@blog.example.org>'
    made = read(EMAIL_FROM="Ines <ines@example.org>")
    assert made["DEFAULT_FROM_EMAIL"] == made["SERVER_EMAIL"] == "Ines <ines@example.org>"


# --- .env.example -----------------------------------------------------------------------------


def examples():
    """Return what `.env.example` names, each with its default."""
    return dict(re.findall(r"^#?([A-Z0-9_]+)=(.*)$", EXAMPLE.read_text(), re.MULTILINE))


def comparable(made):
    """Return the settings themselves, without what is different in every process.

    Nor which of them were named, which is for the admin.
    """
    left_out = {"SET_IN_ENVIRONMENT"}
    return {name: it for name, it in made.items() if name.isupper() and name not in left_out}


def test_the_example_lists_every_variable_and_no_other():
    assert set(examples()) == variables_read()


def test_the_example_changes_nothing_until_it_is_edited():
    lines = EXAMPLE.read_text().splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == []


def test_the_defaults_the_example_names_are_the_defaults(read):
    bare = read(DATA_DIR="", SECRET_KEY="x")
    named = {name: value for name, value in examples().items() if value}
    assert len(named) > 8
    assert comparable(read(**named | {"SECRET_KEY": "x"})) == comparable(bare)
