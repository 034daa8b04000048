"""Two web machines, one worker, one PostgreSQL and one Redis work as one site.

Two servers on two ports, each with a folder of its own, as two machines have. The visitors'
networks come from X-Forwarded-For, as from a proxy in front of both.
"""

import itertools
import re
import shutil
import signal
import subprocess
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode, urlsplit

import prepared
import pytest
from reading import Browser, fetch, hidden, insist, signed_in
from server import PATIENCE, Site, free_port
from test_backup_s3 import KEYS, boto3, stop_empty, threaded
from test_worker import until
from test_writing_at_once import EVENTS, HOLD
from trials import in_full

pytestmark = [pytest.mark.server, pytest.mark.postgresql]

ESSAY = "/2026/11/room-in-the-margin/"
AT_ONCE = 16
ROUNDS, FETCHES = in_full((5, 20), (2, 8))
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PICTURE = """
import io
from PIL import Image as Pixels
from blog.media.files import put
from blog.media.names import name_of
from blog.posts.models import Image

content = io.BytesIO()
Pixels.new("RGB", (800, 600), "teal").save(content, "JPEG")
name = name_of(content.getvalue(), 800, 600, "jpg")
put(name, content.getvalue())
Image.objects.create(file=name, width=800, height=600)
print(name)
"""
networks = (f"10.{high}.{low}.1" for high, low in itertools.product(range(250), range(250)))


@pytest.fixture(scope="module")
def redis(tmp_path_factory):
    """A Redis of its own; None where it is not installed, which nothing but its own tests needs."""
    if not (program := shutil.which("redis-server") or shutil.which("valkey-server")):
        yield None
        return
    port = free_port()
    how = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    server = subprocess.Popen([program, *how, "--dir", tmp_path_factory.mktemp("redis")], stdout=-3)
    yield f"redis://127.0.0.1:{port}/0"
    server.terminate()
    server.wait(PATIENCE)


@pytest.fixture(scope="module")
def bucket():
    """The variables of a store that speaks S3, with a bucket for uploads."""
    server = threaded.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (KEYS | {"AWS_ENDPOINT_URL": f"http://{host}:{port}"}).items():
            patch.setenv(name, value)
        client = boto3.client("s3")
        client.create_bucket(Bucket="margin")
        client.close()
    yield KEYS | {"AWS_ENDPOINT_URL": f"http://{host}:{port}", "MEDIA_STORAGE": "s3://margin"}
    stop_empty(server)


@pytest.fixture(scope="module")
def nodes(tmp_path_factory, redis, bucket):
    shared = {"SECRET_KEY": "the same on both, and quite long enough 0123456789"}
    shared |= {"COMMENT_RATE_SITE": "none", "TRUSTED_PROXIES": "127.0.0.1"}
    shared |= {"CACHE_URL": redis or ""} | bucket
    a = prepared.started(tmp_path_factory.mktemp("a"), "postgresql", **shared)
    shared |= {"DATABASE_URL": a.settings["DATABASE_URL"]}
    # One with a pool of connections and one without, for both are ways to run it.
    b = Site(tmp_path_factory.mktemp("b"), DATABASE_POOL="4", **shared)
    prepared.lay_out(prepared.once("start_and_stop.sqlite", None), b)
    (b.data / "postil.sqlite3").unlink()  # it has only PostgreSQL to read from
    with (a.data.parent / "worker").open("w") as log:
        worker = subprocess.Popen(**a.command("worker"), stdout=log, stderr=log)
    for node in (a, b):
        node.start("--no-worker", "--workers", "2")
    yield a, b
    worker.terminate()
    assert worker.wait(PATIENCE) == 0
    for node in (a, b):
        end = node.stop(signal.SIGTERM)
        assert end.code == 0
        assert "Traceback" not in end.said


@pytest.fixture(scope="module")
def moderator(nodes):
    return signed_in(nodes[0])


def post(node, path, given, network=None):
    headers = FORM | {"X-Forwarded-For": network or next(networks)}
    return insist(node.url + path, "POST", urlencode(given), **headers)


def token(node):
    return hidden(fetch(node.url + ESSAY).text, "token")


@pytest.mark.long
def test_identical_comments_on_both_nodes_make_one_row(nodes):
    for number in range(ROUNDS):
        # With an address, for a bare name is somebody's by the network alone.
        given = {"name": "Lou", "email": "lou@example.org"} | token(nodes[0])
        given["body"] = f"On both at once, round {number}."
        with ThreadPoolExecutor(AT_ONCE) as senders:
            sent = [
                senders.submit(post, nodes[n % 2], f"{ESSAY}comments/", given)
                for n in range(AT_ONCE)
            ]
        assert Counter(done.result().status for done in sent) == {303: 1, 409: AT_ONCE - 1}
    count = "SELECT count(*) FROM comments_comment WHERE body LIKE 'On both at once%'"
    assert nodes[0].rows(count) == [(ROUNDS,)]


@pytest.mark.long
def test_decision_on_one_node_shows_on_the_other(nodes, moderator):
    b = nodes[1]
    for number in range(ROUNDS):
        mark = f"Decided on one, mark {number}."
        answer = post(b, f"{ESSAY}comments/", {"body": mark, "name": "Lou"} | token(b))
        place = re.search(r"#c(\d+)$", answer.headers["Location"])[1]
        for _fetch in range(FETCHES):  # each process of the other keeps the page as it was
            assert mark not in fetch(b.url + ESSAY).text
        for verb, status, shown in (("approve", "pending", True), ("spam", "approved", False)):
            moderator.press(verb, place, status)
            answered = asked = time.monotonic()
            while (mark in fetch(b.url + ESSAY).text) is not shown:
                asked = time.monotonic()
                assert asked < answered + 1
            seen = [mark in fetch(b.url + ESSAY).text for _ in range(FETCHES)]
            if seen != [shown] * FETCHES:  # another process of the other heard of it a little later
                assert time.monotonic() < answered + 1
                seen = [mark in fetch(b.url + ESSAY).text for _ in range(FETCHES)]
            assert seen == [shown] * FETCHES


def test_sign_in_on_one_node_counts_on_both(nodes, moderator):
    there = Browser(nodes[1])
    there.cookies = dict(moderator.cookies)
    assert there.ask("/admin/").status == 200


@pytest.mark.long
def test_of_presses_on_both_at_once_one_counts(nodes):
    for _round in range(ROUNDS):
        [(before,)] = nodes[0].rows(EVENTS)
        links = [urlsplit(url).path for url in nodes[0].shell(HOLD).split()]
        assert len(links) == 3
        with ThreadPoolExecutor(AT_ONCE) as people:
            sent = [
                people.submit(post, nodes[n % 2], links[n % 3], {"x": ""}) for n in range(AT_ONCE)
            ]
        assert Counter(done.result().status for done in sent) == {303: 1, 409: AT_ONCE - 1}
        assert nodes[0].rows(EVENTS) == [(before + 1,)]


def test_the_rate_of_comments_is_one_for_both(nodes):
    network = "203.0.113.9"
    statuses = [
        post(
            nodes[n % 2],
            f"{ESSAY}comments/",
            {"body": f"Quickly, {n}.", "name": "Lou"} | token(nodes[0]),
            network,
        ).status
        for n in range(7)
    ]
    assert statuses == [303] * 5 + [429] * 2


def test_failed_sign_ins_are_counted_on_both(nodes):
    statuses = []
    for number in range(12):
        browser = Browser(nodes[number % 2])
        page = browser.ask("/admin/login/").text
        given = {"username": "somebody", "password": "guess"} | hidden(page, "csrfmiddlewaretoken")
        answer = browser.ask("/admin/login/", given, **{"X-Forwarded-For": next(networks)})
        statuses.append(answer.status)
    assert statuses == [200] * 10 + [429] * 2


def test_the_one_worker_does_what_both_ask_for(nodes, moderator):
    """Each decision is a job for the filter that learns."""
    answer = post(
        nodes[1], f"{ESSAY}comments/", {"body": "For work.", "name": "Lou"} | token(nodes[1])
    )
    place = re.search(r"#c(\d+)$", answer.headers["Location"])[1]
    there = Browser(nodes[1])
    there.cookies = dict(moderator.cookies)
    jobs = "SELECT status FROM django_tasks_database_dbtaskresult WHERE task_path LIKE '%learn%'"
    before = len(nodes[0].rows(jobs))
    there.press("approve", place, "pending")
    assert len(nodes[0].rows(jobs)) > before
    until(lambda: {status for (status,) in nodes[0].rows(jobs)} == {"SUCCESSFUL"})


def test_pictures_made_by_the_worker_are_served_by_both(nodes):
    name = nodes[0].shell(PICTURE)
    address = f"/media/{name}.720.webp"
    until(lambda: head(nodes[1], address)["Content-Type"] == "image/webp")
    for node in nodes:
        assert "immutable" in head(node, address)["Cache-Control"]


def head(node, address):
    answer = fetch(node.url + address, "HEAD")
    assert answer.status == 200, "the picture itself stands in until then"
    return answer.headers


def test_both_share_redis_where_one_is_named(nodes, redis):
    if not redis:
        pytest.skip("no redis-server or valkey-server is installed")
    nodes[0].shell("from django.core.cache import cache; cache.set('said', 'on one')")
    said = nodes[1].shell("from django.core.cache import cache; print(cache.get('said'))")
    assert said == "on one"


# What is set, and what an essay's page has then.
SETTINGS = [
    ({"title": "Low water"}, "Low water</a>"),
    ({"language": "fr"}, '<html lang="fr">'),
    ({"colours": "moss"}, "--paper:light-dark(#fbfcf8,"),
    ({"typeface": "sans"}, "--serif:system-ui"),
    ({"css": "h1 { color: teal }"}, "h1 { color: teal }</style>"),
    ({"masthead-0-to": "/tags/", "masthead-0-words": "Subjects"}, ">Subjects</a>"),
    ({"foot-0-to": "/tags/", "foot-0-words": "Subjects"}, ">Subjects</a>"),
    ({"profiles-0-to": "https://social.example/@ines"}, '<a rel="me"'),
    ({"comments": "closed"}, "Comments are closed"),
    ({"comment_words": "Be *kind*."}, "Be <em>kind</em>."),
]


@pytest.mark.long
def test_what_is_set_on_one_node_shows_on_both(nodes, moderator):
    where = "/admin/site/siteversion/"
    for given, shown in SETTINGS:
        token = hidden(moderator.ask(where).text, "csrfmiddlewaretoken", "started_from")
        assert moderator.ask(where, given | token).status == 302, given
        assert shows(nodes[0], shown), shown
        # Each process of the other hears of it by itself.
        until(lambda: all(shows(nodes[1], shown) for _ in range(FETCHES)), 1)  # noqa: B023


def shows(node, words):
    return words in fetch(node.url + ESSAY).text
