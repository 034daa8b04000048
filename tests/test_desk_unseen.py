"""Nothing that is only being written reaches anybody but its authors: looked for by one word."""

from datetime import timedelta

import pytest
from conftest import on
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone
from test_private_by_default import addresses  # noqa: F401 - a fixture

from blog.posts.models import Post, Revision, SharedDraft, Tag, Text

pytestmark = pytest.mark.django_db
# In no text of the site.
WORD = "zyzzyva"
KINDS = Revision.Kind


@pytest.fixture
def writing(write, author, addresses):  # noqa: F811
    """A published essay with changes, and drafts of each kind; all are full of the word."""
    secret = Text(WORD, WORD, f"About {WORD}.", (WORD,), "")
    public = Post.objects.get()
    Revision.objects.keep(public, secret, by=author, kind=KINDS.SAVED)
    coming = timezone.now() + timedelta(days=1)
    for number, date in enumerate([None, coming, on(2020)]):
        post = write(f"{WORD} {number}", published_at=date, body=WORD)
        post.take(Revision.objects.keep(post, secret, by=author, kind=KINDS.SAVED))
        if number == 2:
            post.withdraw()
    binned = write(f"{WORD} bin", published_at=None, body=WORD)
    binned.throw_away()
    SharedDraft.objects.share(binned, secret, f"<p>{WORD}</p>", by=author)
    return addresses + [(post.get_absolute_url(), "an essay") for post in Post.objects.all()]


def where_it_is(client, places):
    """Return the addresses whose answers have the word, in their headers or their bodies."""
    found = []
    for path, name in places:
        for given in ({}, {"q": WORD}):
            response = client.get(path, given)
            body = b"".join(response).decode(errors="replace")
            # A search names what was searched for.
            body = body.replace(f'value="{WORD}"', "") if given else body
            said = [line for line in body.splitlines() if WORD in line.casefold()]
            if said and not (given and "search" in path):
                found.append((path, name, said[0][:80]))
    return found


def test_readers_see_nothing_of_it(writing):
    client = Client(raise_request_exception=False)
    # Who asks for these has named the word.
    own = {post.get_absolute_url() for post in Post.objects.all()} | {"/admin/login/"}
    assert [found for found in where_it_is(client, writing) if found[0] not in own] == []
    assert Tag.objects.filter(slug=WORD).exists()
    assert f"/tags/{WORD}/" not in client.get("/tags/").text


def test_moderators_see_nothing_of_it(writing, client, author):
    author.user_permissions.set(Permission.objects.filter(content_type__app_label="comments"))
    client.force_login(author)
    client.raise_request_exception = False
    for post in Post.objects.all():
        for page in ("change", "history"):
            assert client.get(f"/admin/posts/post/{post.pk}/{page}/").status_code == 403
        assert WORD not in client.get(f"/admin/posts/post/preview/?post={post.pk}").text
        shared = client.post(f"/admin/posts/post/{post.pk}/change/", {"act": "share"})
        assert shared.status_code == 403
    assert client.post("/admin/posts/post/preview/", {"body": "x"}).status_code == 403
    assert not SharedDraft.objects.filter(post=Post.objects.published().get()).exists()


def test_found_by_search_is_only_what_readers_have(writing, client):
    shown = client.get("/search/", {"q": WORD}).text
    assert "/2026/" not in shown.partition("<main")[2].replace(f'value="{WORD}"', "")
