"""Pages of long threads, and permalinks of comments on them."""

from datetime import timedelta

import pytest
from django.utils import timezone
from thread_reading import articles, move, stored, three_a_page

from comments.models import Comment, ThreadPage

__all__ = ["three_a_page"]  # fixtures


pytestmark = pytest.mark.django_db


# --- Pages and permalinks ---------------------------------------------------------------------


def test_fifty_first_comment_is_on_page_two(client, write, say):
    post = write()
    path = post.get_absolute_url()
    for number in range(ThreadPage.COMMENTS + 1):
        comment = Comment(post=post, name="Lou", body=f"No. {number}", status="approved")
        comment.save(refresh=False)
    ThreadPage.objects.refresh(post)
    assert len(articles(client, path)) == ThreadPage.COMMENTS == 50
    assert list(articles(client, f"{path}comments/2/")) == [comment.pk]
    assert f'rel="next" href="{path}comments/2/#comments"' in client.get(path).text
    assert f'rel="prev" href="{path}#comments"' in client.get(f"{path}comments/2/").text


@pytest.mark.usefixtures("three_a_page")
def test_replies_fill_a_page_as_well(client, write, say):
    post = write()
    first, last = say(post), say(post)
    replies = [say(post, parent=first) for _ in range(3)]
    path = post.get_absolute_url()
    shown, on_second = [[*articles(client, f"{path}{page}")] for page in ("", "comments/2/")]
    assert [*shown, *on_second] == [comment.pk for comment in (first, *replies, last)]
    assert len(shown) <= 3


@pytest.mark.usefixtures("three_a_page")
def test_a_comment_removed_early_changes_no_later_page(client, write, say):
    post = write()
    starts = [say(post) for _ in range(7)]
    before = stored(post)
    move(starts[1], "trash")
    path = post.get_absolute_url()
    assert list(articles(client, path)) == [starts[0].pk, starts[2].pk]
    assert {n for n, html in stored(post).items() if before[n] != html} == {1}


@pytest.mark.usefixtures("three_a_page")
def test_a_page_that_lost_its_last_comment_goes(client, write, say):
    post = write()
    starts = [say(post) for _ in range(7)]
    for comment in starts[3:6]:
        move(comment, "trash")
    path = post.get_absolute_url()
    assert list(articles(client, f"{path}comments/2/")) == [starts[6].pk]
    assert client.get(f"{path}comments/3/").status_code == 404


def test_the_first_page_has_no_address_of_its_own(client, write):
    path = write().get_absolute_url()
    response = client.get(f"{path}comments/1/")
    assert response.status_code == 301
    assert response["Location"] == f"{path}#comments"


@pytest.mark.parametrize("number", ["0", "2", "-1", "x", "999999", "99999999999999999999"])
def test_page_number_out_of_range_is_404(client, write, say, number):
    post = write()
    say(post)
    say(post, "", kind="pingback", source="https://a.org/")  # mentions are stored as number 0
    assert client.get(f"{post.get_absolute_url()}comments/{number}/").status_code == 404


@pytest.mark.usefixtures("three_a_page")
def test_permalink_redirects_to_the_comments_page(client, write, say):
    post = write()
    path = post.get_absolute_url()
    starts = [say(post) for _ in range(7)]
    reply = say(post, parent=starts[6])
    for comment, page in ((starts[0], path), (starts[3], f"{path}comments/2/")):
        response = client.get(f"/comments/{comment.pk}/")
        assert (response.status_code, response["Location"]) == (302, f"{page}#c{comment.pk}")
        assert comment.pk in articles(client, page)
    assert client.get(f"/comments/{reply.pk}/")["Location"] == f"{path}comments/3/#c{reply.pk}"


def test_permalink_of_a_single_page_is_the_essay(write, say):
    post = write()
    comment = say(post)
    assert comment.get_absolute_url() == f"{post.get_absolute_url()}#c{comment.pk}"


@pytest.mark.parametrize("status", ["pending", "spam", "trash"])
def test_permalink_of_an_unapproved_comment_is_404(client, write, say, status):
    assert client.get(f"/comments/{say(write(), status=status).pk}/").status_code == 404


@pytest.mark.parametrize("number", ["0", "12345", "99999999999999999999", "-1", "x"])
def test_the_permalink_of_nothing_is_a_404(client, db, number):
    assert client.get(f"/comments/{number}/").status_code == 404


@pytest.mark.usefixtures("three_a_page")
@pytest.mark.parametrize("fate", ["draft", "scheduled", "withdrawn"])
def test_comments_on_hidden_essays_cannot_be_reached(client, write, say, fate):
    post = write()
    comments = [say(post, "Quince paste.") for _ in range(4)]
    if fate == "withdrawn":
        post.withdraw()
    else:
        post.published_at = timezone.now() + timedelta(days=1) if fate == "scheduled" else None
        post.save()
    assert client.get(post.get_absolute_url()).status_code in (404, 410)
    assert client.get(f"{post.get_absolute_url()}comments/2/").status_code in (404, 410)
    assert client.get(f"/comments/{comments[0].pk}/").status_code in (404, 410)
    assert "Quince" not in client.get("/search/?q=quince").text
