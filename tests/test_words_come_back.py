"""When something breaks, writers get their text back, and no secrets."""

import html
import io
import re
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Permission
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest
from django.test import Client
from inputs import every
from quick import within

from blog.posts.models import Post
from blog.web import errors
from blog.web.returned import MOST_CHARACTERS, MOST_FIELDS, is_secret, returned

WORDS = """First a <b>thing</b> & "another".

Then </textarea><script>x</script>."""
ADD = "/admin/posts/post/add/"


@pytest.fixture
def post(write):
    return write()


@pytest.fixture
def client(client):
    client.raise_request_exception = False
    return client


@pytest.fixture
def writer(client, author):
    author.user_permissions.set(Permission.objects.filter(content_type__app_label="posts"))
    client.force_login(author)
    return client


@pytest.fixture
def broken(monkeypatch):
    """Break a function wherever it is looked up by name."""

    def broken(name):
        def fail(*args, **kwargs):
            raise ValueError("as any mistake in the code")

        monkeypatch.setattr(name, fail)

    return broken


def _essay(author, **changes):
    given = {
        "title": "On quinces",
        "standfirst": "Why they keep.",
        "body": WORDS,
        "slug": "on-quinces",
        "kind": "essay",
        "author": str(author.pk),
        "old_addresses-TOTAL_FORMS": "0",
        "old_addresses-INITIAL_FORMS": "0",
    }
    return given | changes


def given_back(answer):
    """Return the texts and the hidden fields of the page, as a browser reads them."""
    page = answer.content.decode()
    texts = re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {html.unescape(name): html.unescape(text) for name, text in texts}, dict(hidden)


def check(answer, status, body=WORDS):
    assert answer.status_code == status
    assert answer["Cache-Control"] == "private, no-store"
    assert given_back(answer)[0]["body"] == body
    assert "<script>x" not in answer.content.decode()


# --- A mistake in the code --------------------------------------------------------------------


def test_comment_comes_back_and_can_be_sent_again(post, send, client, broken, monkeypatch):
    broken("comments.models.Comment.save")
    answer = send(body=WORDS, email="lou@example.org")
    check(answer, 500)
    assert "look whether they were stored" in answer.text
    monkeypatch.undo()
    texts, hidden = given_back(answer)
    action = re.search('<form class="write" method="post" action="([^"]+)"', answer.text)[1]
    assert client.post(action, texts | hidden).status_code == 303
    assert post.comments.get().body == WORDS
    assert post.comments.get().email == "lou@example.org"


def test_essay_comes_back_and_can_be_sent_again(writer, author, broken, monkeypatch):
    broken("blog.posts.models.post.render_post")
    answer = writer.post(ADD, _essay(author))
    check(answer, 500)
    monkeypatch.undo()
    texts, hidden = given_back(answer)
    assert writer.post(ADD, texts | hidden).status_code == 302
    assert Post.objects.get().body == WORDS


def test_reply_in_the_queue_comes_back(admin_client, post, say, broken):
    admin_client.raise_request_exception = False
    comment = say(post)
    broken("comments.admin.queue.reply")
    given = {"decide": f"reply:{comment.pk}:approved:", f"reply-{comment.pk}": WORDS}
    answer = admin_client.post("/admin/comments/comment/", given)
    assert given_back(answer)[0][f"reply-{comment.pk}"] == WORDS


@pytest.mark.parametrize(
    "part",
    [
        "django.contrib.sessions.backends.db.SessionStore.load",
        "django.template.loader.get_template",
        "django.contrib.auth.middleware.get_user",
        "blog.web.context_processors.stylesheet",
    ],
)
def test_words_come_back_after_any_fault(writer, author, broken, part):
    broken(part)
    broken("blog.posts.models.post.render_post")
    check(writer.post(ADD, _essay(author)), 500)


def test_words_come_back_where_templates_are_broken(writer, author, broken):
    broken("blog.web.errors.render_to_string")
    broken("blog.posts.models.post.render_post")
    answer = writer.post(ADD, _essay(author))
    check(answer, 500)
    assert '<form method="post" action="/admin/posts/post/add/">' in answer.text
    texts, hidden = given_back(answer)
    assert texts | hidden == {key: str(value) for key, value in _essay(author).items()}


def test_words_come_back_where_everything_is_away(rf, broken):
    broken("blog.web.errors.render_to_string")
    answer = errors.unavailable(rf.post("/x/", {"body": WORDS}))
    assert answer.status_code == 503
    assert given_back(answer)[0]["body"] == WORDS


def test_page_of_an_error_is_never_empty(client, broken):
    broken("blog.web.errors.render_to_string")
    broken("blog.posts.views.Index.get_queryset")
    answer = client.get("/")
    assert answer.status_code == 500
    assert "Something broke here." in answer.text


def test_file_is_named_and_not_kept(writer, broken):
    broken("blog.posts.library.forms.prepare")
    file = io.BytesIO(b"pixels")
    file.name = "quince.jpg"
    answer = writer.post("/admin/posts/image/add/", {"file": file, "alt": "A quince\non a plate"})
    assert answer.status_code == 500
    assert given_back(answer)[0]["alt"] == "A quince\non a plate"
    assert "Choose them again: quince.jpg" in answer.text


def test_page_without_words_stays_as_it_was(client, broken):
    broken("blog.posts.views.Index.get_queryset")
    answer = client.get("/")
    assert answer.status_code == 500
    assert "Something broke here." in answer.text
    assert "<textarea" not in answer.text


# --- What is never given back -----------------------------------------------------------------


@every(
    "name",
    "password password1 new_password otp_token code csrfmiddlewaretoken sessionid api_key secret "
    "recovery-code pin signature".split(),
)
def test_secret_is_never_given_back(rf, name):
    answer = errors.server_error(rf.post("/x/", {"body": WORDS, name: "hunter2 hunter2"}))
    check(answer, 500)
    assert "hunter2" not in answer.content.decode()


@every("name", ["passage", "postcode", "pinned", "description", "keywords"])
def test_words_are_no_secret(name):
    assert not is_secret(name)


def test_password_form_cannot_be_sent_again_from_here(rf):
    given = {"username": "my secret", "password": "hunter2", "body": WORDS}
    page = errors.server_error(rf.post("/x/", given)).content.decode()
    assert "my secret" not in page
    assert "<form" not in page


def test_form_of_another_site_gets_no_token(writer, author, broken):
    broken("blog.posts.models.post.render_post")
    answer = writer.post(ADD, _essay(author), headers={"sec-fetch-site": "cross-site"})
    check(answer, 500)
    assert "<form" not in answer.text
    assert given_back(answer)[1] == {}


def test_address_of_the_form_stays_on_this_site():
    form = "application/x-www-form-urlencoded"
    request = request_of(b"body=words", form, PATH_INFO="//evil.example/x/")
    assert 'action="/evil.example/x/"' in errors.server_error(request).content.decode()


def test_much_is_cut_and_said(rf):
    answer = errors.server_error(rf.post("/x/", {"body": "<" * 2_000_000}))
    assert len(answer.content) < 5 * MOST_CHARACTERS
    assert "only its beginning is here" in answer.content.decode()


# --- Django's own refusals --------------------------------------------------------------------


def test_form_of_an_ended_session_comes_back(author):
    browser = Client(enforce_csrf_checks=True)
    answer = browser.post(ADD, _essay(author, csrfmiddlewaretoken="old"))
    check(answer, 403)
    assert "sign in in another window, and send them again" in answer.text
    assert "old" not in given_back(answer)[1].values()


def test_form_comes_back_where_only_the_session_ended(author):
    """Its token still holds, so only the session says who sent it."""
    browser = Client()
    answer = browser.post(ADD, _essay(author))
    check(answer, 403)
    assert "You were signed out." in answer.text
    assert browser.post(ADD, {"title": "", "act": "save"}).status_code == 302


def test_form_with_an_old_token_can_be_sent_again(author):
    """As after signing in again in another window, which renews the token."""
    author.user_permissions.set(Permission.objects.filter(content_type__app_label="posts"))
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(author)
    browser.get(ADD)
    answer = browser.post(ADD, _essay(author, csrfmiddlewaretoken="x" * 64))
    check(answer, 403)
    texts, hidden = given_back(answer)
    assert browser.post(ADD, texts | hidden).status_code == 302
    assert Post.objects.get().body == WORDS


def test_permission_taken_away_gives_the_words_back(client, author):
    client.force_login(author)
    answer = client.post(ADD, _essay(author))
    check(answer, 403)
    assert "<form" not in answer.text


@pytest.mark.parametrize("changes", [{"withdrawn": True}, {"deleted": True}])
def test_comment_on_an_essay_that_went_comes_back(post, send, changes):
    post.delete() if "deleted" in changes else post.return_to_draft()
    answer = send(body=WORDS)
    check(answer, 404)
    assert "The page you wrote to was removed" in answer.text


def test_page_that_takes_no_forms_gives_them_back(client, post):
    answer = client.post(post.get_absolute_url(), {"body": WORDS})
    check(answer, 405)
    assert "GET" in answer["Allow"]


def test_too_many_fields_come_back(writer, author):
    many = {f"field-{number}": "1" for number in range(1001)}
    form = "application/x-www-form-urlencoded"
    check(writer.post(ADD, urlencode(_essay(author) | many), content_type=form), 400)


def test_too_large_a_form_comes_back(writer, author, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    body = "\n".join(["word " * 10] * 100)
    given = _essay(author, body=body)
    form = "application/x-www-form-urlencoded"
    check(writer.post(ADD, urlencode(given), content_type=form), 400, body)


# --- Reading what Django gave up --------------------------------------------------------------


def request_of(body, content_type, **changes):
    environ = {"REQUEST_METHOD": "POST", "CONTENT_TYPE": content_type, "SERVER_NAME": "testserver"}
    environ |= {"CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body), "PATH_INFO": "/"}
    environ |= {"SERVER_PORT": "80", "wsgi.url_scheme": "http"}
    return WSGIRequest(environ | changes)


PART = '--b\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n{}\r\n'


@every("end", ["--b--\r\n", "", "--b\r\nContent-Dispo"])
def test_multipart_form_is_read_by_hand(end, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 0
    parts = PART.format("a", "", "1") * 3 + PART.format("body", "", "Ünd\r\n--so on")
    body = parts + PART.format("file", '; filename="x.jpg"', "pixels") + end
    found = returned(request_of(body.encode(), "multipart/form-data; boundary=b"))
    assert found.texts == [("body", "Ünd\r\n--so on")]
    assert found.files == ["x.jpg"]


def test_multipart_names_are_read_as_browsers_write_them():
    body = PART.format("a%22b", "", "two words") + PART.format("plain", "", "one two")
    body = body.replace('"plain"', "plain").replace("Content-D", "content-type: x\r\nContent-D", 1)
    found = returned(request_of(body.encode(), "multipart/form-data; boundary=b"))
    assert found.texts == [('a"b', "two words"), ("plain", "one two")]


PARAMETERS = "".join(f"; p{number}=xxxxx" for number in range(40))


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (PART.format("body", PARAMETERS, "x") * 5000, "multipart/form-data; boundary=b"),
        (PART.format("body", "", "x") * 30_000, "multipart/form-data; boundary=b"),
        (PART.format("b" * 2_000_000, "", "x"), "multipart/form-data; boundary=b"),
        ("body=%41%41&" * 180_000, "application/x-www-form-urlencoded"),
    ],
    ids=["long heads", "many parts", "one head", "many fields"],
)
def test_slow_form_is_not_read_for_long(body, kind):
    # A request can be read once.
    found = within(0.2, lambda: returned(request_of(body.encode(), kind)))
    assert found is None or (len(found.texts), found.is_cut) == (MOST_FIELDS, True)


def test_form_that_waited_too_long_is_not_parsed(monkeypatch):
    read = []
    monkeypatch.setattr(HttpRequest, "_load_post_and_files", read.append)
    body = PART.format("body", "", "Two words")
    request = request_of(body.encode(), "multipart/form-data; boundary=b")
    assert given_back(errors.unavailable(request))[0] == {"body": "Two words"}
    assert read == []


@every(
    ("body", "kind"),
    [
        (b"\xff\xfe=%ff&&=&body=%E2%82", "application/x-www-form-urlencoded"),
        (b"--b\r\n\r\n--b--", "multipart/form-data; boundary=b"),
        (b"body=x", "multipart/form-data"),
        (b"", "multipart/form-data; boundary=b"),
        (b"x" * 100, "application/x-www-form-urlencoded; charset=utf-7"),
    ],
)
def test_nothing_sent_breaks_the_page(body, kind):
    assert errors.server_error(request_of(body, kind)).status_code == 500
