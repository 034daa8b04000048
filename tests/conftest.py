"""What the tests share: small essays and comments, a real Chromium, and where trial data is."""

import gc
import os
import re
import shutil
import signal
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import prepared
import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core import signing
from django.db import connection
from django.db.models.signals import post_delete, post_save
from django.utils import timezone, translation
from emptied import as_migrated
from hypothesis import settings as hypothesis_settings
from themes import Files
from trials import FULL, in_full

from blog.posts import tasks
from blog.posts.models import Post
from blog.posts.templatetags.posts import line
from blog.site import reading
from comments.browser import make_token
from comments.models import Comment
from comments.text import recent

# Real exports, comments and essays, kept beside the project; absent elsewhere.
SHARED = Path(__file__).resolve().parents[1].parent / "shared"
CHROMIUMS = "chromium-headless-shell", "chromium", "chromium-browser"  # the first costs a third
CHROMIUM = next(filter(None, map(shutil.which, CHROMIUMS)), None)
# The last keeps Chromium from calling its maker at every start.
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

# Of a test that says nothing about it. A busy machine takes any time for an example.
hypothesis_settings.register_profile("postil", max_examples=in_full(100, 25), deadline=None)
hypothesis_settings.load_profile("postil")


# The tests keep much: to look at all of it for garbage as often as usual takes a tenth of a run.
gc.set_threshold(50_000, 20, 100)


def pytest_collection_finish():
    gc.collect()
    gc.freeze()


def pytest_configure(config):
    if not hasattr(config, "workerinput"):  # the process that starts the others, or the only one
        prepared.begin()
        config.add_cleanup(prepared.end)
        if connection.vendor == "sqlite" and not config.option.collectonly:
            config.add_cleanup(prepared.begin_early())  # the last that is added is called first


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb):
    return django_db_keepdb or connection.vendor == "sqlite"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory, django_db_modify_db_settings_parallel_suffix):
    """Begin with a copy of a database that has its tables, which take seconds to make.

    It is a file: of one in memory all threads of a live server would share one connection, and
    break off each other's transactions.
    """
    if connection.vendor == "sqlite":
        path = tmp_path_factory.mktemp("database") / "tests.sqlite3"
        shutil.copy(prepared.database(), path)
        connection.settings_dict["TEST"]["NAME"] = str(path)
        # What a test writes need not outlive a power cut.
        options = connection.settings_dict["OPTIONS"]
        options["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"


@pytest.fixture(scope="session", autouse=True)
def _what_migrations_made_comes_back(request, django_db_setup, django_db_blocker):
    """Have a test that has committed leave the tables as the migrations did."""
    if any(map(has_a_database, request.session.items)):
        with django_db_blocker.unblock():
            as_migrated.keep()


@pytest.fixture(autouse=True)
def _site_as_ever():
    """Have the process know, as after its first page, that nothing was set in the admin."""
    translation.deactivate()  # the language of another test's last request
    reading.keep(None)


@pytest.fixture(scope="session", autouse=True)
def _no_cards():
    """Have saves add no jobs that draw cards, but where a test asks for them."""
    no_cards()


CARDS = {post_save: tasks.enqueue_card, post_delete: tasks.enqueue_drop}


@contextmanager
def cards_are_made():
    for sent, receiver in CARDS.items():
        sent.connect(receiver, sender=Post, dispatch_uid="posts.cards")
    yield
    no_cards()


def no_cards():
    for sent in CARDS:
        sent.disconnect(sender=Post, dispatch_uid="posts.cards")


USE_THE_DATABASE = {"db", "transactional_db", "live_server"}


def has_a_database(item):
    marked = item.get_closest_marker("django_db")
    return bool(marked or USE_THE_DATABASE & {*getattr(item, "fixturenames", ())})


def pytest_make_parametrize_id(val):
    """Name a test by the beginning of a long input: of some hostile ones it takes megabytes."""
    if isinstance(val, (str, bytes)) and len(val) > 80:
        return ascii(val[:60])
    return None


@pytest.hookimpl(wrapper=True, tryfirst=True)  # before and after all others
def pytest_collection_modifyitems(config, items):
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
        shares = item.get_closest_marker("server") or item.get_closest_marker("browser")
        if shares and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
    left_out = {item for item in items if is_left_out(item)}
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)
    result = yield
    spread_out(items)
    return result


# Seconds that a test may take, by its markers: roughly, since it only says what begins first.
SECONDS = {"long": 10, "server": 3, "browser": 2, "xdist_group": 2}
SPREAD = 0.8  # the part of a run in which these begin


def spread_out(items):
    """Have what stays together and takes long begin in turns with all else, the longest first.

    It mostly waits, for servers and browsers, while the others keep a processor busy. What is left
    for the end is short, or all else would wait for it.
    """
    seconds = Counter()
    for item in items:
        seconds[stays_with(item)] += max(
            (s for name, s in SECONDS.items() if item.get_closest_marker(name)), default=0
        )
    place, begun = {}, 0
    for name, long in seconds.most_common():
        place[name] = SPREAD * begun / (seconds.total() or 1)
        begun += long
    alone = [name for name, long in seconds.items() if not long]
    place.update((name, number / len(alone)) for number, name in enumerate(alone))
    items.sort(key=lambda item: place[stays_with(item)])


def stays_with(item):
    group = item.get_closest_marker("xdist_group")
    return group.args[0] if group else item.nodeid


def pytest_xdist_auto_num_workers():
    """Return one process more than there are cores: much of the time a test waits for a server.

    With twice as many, servers and browsers answer so late that tests of times fail.
    """
    return 1 + len(os.sched_getaffinity(0))


def is_left_out(item):
    """Tell whether a test is not for this run.

    On PostgreSQL there is only what can differ there: what uses the database, and no browser.
    All else was shown by the run on SQLite, unless that was on another Python. What a browser
    draws is made by the very views that other tests ask.
    """
    long = item.get_closest_marker("long")
    if long and long.args and not FULL:
        return True
    if connection.vendor != "postgresql":
        return starts_postgresql(item) and not FULL
    if item.get_closest_marker("browser"):
        return True
    if starts_postgresql(item) or has_a_database(item):
        return False
    return bool(item.get_closest_marker("server")) or not item.config.getoption("pure_too")


def starts_postgresql(item):
    """Tell whether a test's own servers use PostgreSQL, whatever the run is on."""
    given = item.callspec.params.values() if hasattr(item, "callspec") else ()
    return bool(item.get_closest_marker("postgresql")) or "postgresql" in given


# --- What was left out --------------------------------------------------------------------------


def pytest_addoption(parser):
    parser.addoption("--may-skip", help="names of the only tests that this run may skip")
    parser.addoption(
        "--pure-too", action="store_true", help="on PostgreSQL: also what uses no database"
    )


def skipped(config):
    """Return the name of each test that was skipped, and why."""
    reports = config.pluginmanager.get_plugin("terminalreporter").stats.get("skipped", [])
    names = [re.search(r"::(\w+)(?:[\[@]|$)", report.nodeid)[1] for report in reports]
    whys = [report.longrepr[2].removeprefix("Skipped: ") for report in reports]
    return list(zip(names, whys, strict=True))


def wrongly_skipped(config):
    may = config.getoption("may_skip")
    return {name for name, _why in skipped(config)} - {*may.split()} if may is not None else set()


def pytest_sessionfinish(session):
    if not hasattr(session.config, "workerinput") and wrongly_skipped(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter, config):
    whys = Counter(why for _name, why in skipped(config))
    if whys:
        said = "; ".join(f"{why} ({count})" for why, count in whys.most_common())
        terminalreporter.write_line(f"Left out {whys.total()} tests: {said}.")
    if wrong := sorted(wrongly_skipped(config)):
        terminalreporter.write_line(f"FAILED: these have to run here: {', '.join(wrong)}.")


@pytest.fixture
def shared():
    """The folder of trial data; a test that needs it is skipped, with the reason, without it."""
    if not SHARED.is_dir():
        pytest.skip("the trial data is not beside this checkout")
    return SHARED


@pytest.fixture
def author(db):
    return get_user_model().objects.create_user(
        "ines", first_name="Ines", last_name="Marlow", is_staff=True
    )


@pytest.fixture
def staff(client, author):
    """A client signed in as Ines, who may write essays and nothing else."""
    author.user_permissions.set(Permission.objects.filter(content_type__app_label="posts"))
    client.force_login(author)
    return client


@pytest.fixture
def write(author):
    """Make an essay; by default published an hour ago."""

    def write(title="On margins", **changes):
        given = {"title": title, "body": "Room for a note.", "author": author}
        given["published_at"] = timezone.now() - timedelta(hours=1)
        post = Post(**given | changes)
        post.save()
        return post

    return write


@pytest.fixture
def theme(settings, tmp_path):
    """Write a file of a theme: its name, such as templates/base.html, and what is in it."""
    settings.THEME_DIR = tmp_path / "theme"
    own = Files(settings.THEME_DIR)
    yield own
    own.read_again()


@pytest.fixture(autouse=True)
def nothing_said_lately():
    """Numbers of comments and rows come again in each test, and a process keeps things by them."""
    recent.forget()
    line.cache_clear()


@pytest.fixture
def say(db):
    """Make a comment; by default approved by a person.

    `refresh=False` leaves the thread's pages as they are: of many comments they cost the most.
    """

    def say(post, body="I agree.", *, refresh=True, **changes):
        given = {"name": "Lou Barba", "status": Comment.Status.APPROVED} | changes
        if given["status"] != Comment.Status.PENDING:
            given.setdefault("judged_at", timezone.now())
        comment = Comment(post=post, body=body, **given)
        comment.save(refresh=refresh)
        return comment

    return say


def on(year, month=1, day=1, hour=12):
    """Return that moment, in UTC."""
    return datetime(year, month, day, hour, tzinfo=UTC)


@pytest.fixture
def send(client, post, monkeypatch):
    """Send the form, as someone who took a minute over it; the changes are all a test says."""

    def send(*, by=client, on=post, headers=None, **changes):
        token = made_ago(monkeypatch, on, 60)
        given = {"body": "I agree.", "name": "Lou Barba", "email": "", "url": "", "token": token}
        given = {name: value for name, value in (given | changes).items() if value is not None}
        return by.post(f"{on.get_absolute_url()}comments/", given, headers=headers)

    return send


def made_ago(monkeypatch, post, seconds):
    with monkeypatch.context() as patch:
        now = signing.time.time()
        patch.setattr(signing.time, "time", lambda: now - seconds)
        return make_token(post)


@pytest.fixture
def mail_set_up(settings):
    """As with a mail server; what is sent is kept in `django.core.mail.outbox`."""
    settings.MAIL_IS_SET_UP = True


@contextmanager
def later(monkeypatch, by):
    """Check signatures as if this much time had passed."""
    with monkeypatch.context() as patch:
        now = signing.time.time()
        patch.setattr(signing.time, "time", lambda: now + by.total_seconds())
        yield


@pytest.fixture(scope="session")
def browser():
    """A real Chromium. Without one the test is skipped, loudly; in CI that is a failure."""
    from playwright.sync_api import Error, expect, sync_playwright  # noqa: PLC0415

    expect.set_options(timeout=30_000)  # as long as all else waits, since the machine may be busy
    with sync_playwright() as playwright:
        try:
            chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        except Error as error:
            reason = f"NO CHROMIUM, so no browser test runs: {error.message.splitlines()[0]}"
            if os.environ.get("CI"):
                pytest.fail(reason)
            pytest.skip(reason)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser):
    """A fresh page with JavaScript off, as every page here must work."""
    # With less motion no page glides to what is clicked, which takes a second each time.
    context = browser.new_context(java_script_enabled=False, reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def attacked(tmp_path_factory):
    """The one running site that the tests of attacks share; it must end as cleanly as it began."""
    site = prepared.started(tmp_path_factory.mktemp("attacked"), ADMIN_PATH="desk")
    site.words = site.start("--no-worker")
    yield site
    end = site.stop(signal.SIGTERM)
    assert end.code == 0
    assert "Traceback" not in end.said
