"""Posting a comment: without account or script, nothing lost, nothing stored twice."""

import re
from datetime import timedelta

import pytest
from comment_form import no_rate, post
from conftest import made_ago
from django.contrib.auth import get_user_model
from django.core import signing
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis.strategies import text
from inputs import SIGNS
from trials import in_full

from blog.posts.models import Post
from comments.browser import COOKIE, make_token
from comments.models import Comment, RateEvent
from comments.screening.rules import sentences

__all__ = ["no_rate", "post"]  # fixtures


pytestmark = pytest.mark.django_db


def test_comment_is_stored_and_its_writer_redirected(send, post):
    response = send()
    comment = Comment.objects.get()
    assert response.status_code == 303
    assert response["Location"] == f"{post.get_absolute_url()}#c{comment.pk}"
    assert (comment.status, comment.reasons) == ("pending", ["first-comment"])
    assert (comment.address, comment.network) == ("127.0.0.1", "127.0.0.0/24")


def test_only_its_writer_sees_a_waiting_comment(client, send, post):
    send(body="Only mine to see.")
    own, other = client.get(post.get_absolute_url()), Client().get(post.get_absolute_url())
    assert "Only mine to see." in own.text
    assert "Waiting for a moderator." in own.text
    assert "Only mine to see." not in other.text
    for url in ("/", "/search/?q=mine", "/feed.xml", f"/comments/{Comment.objects.get().pk}/"):
        assert "Only mine to see." not in Client().get(url).text


def test_spam_gets_the_same_answer_as_others(client, send, post):
    send(subject="Cheap watches")
    assert Comment.objects.get().status == "spam"
    assert "Waiting for a moderator." in client.get(post.get_absolute_url()).text


def test_cookie_is_signed_and_http_only(client, send):
    send()
    cookie = client.cookies[COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_a_forged_proof_shows_nothing(client, post, say):
    comment = say(post, "Not yours.", status="pending")
    for value in (f"[{comment.pk}]", signing.dumps([comment.pk], salt="other"), "x" * 5000):
        client.cookies[COOKIE] = value
        assert "Not yours." not in client.get(post.get_absolute_url()).text
        assert client.get(f"/comments/{comment.pk}/withdraw/").status_code == 404


def test_readers_get_no_cookie_and_no_vary(client, post):
    response = client.get(post.get_absolute_url())
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"body": ""}, "Write something first."),
        ({"body": " \u200b\u2060\n"}, "Write something first."),
        ({"body": "x" * 5212}, "This is 212 characters over the limit of 5,000."),
        ({"name": ""}, "Add a name, or a nickname."),
        ({"name": "\u202e\u200b"}, "Add a name, or a nickname."),
        (
            {"email": "anna@"},
            "This address stops after the @. It should look like anna@example.org.",
        ),
        ({"email": "anna"}, "This is not an e-mail address."),
        ({"url": "javascript://x"}, "This is not a web address."),
        ({"parent": "9"}, "The comment you answer was removed."),
        ({"parent": "x"}, "Press Post again to answer the essay."),
        ({"body": "> " * 50 + "x"}, "nest more than"),
    ],
)
def test_missing_fields_are_named_and_the_text_kept(send, changes, words):
    response = send(**{"body": "Kept, every word of it.", "url": "example.org"} | changes)
    assert response.status_code == 400
    assert words in response.text
    assert "Your comment is not posted yet. One thing to fix." in re.sub(
        "<[^>]*>", "", response.text
    )
    assert "<title>Error: " in response.text
    if "body" not in changes:
        assert "Kept, every word of it.</textarea>" in response.text
    assert not Comment.objects.exists()


def test_two_things_are_counted_in_words(send):
    assert "Two things to fix." in send(name="", email="anna@").text


def test_each_message_is_tied_to_its_field(send):
    text = send(email="anna@").text
    assert 'aria-invalid="true" aria-describedby="email-error"' in text
    assert 'id="email-error"' in text
    assert '<a href="#id_email">' in text


def test_repeat_is_stored_once_and_explained(client, send):
    send(body="I agree — “really”!")
    response = send(body='i  agree - "really"', name="LOU BARBA")
    assert response.status_code == 409
    assert "You have already said this here" in response.text
    assert "i  agree - &quot;really&quot;</textarea>" in response.text
    assert Comment.objects.get().repeats == 1


def test_repeat_of_a_published_comment_is_linked(send, post):
    send()
    comment = Comment.objects.get()
    comment.status = "approved"
    comment.save()
    response = send(by=Client())
    assert response.status_code == 409
    assert "You have already said this here" in response.text
    assert f'<a href="{post.get_absolute_url()}#c{comment.pk}">published</a>' in response.text
    assert "I agree.</textarea>" in response.text
    assert COOKIE not in response.cookies


def test_the_same_words_from_another_are_no_duplicate(send):
    assert send(name="Anna").status_code == send(name="Ben").status_code == 303
    assert Comment.objects.count() == 2


def test_copy_of_spam_is_answered_as_waiting(send):
    send(subject="x")
    response = send()
    assert response.status_code == 409
    assert "waiting for a moderator" in response.text
    assert Comment.objects.get().repeats == 1


@pytest.mark.parametrize("token", ["", "x", "1:abc:def", None])
def test_missing_token_asks_to_press_again(send, token):
    response = send(token=token)
    assert response.status_code == 400
    assert "This page was open a long time." in response.text
    assert "I agree.</textarea>" in response.text
    fresh = re.search(r'name="token" value="([^"]+)"', response.text)[1]
    assert send(token=fresh).status_code == 303


def test_old_or_foreign_token_has_expired(send, post, write, monkeypatch):
    assert send(token=made_ago(monkeypatch, post, 86401)).status_code == 400
    assert send(token=made_ago(monkeypatch, write("Another"), 60)).status_code == 400


def test_readers_of_the_same_hour_get_the_same_token(client, post, monkeypatch):
    token = re.compile(r'name="token" value="([^"]+)"')
    seen = set()
    for second in (7200, 7201, 10799):
        monkeypatch.setattr("comments.browser.time.time", lambda second=second: second)
        seen.add(token.search(client.get(post.get_absolute_url()).text)[1])
    assert len(seen) == 1


def test_speed_alone_holds_nothing(client, send, post):
    page = client.get(post.get_absolute_url()).text
    send(token=re.search(r'name="token" value="([^"]+)"', page)[1])
    assert Comment.objects.get().reasons == ["first-comment"]


def test_comments_held_by_an_old_rule_keep_its_reason():
    assert sentences(["too-fast", "links"]) == [
        "It was sent faster than anyone reads and types.",
        "It holds more than three links.",
    ]


def test_many_links_are_held_with_the_reason(send):
    send(body=" ".join(f"https://example.org/{n}" for n in range(4)))
    assert "links" in Comment.objects.get().reasons


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 303),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "http://testserver"}, 303),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({}, 303),
    ],
)
def test_only_our_own_form_posts(send, headers, status):
    response = send(headers=headers)
    assert response.status_code == status
    if status == 403:
        assert "I agree.</textarea>" in response.text


def test_signed_in_requests_need_a_csrf_token(post, author, send):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(author)
    assert send(by=browser).status_code == 403
    page = browser.get(post.get_absolute_url()).text
    token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    assert send(by=browser, csrfmiddlewaretoken=token).status_code == 303
    assert Comment.objects.get().author == author


def test_known_browsers_second_comment_appears_at_once(send, client):
    send()
    comment = Comment.objects.get()
    comment.status = "approved"
    comment.save()
    send(body="And another thing.")
    assert Comment.objects.get(body="And another thing.").status == "approved"
    send(by=Client(), body="A stranger by the same name.")
    assert Comment.objects.get(body__startswith="A stranger").status == "pending"


@pytest.mark.parametrize(
    ("policy", "status"), [("publish-all", "approved"), ("hold-all", "pending")]
)
def test_the_site_decides_what_waits(send, settings, policy, status):
    settings.COMMENT_POLICY = policy
    send()
    assert Comment.objects.get().status == status


def test_rate_limited_writer_keeps_the_text(send, settings):
    settings.COMMENT_RATE_PER_NETWORK = (2, 60)
    send(body="One.")
    send(body="Two.")
    assert send(body="One.").status_code == 409, "a repeat is recognised before it counts"
    response = send(body="Three.")
    assert response.status_code == 429
    assert 1 <= int(response["Retry-After"]) <= 60
    assert "That was quick. Wait" in response.text
    assert "Three.</textarea>" in response.text


def test_the_rate_lets_go_after_its_time(send, settings):
    settings.COMMENT_RATE_SITE = (1, 60)
    send(body="One.")
    assert send(body="Two.").status_code == 429
    RateEvent.objects.update(at=timezone.now() - timedelta(seconds=61))
    assert send(body="Two.").status_code == 303


def test_a_draft_takes_none(send, write):
    assert send(on=write("Draft", published_at=None)).status_code == 404


def test_preview_shows_the_comment_and_stores_nothing(send):
    response = send(body="*Quite* so. <b>x</b>", preview="1")
    assert response.status_code == 200
    assert "<p><em>Quite</em> so. &lt;b&gt;x&lt;/b&gt;</p>" in response.text
    assert "*Quite* so. &lt;b&gt;x&lt;/b&gt;</textarea>" in response.text
    assert not Comment.objects.exists()


def test_reply_opens_the_form_under_the_comment(client, post, say, send):
    first, _second = say(post, "First."), say(post, "Second.")
    page = client.get(post.get_absolute_url()).text
    assert f'href="/comments/{first.pk}/reply/#form"\naria-label="Reply to Lou Barba"' in page
    page = client.get(f"/comments/{first.pk}/reply/").text
    assert page.index("First.") < page.index('id="form"') < page.index("Second.")
    send(parent=str(first.pk), body="An answer.")
    assert Comment.objects.get(body="An answer.").parent == first


def test_an_answer_to_another_essays_comment_is_refused(say, write, send):
    assert send(parent=str(say(write("Another")).pk)).status_code == 400


def test_name_and_address_are_remembered_only_when_asked(client, send, post):
    send()
    assert "postil_me" not in client.cookies
    send(body="More.", remember="on", email="lou@example.org")
    assert 'value="lou@example.org"' in client.get(post.get_absolute_url()).text
    send(body="Less.", remember=None)
    assert 'value="lou@example.org"' not in client.get(post.get_absolute_url()).text


def test_controls_and_overrides_are_neutralised(send):
    send(body="a\x00b\u202ec", name="L\x00ou\u202e")
    comment = Comment.objects.get()
    assert (comment.body, comment.name) == ("abc", "Lou")


@settings_of_hypothesis(max_examples=in_full(60, 25), deadline=None)
@given(**dict.fromkeys(["body", "name", "email", "url", "parent"], text(SIGNS)))
def test_any_form_is_stored_or_answered(body, name, email, url, parent):
    author = get_user_model().objects.get_or_create(username="ines")[0]
    essay = Post.objects.filter(slug="any").first()
    if essay is None:
        essay = Post(title="Any", slug="any", author=author, published_at=timezone.now())
        essay.save()
    given_ = {"body": body, "name": name, "email": email, "url": url, "parent": parent}
    sent = {field: value.encode("utf-8", "surrogatepass") for field, value in given_.items()}
    sent["token"] = make_token(essay)
    response = Client().post(f"{essay.get_absolute_url()}comments/", sent)
    assert response.status_code in (303, 400, 409, 429)


def test_too_large_request_gets_the_sites_error_page(client, post, settings):
    response = client.post(f"{post.get_absolute_url()}comments/", {"body": "x" * 3_000_000})
    assert response.status_code == 400
    assert "This could not be read." in response.text


def test_get_leads_to_the_form(client, post):
    assert client.get(f"{post.get_absolute_url()}comments/").status_code == 302


def test_similar_comment_is_held_with_its_lookalike(send, settings):
    settings.COMMENT_POLICY = "publish-all"
    send(body="The margin is the only part of the page that answers back to its author.")
    first = Comment.objects.get()
    send(name="Eve", body="The margin is the only part of a page that ansers back to its author!")
    second = Comment.objects.get(name="Eve")
    assert (second.status, second.reasons) == ("pending", ["near"])
    assert second.look_alike == first
    assert 90 <= second.likeness < 100
    send(name="Ann", body="Something else altogether, about drains and the council.")
    assert Comment.objects.get(name="Ann").likeness is None


def test_a_short_courtesy_of_another_is_like_nothing(send, settings):
    settings.COMMENT_POLICY = "publish-all"
    send(name="Ann", body="Nice post.")
    send(name="Ben", body="Nice post!")
    assert set(Comment.objects.values_list("status", flat=True)) == {"approved"}


def test_same_words_under_many_names_are_a_campaign(send, write):
    words = "Earn money from home with this one simple trick, ask me how."
    for name, essay in (("Ann", write("One")), ("Ben", write("Two"))):
        send(name=name, on=essay, body=words)
    ann = Comment.objects.get(name="Ann")
    assert Comment.objects.same_words(ann).count() == 2
    send(name="Cid", body="Nice post.")
    assert not Comment.objects.same_words(Comment.objects.get(name="Cid")).exists()
