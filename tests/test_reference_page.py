"""The comments of the reference page, posted again through the form in a real browser."""

import json

import pytest

from comments.models import Comment

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_duplicates_are_left_out_but_not_anonymous_ones(
    live_server, browser, shared, write, settings
):
    settings.COMMENT_RATE_PER_NETWORK = settings.COMMENT_RATE_SITE = None
    source = json.loads((shared / "data" / "seed-essay.json").read_text())
    said = [entry for entry in source["comments"] if entry["kind"] == "comment"]
    assert len(said) == 22
    post = write(source["title"], body=source["body_markdown"])
    context = browser.new_context(java_script_enabled=False, reduced_motion="reduce")
    page = context.new_page()
    for entry in said:
        page.goto(live_server.url + post.get_absolute_url())
        page.fill("#id_body", entry["body"])
        page.fill("#id_name", entry["author"])
        page.fill("#id_url", entry["url"] or "")
        page.click("text=Post comment")
    rows = Comment.objects.filter(post=post)
    assert rows.count() == 19
    assert rows.filter(name="Anonymous").count() == 3
    assert sum(rows.values_list("repeats", flat=True)) == 3
    page.goto(live_server.url + post.get_absolute_url())
    assert page.get_by_text("Waiting for a moderator.").count() == 19
    context.close()
    stranger = browser.new_context().new_page()
    stranger.goto(live_server.url + post.get_absolute_url())
    assert stranger.get_by_text("Waiting for a moderator.").count() == 0
    stranger.context.close()
