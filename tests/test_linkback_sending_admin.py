"""The linked pages of an essay in its admin: state in words, and sending again."""

import html
import re

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from notices import TAKEN, WEBMENTION, at, clock, linking, notify, target, the_page
from peers import page

from blog.jobs.models import Job
from blog.posts.models import Post
from comments.models import LinkedPage
from comments.models.linked_page import APART

__all__ = ["clock", "target"]  # fixtures

pytestmark = pytest.mark.django_db


def address(post):
    return f"/admin/posts/post/{post.pk}/change/"


def list_in(response):
    """Return the words of each row of the list."""
    found = re.search(r'<fieldset class="module linked".*?</fieldset>', response.text, re.DOTALL)
    rows = re.findall(r"<li>.*?</li>", found[0] if found else "", re.DOTALL)
    return [" ".join(html.unescape(re.sub(r"<[^>]+>", " ", row)).split()) for row in rows]


def press(client, post, button, **changes):
    """Send the form of an essay by one of the list's buttons."""
    given = {
        "title": post.title,
        "body": post.body,
        "slug": post.slug,
        "kind": post.kind,
        "author": post.author_id,
        "comments_open": "on",
        "announces_links": "on",
        "published_at_0": f"{post.published_at:%Y-%m-%d}",
        "published_at_1": f"{post.published_at:%H:%M:%S}",
        "old_addresses-TOTAL_FORMS": 0,
        "old_addresses-INITIAL_FORMS": 0,
        "act": button,
    }
    return client.post(address(post), given | changes)


def test_form_shows_the_state_of_each_linked_page(staff, clock, write, target):
    target.answer = at(
        root=WEBMENTION,
        endpoint=[TAKEN, page(b"", "503 Busy"), page(b"No.", "400 Bad", content_type="text/plain")],
        quiet=page(),
        two=WEBMENTION,
        three=WEBMENTION,
    )
    paths = ("/", "/two", "/three", "/quiet", "/later")
    post = write(body=linking(*map(target.url, paths)))
    clock.forward()
    for _ in range(3):
        clock.forward(seconds=20)
    rows = list_in(staff.get(address(post)))
    assert [row.split()[0] for row in rows] == [target.url(path) for path in paths]
    assert "sent (Webmention)" in rows[0]
    assert "to be tried again · due" in rows[1]
    assert "It answers “503”." in rows[1]
    assert "refused" in rows[2]
    assert "It answers “400 No”." in rows[2]
    assert "takes no notices" in rows[3]
    assert "waiting · due" in rows[4]


def test_removed_link_is_marked(staff, clock, write, target):
    post = write(body=linking(target.url()))
    clock.forward()
    post.body = "No link."
    post.save()
    clock.forward()
    assert "The link is gone." in list_in(staff.get(address(post)))[0]


def test_essay_without_linked_pages_has_no_list(staff, write):
    assert list_in(staff.get("/admin/posts/post/add/")) == []
    assert list_in(staff.get(address(write()))) == []


def test_answer_of_a_page_is_escaped(staff, clock, write, target):
    target.answer = at(
        root=WEBMENTION,
        endpoint=page(b"<script>alert(1)</script>", "400 Bad", content_type="text/plain"),
    )
    _target, row = notify(clock, write, target)
    assert "<script>alert" not in staff.get(address(row.post)).text


def test_one_page_is_notified_again_and_the_essay_saved(staff, clock, write, target):
    target.answer = at(root=WEBMENTION, b=WEBMENTION, endpoint=TAKEN)
    post = write(body=linking(target.url(), target.url("/b")))
    clock.until_settled()
    row = LinkedPage.objects.get(key__endswith="/b")
    response = press(staff, post, f"again:{row.pk}", title="On wide margins")
    assert response.headers["Location"] == address(post), "the essay is shown again"
    assert Post.objects.get().revisions.first().title == "On wide margins"
    clock.forward(APART)
    assert [there for _source, there in target.notices].count(target.url("/b")) == 2
    assert [there for _source, there in target.notices].count(target.url()) == 1


def test_all_pages_are_notified_again(staff, clock, write, target):
    target.answer = at(root=WEBMENTION, b=WEBMENTION, endpoint=page(b"", "400 No"))
    post = write(body=linking(target.url(), target.url("/b")))
    clock.until_settled()
    target.answer = at(root=WEBMENTION, b=WEBMENTION, endpoint=TAKEN)
    press(staff, post, "again")
    clock.until_settled()
    assert len(target.posts) == 4
    assert set(LinkedPage.objects.values_list("state", flat=True)) == {"sent"}


def test_saving_without_the_button_sends_nothing(staff, clock, write, target):
    _target, row = notify(clock, write, target)
    for button in ("1", "agai", "again:0", "again:x", "again:-1"):
        assert press(staff, row.post, button).status_code == 302
    clock.until_settled()
    assert len(target.posts) == 1


def test_withdrawn_essay_sends_nothing_again(staff, clock, write, target):
    target.answer = at(root=WEBMENTION, endpoint=page(b"", "400 No"))
    _target, row = notify(clock, write, target)
    Post.objects.update(withdrawn_at=clock.now)
    press(staff, row.post, "again")
    assert not Job.objects.filter(status="READY", task_path__endswith="send_notice").exists()
    assert the_page().state == "refused"


def test_w3_1_5_deletion_in_the_admin_notifies_linked_pages(staff, clock, write, target):
    notify(clock, write, target)
    given = {"action": "delete_selected", "_selected_action": Post.objects.get().pk, "post": "yes"}
    assert staff.post("/admin/posts/post/", given).status_code == 302
    assert not Post.objects.exists()
    clock.until_settled()
    assert len(target.notices) == 2
    assert not LinkedPage.objects.exists()


def test_list_needs_permission_to_change_essays(client, author, clock, write, target):
    _target, row = notify(clock, write, target)
    author.user_permissions.set(Permission.objects.filter(codename="view_post"))
    client.force_login(author)
    assert list_in(client.get(address(row.post))) == []
    assert press(client, row.post, "again").status_code == 403
    clock.until_settled()
    assert len(target.posts) == 1


def test_form_has_the_announcing_switch(staff, write):
    assert 'name="announces_links"' in staff.get(address(write())).text


def test_list_queries_do_not_grow_with_linked_pages(staff, clock, write):
    post = write()

    def cost(count):
        have = LinkedPage.objects.count()
        LinkedPage.objects.bulk_create(
            LinkedPage(
                post=post, key=f"https://a.example/{n}", target=f"https://a.example/{n}",
                source="https://b.example/", state="sent",
            )
            for n in range(have, count)
        )  # fmt: skip
        with CaptureQueriesContext(connection) as asked:
            response = staff.get(address(post))
        assert len(list_in(response)) == count
        return len(asked)

    cost(1)
    assert cost(2) == cost(40)
