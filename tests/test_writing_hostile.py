"""Hostile input to the comment form is stored as a comment or refused with an explanation.

The requests are in tests/support/hostile.py. They go over HTTP to a real server; what it takes is
then held against a page with an innocent comment, element by element.
"""

import contextlib
import re
import signal
import socket
import sqlite3
from concurrent.futures import ThreadPoolExecutor

import lxml.html
import prepared
import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone
from hostile import FIELDS, FORM, MULTIPART, TEXTS, multipart, requests, texts, urlencoded
from hypothesis import given, settings
from hypothesis import strategies as some
from quick import within
from trials import in_full, some_of

from blog.markup.gates import COMMENT_RULES
from blog.posts.models import Post
from comments.browser import make_token
from comments.models import Comment, ThreadPage

ESSAY = "/2026/11/room-in-the-margin/"
OTHER = "/2026/09/ten-minutes-a-day/"
# What a part of the page is known by; the words in it may be anything.
KEPT = ("id", "name", "type", "role", "href")
AT_ONCE = 4
OF, OF_REQUESTS = 4, 8  # of so many texts, and of so many requests, the suite tries one


def tree_of(page):
    # Its parser reads tags by the HTML standard's rules, as browsers do (libxml2 since 2.14).
    return lxml.html.document_fromstring(
        page.encode(), parser=lxml.html.HTMLParser(encoding="utf-8")
    )


def skeleton(page, *, without=(), classes=()):
    """Return every element of a page with its depth and what it is known by.

    `without` are ids of elements left out with all that is in them, `classes` their classes.
    """
    found = []

    def walk(element, depth):
        if not isinstance(element.tag, str) or element.get("id") in without:
            return
        if element.get("class") in classes:
            return
        if element.tag == "p" and element.get("class") == "error":
            return
        marks = [(name, element.get(name)) for name in KEPT if element.get(name)]
        found.append((depth, element.tag, marks))
        for child in element:
            walk(child, depth + 1)

    walk(tree_of(page), 0)
    return found


def inside(page, number):
    """Return the tags in the words of one comment, as a browser takes them to be."""
    for element in tree_of(page).iter("article"):
        if element.get("id") == f"c{number}":
            said = [part for part in element.iter("div") if "said" in part.get("class", "")]
            return {below.tag for part in said for below in part.iter() if below is not part}
    return None


def innocent(post):
    return [("body", "I agree."), ("name", "Lou Barba"), ("token", make_token(post))]


# --- Over HTTP --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    site = prepared.started(
        tmp_path_factory.mktemp("site"), COMMENT_RATE_PER_NETWORK="none", COMMENT_RATE_SITE="none"
    )
    site.start("--no-worker")  # a card drawn meanwhile would change the page
    yield site
    site.stop(signal.SIGTERM)


def raw(site, request, *, hang_up=False):
    """Send bytes as they are and return all that is answered.

    `hang_up` says that no more will come, which ends a request that promised more.
    """
    with socket.create_connection(("127.0.0.1", site.port), timeout=30) as line:
        with contextlib.suppress(OSError):  # it may hang up before it has read everything
            line.sendall(request)
            if hang_up:
                line.shutdown(socket.SHUT_WR)
        answer = b""
        with contextlib.suppress(ConnectionResetError):
            while part := line.recv(1 << 16):
                answer += part
        return answer


def post(site, kind, body, headers=""):
    """Return status, headers and page of one request."""
    head = f"POST {ESSAY}comments/ HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nConnection: close\r\n"
    head += f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    head, _, page = raw(site, head.encode("latin-1") + body).partition(b"\r\n\r\n")
    return int(head.split()[1]), head.decode("latin-1"), page.decode()


def get(site, path, cookie=""):
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nConnection: close\r\n"
    head, _, page = raw(site, f"{head}Cookie: {cookie}\r\n\r\n".encode()).partition(b"\r\n\r\n")
    assert head.split()[1] == b"200"
    return page.decode()


def query(site, sql, *values):
    with contextlib.closing(sqlite3.connect(site.data / "postil.sqlite3")) as database:
        found = database.execute(sql, values).fetchall()
        database.commit()
        return found


def everything(site):
    """Return name, content type and bytes of each request, as pairs of the form."""
    token = re.search(r'name="token" value="([^"]+)"', get(site, ESSAY))[1]
    form = [("name", "Lou Barba"), ("email", ""), ("url", ""), ("token", token)]
    answered = "SELECT max(c.id) FROM comments_comment c JOIN posts_post p ON p.id = c.post_id "
    answered += "WHERE c.status = 'approved' AND p.path = ?"
    others = {"of another essay": query(site, answered, OTHER.strip("/"))[0][0]}
    for status in ("pending", "spam", "trash"):
        sent = [("body", f"It will be {status}."), *form]
        assert post(site, FORM, urlencoded(sent))[0] == 303
        others[f"in {status}"] = query(site, "SELECT max(id) FROM comments_comment")[0][0]
        query(
            site,
            "UPDATE comments_comment SET status = ? WHERE id = ?",
            status,
            others[f"in {status}"],
        )
    for number, (name, change) in enumerate(texts()):
        pairs = {"body": f"Distinguished by the number {number}."} | dict(form) | change
        write, kind = ((urlencoded, FORM), (multipart, MULTIPART))[number % 2]
        yield name, kind, write(pairs.items())
    for name, kind, body in requests([("body", "I agree."), *form], others):
        yield name, kind, body


@pytest.mark.long
@pytest.mark.server
def test_any_form_is_stored_or_explained(site):
    token = re.search(r'name="token" value="([^"]+)"', get(site, ESSAY))[1]
    empty = post(site, FORM, urlencoded([("name", "Lou"), ("token", token)]))
    too_large = post(site, FORM, urlencoded([(f"x{number}", "") for number in range(2000)]))
    words = [("body", "My words."), *[(f"x{number}", "") for number in range(2000)]]
    given_back = post(site, FORM, urlencoded(words))
    assert (empty[0], too_large[0], given_back[0]) == (400, 400, 400)
    # Each answer is one of these three pages. The last has as many boxes as texts were sent.
    without, boxes = ("errors",), ("row form-row", "write")
    known = [skeleton(page, without=without) for _status, _head, page in (empty, too_large)]
    around_words = skeleton(given_back[2], classes=boxes)
    assert "My words." in given_back[2]
    page_before = skeleton(get(site, ESSAY))
    rows = list(everything(site))
    assert len(rows) >= 500
    rows = some_of(rows, OF_REQUESTS)
    before = query(site, "SELECT count(*) FROM comments_comment")[0][0]
    with ThreadPoolExecutor(AT_ONCE) as senders:
        answers = list(senders.map(lambda row: post(site, *row[1:]), rows))

    wrong, stored = [], []
    for (name, _kind, _body), (status, head, page) in zip(rows, answers, strict=True):
        if status == 303:
            stored.append((name, re.search(r"(?i)\r\nset-cookie: ([^;]+)", head)[1], head))
        elif not (
            400 <= status < 500
            and (
                skeleton(page, without=without) in known
                or skeleton(page, classes=boxes) == around_words
            )
        ):
            wrong.append((name, status))
    assert not wrong
    assert query(site, "SELECT count(*) FROM comments_comment")[0][0] == before + len(stored)
    assert skeleton(get(site, ESSAY)) == page_before
    for name, cookie, head in some_of(stored, OF):
        number = re.search(r"#c(\d+)\r\n", head)[1]
        page = get(site, ESSAY, cookie)
        assert skeleton(page, without=[f"c{number}"]) == page_before, name
        assert inside(page, number) <= COMMENT_RULES.tags | {"p", "strong", "a"}, name


@pytest.mark.server
def test_cut_off_or_mislabelled_request_is_harmless(site):
    head = f"POST {ESSAY}comments/ HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\n"
    head += f"Content-Type: {FORM}\r\n"
    body = urlencoded([("body", "Cut off."), ("name", "Lou")])
    for lies in (
        f"Content-Length: {len(body) + 100}",
        "Content-Length: 1",
        "Content-Length: -1",
        "Content-Length: x",
        "Content-Length: 99999999999999999999",
        f"Content-Length: {len(body)}\r\nContent-Length: 3",
        f"Content-Length: {len(body)}\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked",
        "Transfer-Encoding: gzip, chunked",
        "Expect: 100-continue\r\nContent-Length: 9000000",
    ):
        request = f"{head}{lies}\r\nConnection: close\r\n\r\n".encode() + body
        answer = raw(site, request, hang_up=True)
        # Hyper answers 400, or nothing if the connection is gone.
        assert not answer or 400 <= int(answer.split()[1]) < 500 or b" 100 Cont" in answer, lies
    assert query(site, "SELECT count(*) FROM comments_comment WHERE body = 'Cut off.'") == [(0,)]
    assert "Internal Server Error" not in site.log.read_text()
    assert get(site, ESSAY)


# --- On the page ------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def no_rate(settings):
    settings.COMMENT_RATE_PER_NETWORK = settings.COMMENT_RATE_SITE = None


def said_by(browser, essay, changes):
    """Post a comment and return its number; None where it was refused."""
    words = {"body": f"The {Comment.objects.count()} before me are right."}
    sent = multipart((dict(innocent(essay)) | words | changes).items())
    response = browser.generic("POST", f"{essay.get_absolute_url()}comments/", sent, MULTIPART)
    assert response.status_code in (303, 400, 409)
    if response.status_code != 303:
        return None
    return int(response["Location"].partition("#c")[2])


def frame(page, number):
    """Return the elements of a comment around its words."""
    article = tree_of(page).get_element_by_id(f"c{number}")
    return [
        (part.tag, part.get("class"))
        for part in article.iter()
        if part.tag != "bdi"  # around a name of another direction
        and not any("said" in over.get("class", "") for over in part.iterancestors("div"))
    ]


def texts_for(field):
    """Return what is tried in a field, some texts for each page: in the suite each in one field."""
    every = [text for kind in TEXTS.values() for text in kind]
    tried = some_of(every, OF, ("body", "name", "url", "email").index(field))
    return [tried[at : at + 15] for at in range(0, len(tried), 15)]


@pytest.mark.long
@pytest.mark.django_db
@pytest.mark.parametrize("field", ["body", "name", "url", "email"])
def test_approved_comment_leaves_the_page_around_it_unchanged(write, field):
    essay, browser = write(), Client()
    path = essay.get_absolute_url()
    honest = [said_by(browser, essay, change) for change in ({}, {"url": "https://lou.example/"})]
    Comment.objects.all().judge("approved")
    page = browser.get(path).text
    frames = [frame(page, number) for number in honest]
    around = skeleton(page, without=[f"c{number}" for number in honest])
    for tried in texts_for(field):
        said = {said_by(browser, essay, {field: text}): text[:50] for text in tried}
        said.pop(None, None)
        hostile = Comment.objects.filter(pk__in=said)
        hostile.judge("approved")
        page = browser.get(path).text
        assert skeleton(page, without=[f"c{number}" for number in (*honest, *said)]) == around, said
        for number, text in said.items():
            assert frame(page, number) in frames, text
            assert inside(page, number) <= COMMENT_RULES.tags, text
        for other in ("/", "/feed.xml", "/comments/feed.xml", "/comments/atom.xml"):
            assert browser.get(other).status_code == 200
        hostile.judge("trash")
        hostile.delete()
    Comment.objects.all().judge("trash")
    assert not ThreadPage.objects.exists()


@pytest.mark.django_db
@settings(max_examples=in_full(60, 25), deadline=None)
@given(data=some.data())
def test_any_bytes_of_any_kind_are_answered(data):
    essay = some_essay()
    fields = some.tuples(some.sampled_from(FIELDS), some.binary(max_size=60))
    pairs = data.draw(some.lists(fields, max_size=12))
    charset = data.draw(some.sampled_from(["", "; charset=utf-7", "; charset=hex", "; charset=x"]))
    kind, write = data.draw(some.sampled_from([(FORM, urlencoded), (MULTIPART, multipart)]))
    sent = write([*innocent(essay), *pairs])
    cut = data.draw(some.integers(0, len(sent)) | some.just(len(sent)))
    path = f"{essay.get_absolute_url()}comments/"
    response = Client().generic("POST", path, sent[:cut], kind + charset)
    assert response.status_code in (200, 303, 400, 409, 429)
    if response.status_code == 303:
        assert Comment.objects.filter(pk=response["Location"].partition("#c")[2]).exists()


@pytest.mark.django_db
@settings(max_examples=in_full(60, 12), deadline=None)
@given(body=some.text(some.characters(), min_size=1), name=some.text(min_size=1, max_size=50))
def test_stored_comment_is_recognised_when_resent(body, name):
    essay = some_essay()
    Comment.objects.all().delete()
    path = f"{essay.get_absolute_url()}comments/"
    sent = urlencoded((dict(innocent(essay)) | {"body": body, "name": name}).items())
    once, again = (Client().generic("POST", path, sent, FORM).status_code for _ in range(2))
    assert (once, again, Comment.objects.count()) in [(303, 409, 1), (400, 400, 0)]


def some_essay():
    """Return the one essay of a test whose examples share the database."""
    author, _made = get_user_model().objects.get_or_create(username="ines")
    essay = Post.objects.filter(slug="any").first()
    if essay is None:
        essay = Post(title="Any", slug="any", author=author, published_at=timezone.now())
        essay.save()
    return essay


@pytest.mark.django_db
@pytest.mark.parametrize(("pairs", "status"), [(9_000, 303), (100_000, 400)])
def test_many_marks_on_one_letter_take_no_time(write, pairs, status):
    essay = write()
    sent = multipart([*innocent(essay), ("body", "a" + "\u0301\u0316" * pairs)])
    path = f"{essay.get_absolute_url()}comments/"
    # With all its marks kept, bringing them into order took half a minute.
    response = within(2, Client().generic, "POST", path, sent, MULTIPART)
    assert response.status_code == status
    assert all(len(comment.body) < 50 for comment in Comment.objects.all())
