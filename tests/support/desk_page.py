"""The desk in a real Chromium, for tests that write at it."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

NEW = "/admin/posts/post/add/"
BODY = "#id_body"


def desk_of(post):
    return f"/admin/posts/post/{post.pk}/change/"


def collected(page):
    """Have a page collect what the browser complains of, and what its scripts fail with."""
    page.complaints = []
    page.on("console", lambda said: page.complaints.append(said.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    return page


def ready(page):
    """Wait until the scripts of the desk have started."""
    page.locator("body.scripts #toolbar:not([hidden])").wait_for()


@pytest.fixture
def sit(browser, live_server):
    """Open the desk, signed in as an administrator unless somebody else is given."""
    contexts = []

    def sit(path=NEW, user=None, **options):
        user = user or get_user_model().objects.filter(is_superuser=True).first()
        user = user or get_user_model().objects.create_superuser("root", first_name="Ida")
        client = Client()
        client.force_login(user)
        context = browser.new_context(reduced_motion="reduce", **options)
        contexts.append(context)
        value = client.cookies["postil_session"].value
        cookie = {"name": "postil_session", "value": value, "url": live_server.url}
        context.add_cookies([cookie])
        page = collected(context.new_page())
        page.goto(live_server.url + path)
        ready(page)
        return page

    yield sit
    for context in contexts:
        context.close()


def text(page):
    return page.input_value(BODY)


def put(page, value, start=None, end=None):
    """Put a text into the field as if typed, with this selected."""
    page.locator(BODY).fill(value)
    choose(page, len(value) if start is None else start, end)


def choose(page, start, end=None):
    page.locator(BODY).focus()
    page.evaluate(
        "([start, end]) => document.querySelector('#id_body').setSelectionRange(start, end)",
        [start, start if end is None else end],
    )


def chosen(page):
    return page.evaluate(
        "(box => box.value.slice(box.selectionStart, box.selectionEnd))"
        "(document.querySelector('#id_body'))"
    )


def saved(page):
    """Wait until the desk says that it has saved."""
    page.locator("#saved", has_text="Saved").wait_for()
