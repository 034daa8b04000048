"""Numbers of any length in a request: those that Python or the database cannot read are no 500."""

from urllib.parse import urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from queue_page import LIST, statuses, text_of

from blog.lib.numbers import LARGEST, number_in
from blog.markup.from_html.html_to_markdown import post_markdown
from blog.posts.models import Tag
from comments.admin.replies import REPLIES_KEY
from comments.mail.links import confirming_link
from comments.models import MailAddress

pytestmark = pytest.mark.django_db

# Too long for Python; too large for the database; the first too large one.
LONG = ["9" * 5000, "9" * 30, str(LARGEST + 1)]
IDS = ["long", "large", "first"]


@pytest.fixture
def held(client, write, say):
    boss = get_user_model().objects.create_superuser("boss", "boss@example.org")
    client.force_login(boss)
    return say(write(), "Words that wait.", status="pending")


@pytest.mark.parametrize("text", [*LONG, "", "x", "-1", "1.5", " 1", "٣", "²", "1\n"])
def test_invalid_ids_are_refused(text):
    assert number_in(text) is None


@pytest.mark.parametrize("number", [0, 7, LARGEST])
def test_number_of_a_row_is_read(number):
    assert number_in(str(number)) == number


@pytest.mark.parametrize("number", LONG, ids=IDS)
@pytest.mark.parametrize("address", [f"{LIST}?from=browser:", f"{LIST}?p=", f"{LIST}?from=site:"])
def test_list_opens_with_any_number_in_its_address(client, held, address, number):
    assert client.get(address + number).status_code == 200


@pytest.mark.parametrize("number", LONG, ids=IDS)
def test_block_offers_nothing_about_numbers_of_no_row(client, held, number):
    propose = reverse("admin:comments_blockrule_propose")
    response = client.get(f"{propose}?of={number},{held.pk}")
    assert response.status_code == 200
    assert held.email in text_of(response)


@pytest.mark.parametrize("number", LONG, ids=IDS)
@pytest.mark.parametrize("field", ["decide", "shown", "ticked"])
def test_press_about_no_row_decides_nothing(client, held, field, number):
    given = {
        "decide": {"decide": f"approve:{number}:pending:{held.version}:"},
        "shown": {"decide": f"spam:{held.pk}:pending:x:", "folded": "1",
                  f"shown-{held.pk}": f"{number}:x:pending"},
        "ticked": {"action": "approve", "_selected_action": number},
    }[field]  # fmt: skip
    assert client.post(LIST, given).status_code in (200, 302, 409)
    assert statuses(held) == ["pending"]


@pytest.mark.parametrize("number", LONG, ids=IDS)
def test_button_with_no_next_row_still_decides(client, held, number):
    given = {"decide": f"approve:{held.pk}:pending:{held.version}:{number}"}
    assert client.post(LIST, given).status_code == 302
    assert statuses(held) == ["approved"]


@pytest.mark.parametrize("number", LONG, ids=IDS)
def test_reply_to_no_row_is_not_kept(client, held, number):
    given = {f"reply-{number[:30]}": "A", f"reply-{held.pk}": "B", "order": "oldest"}
    assert client.post(LIST, given).status_code == 302
    assert client.session[REPLIES_KEY] == {str(held.pk): "B"}
    session = client.session
    session[REPLIES_KEY] = {number: "A", str(held.pk): "B"}  # as an earlier version kept it
    session.save()
    assert client.get(LIST).status_code == 200


@pytest.mark.parametrize("number", [*LONG, "x"], ids=[*IDS, "word"])
def test_actions_of_other_lists_take_no_such_row(client, held, number):
    Tag.objects.create(name="Bread", slug="bread")
    given = {"action": "delete_selected", "_selected_action": number, "post": "yes"}
    response = client.post(reverse("admin:posts_tag_changelist"), given, follow=True)
    assert response.status_code == 200
    assert Tag.objects.count() == 1


@pytest.mark.parametrize("number", LONG, ids=IDS)
def test_confirming_no_browser_confirms_none(client, mail_set_up, number):
    use = MailAddress.objects.create(email="lou@example.org").use_by("a key")
    path = urlsplit(confirming_link(use)).path
    assert client.post(path, {"use": number}).status_code == 200
    use.refresh_from_db()
    assert use.confirmed_at is None


def test_imported_list_may_start_with_any_number():
    def first(start):
        return post_markdown(f'<ol start="{start}"><li>a</li></ol>').markdown.split()[0]

    assert [first(start) for start in ("3", "0", LONG[0])] == ["3.", "0.", "1."]
