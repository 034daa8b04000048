"""One thing done many times at once is done once, on a server of two processes."""

import re
import signal
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import prepared
import pytest
from reading import hidden, insist, signed_in
from test_worker import share
from trials import in_full

pytestmark = pytest.mark.server

ESSAY = "/2026/11/room-in-the-margin/"
ROUNDS, AT_ONCE = 50, in_full(32, 16)

HOLD = """
from django.contrib.auth import get_user_model
from blog.posts.models import Post
from comments.mail.links import judging_links
from comments.models import Comment
held = Comment(post=Post.objects.first(), name="Lou", body="Held.", status="pending")
held.save()
admin = get_user_model().objects.get(username="admin")
for word, url in judging_links(admin, [held])[held.pk]:
    print(url)
"""
EVENTS = "SELECT count(*) FROM comments_moderationevent"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def site(request, tmp_path_factory):
    settings = {"COMMENT_RATE_PER_NETWORK": "none", "COMMENT_RATE_SITE": "none"}
    site = prepared.started(tmp_path_factory.mktemp("site"), request.param, **settings)
    site.start("--workers", "2")
    yield site
    site.stop(signal.SIGTERM)


@pytest.mark.long
def test_identical_comments_at_once_make_one_row(site):
    _status, _where, page = site.ask("GET", ESSAY)
    token = re.search(r'name="token" value="([^"]+)"', page)[1]
    for number in range(share(ROUNDS, of=16)):
        given = {"body": f"At once, round {number}.", "name": "Lou Barba", "token": token}
        with ThreadPoolExecutor(AT_ONCE) as senders:
            sent = [
                senders.submit(site.ask, "POST", f"{ESSAY}comments/", given) for _ in range(AT_ONCE)
            ]
        statuses = sorted(done.result()[0] for done in sent)
        # One stored, and every other sender led to that one; a slow machine may ask some to wait.
        assert statuses[0] == 303
        assert {*statuses[1:]} <= {409, 503}
    _status, _where, page = site.ask("GET", ESSAY)
    assert "At once" not in page, "what waits is shown to nobody else"


@pytest.fixture(scope="module")
def admin(site):
    return signed_in(site)


@pytest.mark.parametrize(
    ("model", "given", "said"),
    [
        ("posts/tag", {"name": "Typed", "slug": "same"}, "Another tag already has this slug."),
        (
            "auth/user",
            {"username": "same", "usable_password": "false"},
            "A user with that username already exists.",
        ),
        (
            "posts/post",
            {"title": "Typed", "slug": "same", "body": "Typed.", "kind": "essay", "author": "1"},
            "Another essay already has this address.",
        ),
    ],
)
def test_same_thing_added_at_once_is_said(admin, model, given, said):
    """One is stored; every other form comes back with the sentence and the words."""
    page = f"/admin/{model}/add/"
    given |= hidden(admin.ask(page).text, "csrfmiddlewaretoken")
    given |= {"old_addresses-TOTAL_FORMS": "0", "old_addresses-INITIAL_FORMS": "0"}
    with ThreadPoolExecutor(4) as senders:
        sent = [senders.submit(admin.ask, page, given) for _ in range(4)]
    answers = [done.result() for done in sent]
    assert [answer.status for answer in answers].count(302) == 1
    for answer in answers:
        # A busy machine may ask to send it again; nothing else is an answer.
        wanted = {200: said, 302: "", 503: "Nothing was stored."}[answer.status]
        assert wanted in answer.text
        assert answer.status == 302 or next(iter(given.values())) in answer.text


def test_form_sent_by_several_at_once_is_saved_once(site, admin):
    """Each was shown the same row; all but the first are shown what is stored by then."""
    made = {"name": "Raced", "slug": "raced"} | hidden(
        admin.ask("/admin/posts/tag/add/").text, "csrfmiddlewaretoken"
    )
    assert admin.ask("/admin/posts/tag/add/", made).status == 302
    ((number,),) = site.rows("SELECT id FROM posts_tag WHERE slug = 'raced'")
    page = f"/admin/posts/tag/{number}/change/"
    for attempt in range(in_full(3, 1)):
        given = made | hidden(admin.ask(page).text, "csrfmiddlewaretoken", "started_from")
        names = [f"Raced {attempt} {person}" for person in range(4)]
        with ThreadPoolExecutor(4) as senders:
            sent = [senders.submit(admin.ask, page, given | {"name": name}) for name in names]
        answers = [done.result() for done in sent]
        assert [answer.status for answer in answers].count(302) == 1
        for answer in answers:
            wanted = {200: "Somebody saved this after", 302: "", 503: "Nothing was stored."}
            assert wanted[answer.status] in answer.text


@pytest.mark.long
def test_of_many_presses_at_once_one_counts(site):
    for number in range(1, in_full(5, 1) + 1):
        links = [urlsplit(url).path for url in site.shell(HOLD).split()]
        assert len(links) == 3
        with ThreadPoolExecutor(AT_ONCE) as people:
            # All three of a mail among them: they contradict each other.
            sent = [people.submit(insist, site.url + links[n % 3], "POST") for n in range(16)]
        statuses = Counter(done.result().status for done in sent)
        assert statuses == {303: 1, 409: 15}
        assert site.rows(EVENTS) == [(number,)]
