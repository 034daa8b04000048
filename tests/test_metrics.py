"""`/metrics` counts answers and waiting jobs for Prometheus, and needs the token."""

import os
import re
import subprocess
import sys

import pytest
from inputs import every
from trial_jobs import fail

from blog.jobs.models import FAILED, Job
from blog.ops import metrics
from blog.ops.request_log import Watched
from comments.models import Comment

TOKEN = "a-token-of-some-length"


@pytest.fixture
def ask(settings, monkeypatch):
    """Ask the layer itself, in front of an application that is not to be reached."""
    # A test's transaction would end with its connection.
    monkeypatch.setattr(metrics, "close_old_connections", lambda: None)
    settings.METRICS_TOKEN = TOKEN
    application = metrics.with_metrics(lambda *_: [b"the application"])

    def ask(path="/metrics", token=TOKEN, **environ):
        said = []
        given = {"REQUEST_METHOD": "GET", "PATH_INFO": path} | environ
        if token:
            given["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        body = b"".join(application(given, lambda *head: said.extend(head)))
        return said[0] if said else "", body.decode()

    return ask


def number(text, name, **labels):
    """Return the number on the line of this name and these labels; 0 without one."""
    for line in text.splitlines():
        if line.split("{")[0].split(" ")[0] == name and all(
            f'{label}="{value}"' in line for label, value in labels.items()
        ):
            return float(line.rpartition(" ")[2])
    return 0


@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1], TOKEN + "x", "é" * 20])
def test_nobody_else_reads_them(ask, token):
    assert ask(token=token) == ("401 Unauthorized", "Unauthorized\n")


def test_other_addresses_are_the_sites(ask):
    assert ask("/metrics/") == ask("/", token="") == ("", "the application")


@pytest.mark.django_db
def test_metrics_count_waiting_and_failed(ask, write, say):
    post = write()
    say(post, status=Comment.Status.PENDING)
    Job.objects.all().delete()
    for _ in range(3):
        fail.enqueue()
    Job.objects.filter(pk=Job.objects.first().pk).update(status=FAILED)
    status, text = ask()
    assert status == "200 OK"
    names = "database_up jobs_waiting jobs_failed comments_pending mails_waiting".split()
    assert [number(text, f"postil_{name}") for name in names] == [1, 2, 1, 1, 0]


@pytest.mark.django_db
def test_answers_are_counted_by_kind_status_and_source(ask):
    def page(environ, start_response):
        start_response("404 Not Found", [])
        return [b""]

    where = {"kind": "search", "status": "404", "source": "memory"}
    before = number(ask()[1], "postil_requests_total", **where)
    watched = Watched(page, None, metrics.count)
    for _ in range(5):
        watched({"REQUEST_METHOD": "GET", "PATH_INFO": "/search/"}, lambda *_: None)
    assert number(ask()[1], "postil_requests_total", **where) - before == 5


@every(
    ("path", "kind"),
    [
        ("/", "index"),
        ("/2026/11/on-margins/", "essay"),
        ("/about/", "page"),
        ("/tags/x/", "archive"),
        ("/feed.xml", "feed"),
        ("/admin/login/", "admin"),
        ("/readyz", "health"),
        ("", "index"),
        ("/\x00", "page"),
    ],
)
def test_each_address_is_of_one_of_few_kinds(path, kind):
    assert metrics.kind_of(path) == kind


def test_metrics_add_up_all_processes(tmp_path):
    code = (
        "import os, django; django.setup(); from blog.ops import metrics\n"
        "metrics.begin()\n"
        "for _ in range(2):\n"
        "    if not (child := os.fork()): metrics.count('/', '200', True); os._exit(0)\n"
        "    os.waitpid(child, 0)\n"
        "from prometheus_client import CollectorRegistry, generate_latest\n"
        "print(metrics.exposition().decode())"
    )
    given = {"DATA_DIR": str(tmp_path), "METRICS_TOKEN": TOKEN}
    given |= {"DJANGO_SETTINGS_MODULE": "blog.settings", "ENV_FILE": os.devnull}
    (tmp_path / "metrics").mkdir()
    (tmp_path / "metrics" / "counter_1.db").write_text("of the time before")
    ran = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | given, capture_output=True, text=True
    )
    assert number(ran.stdout, "postil_requests_total", kind="index", status="200") == 2, ran.stderr
    # Without a database, `database_up` is 0.
    assert number(ran.stdout, "postil_database_up") == 0
    assert re.search("^# HELP postil_requests_total ", ran.stdout, re.MULTILINE)


@pytest.mark.parametrize(
    ("variable", "value", "module"),
    [
        ("METRICS_TOKEN", TOKEN, "prometheus_client"),
        ("SENTRY_DSN", "https://k@example.org/1", "sentry_sdk"),
        ("DATABASE_URL", "postgres://lou@127.0.0.1/blog", "psycopg"),
        ("CACHE_URL", "redis://127.0.0.1:6379/1", "redis"),
    ],
)
def test_missing_extra_is_reported_at_start(tmp_path, variable, value, module):
    code = (
        "import importlib.util as u; find = u.find_spec\n"
        f"u.find_spec = lambda name, *more: None if name == {module!r} else find(name, *more)\n"
        "import django; django.setup()"
    )
    given = {"DATA_DIR": str(tmp_path), variable: value}
    given |= {"DJANGO_SETTINGS_MODULE": "blog.settings", "ENV_FILE": os.devnull}
    ran = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | given, capture_output=True, text=True
    )
    others = {"sentry_sdk": "sentry-sdk", "psycopg": "psycopg[binary,pool]"}
    package = others.get(module, module)
    assert ran.stderr.rstrip().endswith(
        f"For {variable} {package} is needed: .venv/bin/python -m pip install {package}"
    )


# What each request is answered by, as the program starts, and again once the log is asked for.
APPLICATIONS = """
import importlib, sys, blog.wsgi, blog.urls
seldom = {'prometheus_client', 'sentry_sdk', 'fido2', 'joserfc', 'cryptography', 'pillow_heif'}
print(seldom & {*sys.modules}, type(blog.wsgi.application).__name__)
from django.conf import settings
settings.REQUEST_LOG = True
print(type(importlib.reload(blog.wsgi).application).__name__)
"""


def test_what_few_sites_use_is_loaded_and_requests_logged_only_when_needed(tmp_path):
    given = {"DATA_DIR": str(tmp_path), "METRICS_TOKEN": "", "SENTRY_DSN": "", "REQUEST_LOG": "off"}
    given |= {"DJANGO_SETTINGS_MODULE": "blog.settings", "ENV_FILE": os.devnull}
    ran = subprocess.run(
        [sys.executable, "-c", APPLICATIONS], env=os.environ | given, capture_output=True, text=True
    )
    assert ran.stdout == "set() PageCache\nWatched\n", ran.stderr
