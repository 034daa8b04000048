"""Every state of the comment form in a real Chromium, without scripts: no text is lost."""

from datetime import timedelta

import pytest
from django.utils import timezone

from comments.browser import LONGEST
from comments.models import Comment, RateEvent

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WORDS = "The margin is where a book answers back."


@pytest.fixture(autouse=True)
def no_rate(settings):
    settings.COMMENT_RATE_PER_NETWORK = settings.COMMENT_RATE_SITE = None


@pytest.fixture
def essay(write):
    return write(body="Room for a note. " * 40)


@pytest.fixture
def visit(live_server, page):
    def visit(post, then=""):
        page.goto(live_server.url + post.get_absolute_url() + then)

    return visit


def fill(page, body=WORDS, name="Lou Barba", **more):
    for field, value in ({"body": body, "name": name} | more).items():
        page.fill(f"#id_{field}", value)


def post_it(page):
    page.click("text=Post comment")


def assert_kept(page, status_words, body=WORDS):
    """The message is there and has the focus, the title says so, and the words are in the box."""
    summary = page.locator("#errors")
    assert status_words in " ".join(summary.inner_text().split())
    assert summary.evaluate("box => box === document.activeElement")
    assert page.title().startswith("Error: ")
    assert page.input_value("#id_body") == body


def test_posted_comment_is_shown_waiting_to_its_writer(page, visit, essay, browser, live_server):
    visit(essay)
    fill(page)
    post_it(page)
    number = Comment.objects.get().pk
    assert page.url.endswith(f"{essay.get_absolute_url()}#c{number}")
    waiting = page.locator(f"#c{number}").inner_text()
    assert "Waiting for a moderator. Only you can see this, in this browser." in waiting
    assert "You can edit it for 10 more minutes or take it back." in waiting
    assert WORDS in waiting
    page.reload()
    assert Comment.objects.count() == 1

    other = browser.new_context(java_script_enabled=False, reduced_motion="reduce")
    stranger = other.new_page()
    places = ["", "feed.xml", "search/?q=margin", f"comments/{number}/", "comments/feed.xml"]
    for place in [essay.get_absolute_url()[1:], *places]:
        stranger.goto(f"{live_server.url}/{place}")
        assert WORDS not in stranger.content()
    stranger.goto(live_server.url + essay.get_absolute_url())
    assert "No comments yet" in stranger.inner_text("#comments")
    assert stranger.goto(f"{live_server.url}/comments/{number}/edit/").status == 404
    assert stranger.goto(f"{live_server.url}/comments/{number}/withdraw/").status == 404
    other.close()


def test_a_waiting_comment_is_edited(page, visit, essay):
    visit(essay)
    fill(page)
    post_it(page)
    page.click("text=edit it")
    assert page.input_value("#id_body") == WORDS
    page.fill("#id_body", "The margin answers.")
    page.click("text=Save changes")
    assert "The margin answers." in page.inner_text(".waiting")
    assert Comment.objects.get().body == "The margin answers."


def test_late_change_stays_in_the_box(page, visit, essay):
    visit(essay)
    fill(page)
    post_it(page)
    page.click("text=edit it")
    Comment.objects.update(created_at=timezone.now() - timedelta(minutes=11))
    page.fill("#id_body", "Later words.")
    page.click("text=Save changes")
    assert_kept(page, "The ten minutes for changes are over.", "Later words.")
    assert Comment.objects.get().body == WORDS


def test_a_waiting_comment_is_taken_back(page, visit, essay):
    visit(essay)
    fill(page)
    post_it(page)
    page.click("text=take it back")
    assert WORDS in page.inner_text("main")
    page.click("button >> text=Take it back")
    assert WORDS not in page.inner_text("main")
    assert Comment.objects.get().status == "trash"


def test_a_reply_is_written_under_the_comment_it_answers(page, visit, essay, say):
    first, second = say(essay, "First."), say(essay, "Second.", name="Anna")
    visit(essay)
    page.click(f"#c{first.pk} >> text=Reply")
    assert "Reply to Lou Barba" in page.inner_text("#form")
    top = "box.getBoundingClientRect().top"
    down = f"boxes => boxes.map(box => [{top}, box.id]).sort((a, b) => a[0] - b[0]).map(b => b[1])"
    places = page.locator(f"#c{first.pk}, #form, #c{second.pk}")
    assert places.evaluate_all(down) == [
        f"c{first.pk}",
        "form",
        f"c{second.pk}",
    ]
    fill(page, name="Ben")
    post_it(page)
    assert Comment.objects.get(name="Ben").parent == first


def test_a_preview_shows_it_and_stores_nothing(page, visit, essay):
    visit(essay)
    fill(page, body="*Quite* so.")
    page.click("button >> text=Preview")
    assert page.locator("#errors em").inner_text() == "Quite"
    assert page.input_value("#id_body") == "*Quite* so."
    assert not Comment.objects.exists()
    post_it(page)
    assert Comment.objects.get().body == "*Quite* so."


def test_errors_are_listed_with_links_to_their_fields(page, visit, essay):
    visit(essay)
    fill(page, name="", email="anna@")
    post_it(page)
    assert_kept(page, "Your comment is not posted yet. Two things to fix.")
    assert page.input_value("#id_email") == "anna@"
    page.click("#errors >> text=This address stops after the @.")
    assert page.locator("#id_email").evaluate("box => box === document.activeElement")
    fill(page, email="anna@example.org")
    post_it(page)
    assert Comment.objects.exists()


def test_too_long_a_text_says_by_how_much(page, visit, essay):
    visit(essay)
    fill(page, body="x" * 5212)
    post_it(page)
    assert_kept(page, "This is 212 characters over the limit of 5,000.", "x" * 5212)


def test_repeat_of_a_waiting_comment_is_explained(page, visit, essay):
    visit(essay)
    for _ in range(2):
        fill(page)
        post_it(page)
    since = timezone.localtime(Comment.objects.get().created_at)
    assert_kept(
        page,
        f"The same words from you are waiting for a moderator since {since:%H:%M}, "
        "so nothing was added.",
    )
    page.click("#errors >> text=waiting for a moderator")
    assert page.url.endswith(f"#c{Comment.objects.get().pk}")


def test_repeat_of_a_published_comment_links_to_it(page, visit, essay, say):
    visit(essay)
    fill(page)
    post_it(page)
    comment = Comment.objects.get()
    comment.status = "approved"
    comment.save()
    visit(essay)
    fill(page)
    post_it(page)
    assert page.locator("#errors a").get_attribute("href").endswith(f"#c{comment.pk}")
    assert page.locator("textarea[name=body]").input_value() == WORDS
    assert Comment.objects.get().repeats == 1


def test_nearly_the_same_waits_as_any_other_does(page, visit, essay, settings):
    settings.COMMENT_POLICY = "publish-all"
    for words in (WORDS, "The margin is where the book answered back!"):
        visit(essay)
        fill(page, body=words)
        post_it(page)
    assert page.locator(".waiting").count() == 1
    assert Comment.objects.get(status="pending").reasons == ["near"]


def test_too_many_too_quickly_wait(page, visit, essay, settings):
    settings.COMMENT_RATE_PER_NETWORK = (1, 60)
    visit(essay)
    fill(page, body="One.")
    post_it(page)
    fill(page)
    post_it(page)
    assert_kept(page, "That was quick. Wait ")
    assert "Your comment is still in the box, unchanged." in page.inner_text("#errors")
    RateEvent.objects.update(at=timezone.now() - timedelta(seconds=61))
    post_it(page)
    assert Comment.objects.count() == 2


def test_page_open_for_a_day_asks_to_press_again(page, visit, essay, monkeypatch):
    visit(essay)
    fill(page)
    monkeypatch.setattr("comments.browser.LONGEST", -LONGEST)
    post_it(page)
    assert_kept(
        page, "This page was open a long time. Press Post again; your words are still here."
    )
    monkeypatch.undo()
    post_it(page)
    assert Comment.objects.exists()


def test_text_written_while_comments_closed_can_be_copied(page, visit, essay):
    visit(essay)
    fill(page)
    essay.comments_open = False
    essay.save()
    post_it(page)
    assert page.input_value("#id_body") == WORDS
    assert page.locator("#id_body").evaluate("box => box === document.activeElement")
    assert "This essay took comments until" in page.inner_text("#form")
    assert page.title().startswith("Error: ")


# --- With scripts: the draft --------------------------------------------------------------------


@pytest.fixture
def scripted(browser):
    context = browser.new_context(reduced_motion="reduce")
    yield context.new_page()
    context.close()


def test_draft_survives_reload_and_moves_to_a_reply(scripted, live_server, essay, say):
    comment = say(essay)
    url = live_server.url + essay.get_absolute_url()
    scripted.goto(url)
    scripted.fill("#id_body", WORDS)
    scripted.goto("about:blank")
    scripted.goto(url)
    assert scripted.input_value("#id_body") == WORDS
    assert "This is your draft, kept in this browser." in scripted.inner_text("#body-help")
    scripted.click(f"#c{comment.pk} >> text=Reply")
    assert scripted.input_value("#id_body") == WORDS


def test_a_posted_draft_is_forgotten(scripted, live_server, essay):
    scripted.goto(live_server.url + essay.get_absolute_url())
    fill(scripted)
    post_it(scripted)
    scripted.locator(".waiting").wait_for()
    assert scripted.input_value("#id_body") == ""
    scripted.reload()
    assert scripted.input_value("#id_body") == ""


def test_a_draft_whose_posting_broke_off_is_kept(scripted, live_server, essay, say):
    url = f"{live_server.url}{essay.get_absolute_url()}#c{say(essay).pk}"
    scripted.goto(url)
    fill(scripted)
    scripted.route("**/comments/", lambda route: route.abort())
    with scripted.expect_event("requestfailed"):
        scripted.click("text=Post comment", no_wait_after=True)
    scripted.unroute("**/comments/")
    scripted.goto("about:blank")
    scripted.goto(url)
    assert scripted.input_value("#id_body") == WORDS
