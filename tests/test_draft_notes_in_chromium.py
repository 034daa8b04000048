"""Notes on a shared draft in a real browser: left beside its words, and taken into the text."""

import pytest
from accessibility import violations
from comment_form import no_rate
from test_draft_notes import BODY, SLEPT, WORDS, draft, link
from test_notes_in_chromium import scripted, select
from test_queue_in_chromium import enter

from blog.posts.models import Revision
from comments.models import DraftNote

__all__ = ["draft", "enter", "link", "no_rate", "scripted"]  # fixtures

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_note_is_left_in_the_margin_and_taken_into_the_text(
    scripted, live_server, draft, link, enter
):
    complaints = []
    scripted.on("console", lambda said: complaints.append(said.text))
    scripted.goto(live_server.url + link.get_absolute_url())
    select(scripted, SLEPT)
    scripted.fill(".offer textarea", WORDS)
    scripted.fill(".offer [name=name]", "Lou Barba")
    scripted.click("text=Leave note")
    scripted.locator("aside .name").wait_for()
    assert violations(scripted) == []
    select(scripted, "stands here")
    assert scripted.input_value(".offer textarea") == ""
    assert scripted.evaluate("localStorage.length") == 0
    assert complaints == []

    desk = enter(f"/admin/posts/post/{draft.pk}/change/", viewport={"width": 390, "height": 844})
    desk.click("text=1 note waits")
    desk.click("text=Take into the text…")
    assert violations(desk) == []
    assert not desk.evaluate("document.documentElement.scrollWidth > innerWidth")
    desk.click("text=In place of the marked words")
    desk.locator("text=Taken into the text.").wait_for()
    assert Revision.objects.newest(draft).body == BODY.replace(SLEPT, WORDS)
    desk.click("text=Undo")
    desk.locator("text=Mark as done").wait_for()
    assert Revision.objects.newest(draft).body == BODY
    assert DraftNote.objects.get().status == "open"
    assert desk.complaints == []
