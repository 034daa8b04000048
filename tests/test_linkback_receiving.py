"""What both endpoints answer before a source is read, and how essays name them."""

import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone
from linkbacks import FORM, at, fault_or_words, mention, ping

from blog.net.response import Headers
from blog.posts.models import OldAddress
from comments.linkbacks.protocols import pingback, webmention
from comments.models import BlockRule, Linkback, Look

SOURCE = "https://other.example.org/reply/"


@pytest.fixture(autouse=True)
def nobody_waits(settings):
    settings.LINKBACK_WAITS = 0


@pytest.fixture
def post(write):
    return write()


# --- Pingback 2.1, 2.2 and Webmention 3.1.2: how a page names the endpoints -----------------------


@pytest.mark.parametrize("method", ["get", "head"])
def test_p2_1_the_headers_of_an_essay_name_both_endpoints(client, post, method):
    page = getattr(client, method)(post.get_absolute_url())
    assert page["X-Pingback"] == "http://127.0.0.1:8000/pingback/"
    assert page["Link"] == '<http://127.0.0.1:8000/webmention/>; rel="webmention"'


def test_p2_2_elements_match_the_pingback_pattern(client, post):
    page = client.get(post.get_absolute_url())
    html = page.content.decode()
    # Pingback 1.0, 2.3: the expression clients look by.
    found = re.findall(r'<link rel="pingback" href="([^"]+)" ?/?>', html)
    assert found == [page["X-Pingback"]]
    [webmention] = re.findall(r'<link rel="webmention" href="([^"]+)">', html)
    assert page["Link"] == f'<{webmention}>; rel="webmention"'
    assert "pingback" not in page["Link"]


def test_p2_2_nothing_else_matches_the_pingback_pattern(client, write, say):
    false = '<link rel="pingback" href="https://evil.example/rpc">'
    post = write(f"On {false}", body=f"{false}\n\n    {false}\n", standfirst=false)
    say(post, f"I say {false}\n\n    {false}", name=false[:50], url="https://a.example/")
    html = client.get(post.get_absolute_url()).content.decode()
    found = re.findall(r'<link rel="pingback" href="([^"]+)" ?/?>', html)
    assert found == ["http://127.0.0.1:8000/pingback/"]


def test_p4_our_server_accepts_our_client(client, post):
    page = client.get(post.get_absolute_url())
    for headers in (Headers(page.items()), Headers([])):
        server = pingback.endpoint_from(headers, page.content.decode())
        assert server == "http://127.0.0.1:8000/pingback/"
    call = pingback.render_call(SOURCE, at(post))
    answer = client.post("/pingback/", call, pingback.CONTENT_TYPE)
    assert "received" in pingback.parse_answer(answer.content, answer["Content-Type"])
    found = webmention.endpoint_from(Headers(page.items()), "", at(post))
    assert found == "http://127.0.0.1:8000/webmention/"


def test_an_essay_closed_to_comments_still_takes_mentions(client, write, settings):
    settings.COMMENTS_OPEN = False
    closed = write(comments_open=False)
    assert "X-Pingback" in client.get(closed.get_absolute_url())
    assert mention(client, SOURCE, at(closed)).status_code == 201


def test_p2_1_page_without_mentions_names_no_endpoint(client, post, settings, admin_client, write):
    draft = write("A draft", published_at=None)
    index, hidden = client.get("/"), admin_client.get(draft.get_absolute_url())
    settings.LINKBACKS = False
    for page in (index, hidden, client.get(post.get_absolute_url())):
        assert page.status_code == 200
        assert "X-Pingback" not in page
        assert "Link" not in page
        assert b'rel="webmention"' not in page.content


# --- Which targets there are ----------------------------------------------------------------------


def targets(write):
    """Make what cannot be a target; return each address with its fault."""
    tomorrow = timezone.now() + timedelta(days=1)
    draft = write("A draft", published_at=None)
    scheduled = write("Scheduled", published_at=tomorrow)
    withdrawn = write("Withdrawn")
    withdrawn.withdraw()
    site = "http://127.0.0.1:8000"
    return {
        "a draft": (at(draft), 32),
        "a scheduled essay": (at(scheduled), 32),
        "no essay": (f"{site}/2020/01/nothing/", 32),
        "no page": (f"{site}/no-such-page/", 32),
        "no month": (f"{site}/2020/13/nothing/", 32),
        "no address": (f"{site}/a/b/c/d/e/", 32),
        "a NUL": (f"{site}/2020/01/a%00b/", 32),
        "no text": (f"{site}/%ff%fe/", 32),
        "a withdrawn essay": (at(withdrawn), 33),
        "the home page": (f"{site}/", 33),
        "the home page with a number": (f"{site}/?p=17", 33),
        "the archive": (f"{site}/archive/", 33),
        "the admin": (f"{site}/admin/", 33),
        "another site": ("https://example.org/2020/01/essay/", 33),
        "another port": ("http://127.0.0.1:8001/2020/01/essay/", 33),
        "a host that begins as ours": ("http://127.0.0.1.example.org/", 33),
        "a name before ours": ("http://127.0.0.1:8000@example.org/", 33),
        "a name before it": (site.replace("//", "//me@") + "/archive/", 33),
    }


def test_p3_faults_invalid_target_is_refused_without_verification(client, write):
    for what, (target, fault) in targets(write).items():
        assert ping(client, SOURCE, target) == fault, what
        response = mention(client, SOURCE, target)
        assert response.status_code == 400, what
        assert response.content.decode().endswith(".\n")
    assert not Linkback.objects.exists()
    assert not Look.objects.exists()


def test_p3_fault_32_draft_is_like_a_missing_essay(client, write):
    draft = write("A draft", published_at=None)
    there = mention(client, SOURCE, at(draft))
    nothing = mention(client, SOURCE, at(draft).replace("draft", "daft"))
    assert (there.status_code, there.content) == (nothing.status_code, nothing.content)


def test_link_compared_essay_matches_all_its_addresses(client, post):
    OldAddress.objects.create(path="2005/02/old", post=post)
    OldAddress.objects.create(path="?p=123", post=post)
    for number, address in enumerate(
        [
            at(post),
            at(post).rstrip("/"),
            at(post) + "#a-part",
            at(post) + "?utm_source=feed",
            at(post).replace("http://", "HTTP://"),
            at(post).replace(":8000/", ":8000/./"),
            "http://127.0.0.1:8000/2005/02/old/",
            "http://127.0.0.1:8000/?p=123",
        ]
    ):
        source = f"https://other{number}.example.org/"
        assert mention(client, source, address).status_code == 201, address
    assert {linkback.post for linkback in Linkback.objects.all()} == {post}


def test_p3_fault_33_site_without_mentions(client, post, settings):
    settings.LINKBACKS = False
    assert ping(client, SOURCE, at(post)) == 33
    assert mention(client, SOURCE, at(post)).status_code == 400


def test_p3_fault_0_essay_mentioning_itself_is_refused(client, post):
    OldAddress.objects.create(path="2005/02/old", post=post)
    assert ping(client, at(post) + "?a=b", at(post)) == 0
    assert ping(client, "http://127.0.0.1:8000/2005/02/old", at(post)) == 0


def test_p3_fault_49_blocked_source_is_refused_without_verification(client, post):
    rule = {"kind": BlockRule.Kind.SITE, "pattern": "example.org", "outcome": "spam"}
    BlockRule.objects.create(**rule)
    assert ping(client, SOURCE, at(post)) == 49
    assert mention(client, SOURCE, at(post)).status_code == 403
    BlockRule.objects.update(kind=BlockRule.Kind.NETWORK, pattern="127.0.0.0/8")
    assert ping(client, SOURCE, at(post)) == 49
    assert not Linkback.objects.exists()


# --- The pingback endpoint ------------------------------------------------------------------------


def test_p3_a_ping_is_received_without_calling_anyone(client, post):
    said = ping(client, SOURCE, at(post))
    assert said == "The pingback was received. The source page will be read soon."
    [look] = Look.objects.all()
    assert look.began_at is None


def test_x_405_other_methods_are_refused_with_allow(client):
    for method in ("put", "delete", "options"):
        response = getattr(client, method)("/pingback/")
        assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, POST")


def test_get_explains_both_endpoints(client):
    for path, said in {
        "/pingback/": "by XML-RPC",
        "/webmention/": "Webmentions are sent here",
    }.items():
        page = client.get(path)
        assert page.status_code == 200
        assert said in page.text
        assert 'action="/webmention/"' in page.text
        assert client.head(path).status_code == 200


@pytest.mark.parametrize(
    ("body", "kind", "fault"),
    [
        (b"<methodCall>", "text/xml", -32700),
        (b"<!DOCTYPE a><methodCall/>", "text/xml", -32700),
        (b"<a/>" + b" " * 65536, "text/xml", -32700),
        (b" ", "text/xml", -32700),
        (b"<a/>", "text/xml", -32600),
        (b"{}", "application/json", -32600),
        (b"<methodCall><methodName>system.multicall</methodName></methodCall>", "text/xml", -32601),
        (b"<methodCall><methodName>pingback.ping</methodName></methodCall>", "text/xml", -32602),
    ],
)
def test_x_faults_invalid_call_gets_its_fault(client, db, body, kind, fault):
    response = client.post("/pingback/", body, kind)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/xml; charset=utf-8"
    assert fault_or_words(response.content.decode()) == fault
    assert not response.cookies
    assert response["X-Content-Type-Options"] == "nosniff"


def test_x_415_a_packed_call_is_refused(client):
    response = client.post("/pingback/", b"", "text/xml", headers={"content-encoding": "gzip"})
    assert response.status_code == 415


# --- The webmention endpoint ----------------------------------------------------------------------


def test_w3_2_a_webmention_is_answered_201(client, post):
    response = mention(client, SOURCE, at(post))
    assert response.status_code == 201
    page = client.get(response["Location"].removeprefix("http://127.0.0.1:8000"))
    assert page.status_code == 200
    assert "will be read soon" in page.content.decode()
    assert not response.cookies


def test_w3_2_its_status_page_is_json_on_request(client, post):
    where = mention(client, SOURCE, at(post))["Location"].removeprefix("http://127.0.0.1:8000")
    page = client.get(where, headers={"accept": "application/json"})
    assert json.loads(page.content)["status"] == "pending"
    assert page["Cache-Control"] == "private, no-store"


def test_w3_2_status_page_cannot_be_guessed(client, db):
    assert client.get("/webmention/1/").status_code == 404


GOOD = "source=https://a.example.org/&target=https://b.example.org/"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("", FORM),
        ("source=https://a.example.org/", FORM),
        (f"{GOOD}&source=https://c.example.org/", FORM),
        ("source=&target=", FORM),
        ("source=/reply&target=/essay", FORM),
        ("source=ftp://a.example.org/&target=http://127.0.0.1:8000/", FORM),
        ("source=http://127.0.0.1:8000/a&target=http://127.0.0.1:8000/a", FORM),
        (f"source=https://a.example.org/{'a' * 10_000}&target=https://b.example.org/", FORM),
        (f"{GOOD}&more={'a' * 70_000}", FORM),
        ("&".join(["a=b"] * 2000), FORM),
        ("source=%ed%a0%80%00&target=%ff", FORM),
        (GOOD, f"{FORM}; charset=utf-7"),
        (GOOD, "text/plain"),
        ('{"source": "https://a.example.org/"}', "application/json"),
        ("--x\r\n\r\n--x--\r\n", "multipart/form-data; boundary=x"),
        (GOOD, "multipart/form-data"),
    ],
)
def test_w3_2_1_bad_request_is_400_with_a_sentence(client, db, body, kind):
    response = client.post("/webmention/", body, kind)
    assert response.status_code == 400
    assert re.fullmatch(r"[A-Z][^<>]+\.\n", response.content.decode())


def test_w3_2_3_browser_gets_the_error_with_the_form(client, db):
    response = client.post("/webmention/", "a=b", FORM, headers={"accept": "text/html,*/*;q=0.8"})
    html = response.content.decode()
    assert response.status_code == 400
    assert "The source is missing" in html
    assert 'name="source"' in html


def test_w4_4_get_explains_and_changes_nothing(client, post):
    page = client.get("/webmention/", {"source": SOURCE, "target": at(post)})
    assert page.status_code == 200
    assert "Webmentions are sent here." in page.content.decode()
    assert client.head("/webmention/").status_code == 200
    assert client.put("/webmention/").status_code == 405
    assert not Linkback.objects.exists()
