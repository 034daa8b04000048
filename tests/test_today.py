"""The admin opens on what there is to do."""

import re
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from blog.jobs.models import Job, Sign
from blog.pages.invalidation import site_changed
from blog.posts.models import Post, Revision
from blog.posts.models.revision import Text
from blog.posts.tasks import redraw_cards
from blog.site.models import SiteVersion
from comments.models import Comment, DraftNote
from comments.templatetags import today

pytestmark = pytest.mark.django_db
HOME = "/admin/"


def headings(page):
    return [" ".join(each.split()) for each in re.findall(r"<h2[^>]*>(.*?)</h2>", page, re.S)]


def test_nothing_waits(admin_client):
    page = admin_client.get(HOME).text
    assert headings(page) == ["To begin with", "Nothing waits for you.", "Everything else"]
    assert "No backup was made yet. No job waits." in page
    assert "Write an essay" in page


@pytest.fixture
def busy(write, say, admin_user):
    """A site on which everything that the page lists is there."""
    now = timezone.now()
    essay = write("Room in the margin", author=admin_user)
    say(essay, "Is there a reason? " * 20, name="Fergus", status="pending")
    say(essay, "Halved.", passage="margin", status="pending")
    say(essay, "Said and shown.", name="Ada")
    write("Ruled before written", published_at=None, author=admin_user)
    write("Read the errata", published_at=now + timedelta(days=2), author=admin_user)
    text = Text.of(essay)
    Revision.objects.keep(essay, text._replace(body="Other."), by=admin_user, kind="saved")
    return essay


def test_what_there_is_to_do_in_its_order(admin_client, busy):
    page = " ".join(admin_client.get(HOME).text.split())
    order = [
        *("Write an essay", "Go on with “Ruled before written”", "Two things wait for you"),
        *("1 comment <kbd>c", "1 note beside words <kbd>n", "beside “margin”", "Read on"),
        *("On your desk", "Ruled before written</a>", "Goes out", "Changed, not published"),
        *("Said this week", "Said and shown."),
        *("Everything else", "What each may do", "Your password"),
    ]
    places = [page.find(words) for words in order]
    assert -1 not in places, order[places.index(-1)]
    assert places == sorted(places)


def test_more_of_everything_costs_no_more_queries(
    admin_client, busy, say, write, admin_user, django_assert_max_num_queries
):
    now = timezone.now()
    for number in range(12):
        say(busy, f"Comment {number}", status="pending", refresh=False)
        say(busy, f"Shown {number}", refresh=False)
        write(f"Draft {number}", published_at=None, author=admin_user)
        write(f"Later {number}", published_at=now + timedelta(days=9 + number))
        keep(write(f"Changed {number}", slug=f"changed-{number}"), admin_user)
        keep(write(f"Due {number}", slug=f"due-{number}"), admin_user, now + timedelta(hours=60))
    Comment.objects.filter(body__startswith="Comment").update(campaign="c")
    # Two to know who asks; of comments four, of essays nine (three count how many more there are),
    # of notes on drafts one, of troubles and upkeep four, and whether the demo is there.
    with django_assert_max_num_queries(21):
        page = admin_client.get(HOME).text
    assert "Fourteen" not in page
    assert "14 things wait for you" in page
    assert "the same words, 12 times" in page
    assert page.count('class="line essay"') == 15
    more = re.findall(r'\?status=(\w+)">\s+(\d+) more', page)
    assert more == [("draft", "8"), ("scheduled", "20"), ("changed", "8"), ("approved", "10")]
    for status, count in more[:3]:
        listed = admin_client.get(f"/admin/posts/post/?status={status}").context["cl"]
        # Essays whose changes are scheduled are changed, too.
        assert listed.result_count == int(count) + 5 + 12 * (status == "changed")


def keep(post, by, due_at=None, kind="saved"):
    """Write in a published essay, and have that go out later."""
    other = Text.of(post)._replace(body=f"Other, {kind}.")
    version = Revision.objects.keep(post, other, by=by, kind=kind, sitting="a")
    if due_at:
        post.schedule_changes(version, due_at)


def test_what_goes_out_stands_at_its_own_time_and_in_that_order(admin_client, write, author):
    def at(day, hour):
        return datetime(2099, 12, day, hour, 30, tzinfo=timezone.get_current_timezone())

    write("Second", published_at=at(24, 8))
    changed, back = write("Third", slug="third"), write("A draft again", slug="back")
    for post in (changed, back):
        keep(post, author, at(24, 9))
    keep(changed, author, kind="writing")  # as the desk does while one goes on typing
    write("First", published_at=at(23, 10))
    back.return_to_draft()
    page = " ".join(admin_client.get(HOME).text.split())
    found = re.findall(r"<strong>([^<]*)</strong> <span>([^<]*)</span>.*?<h3>.*?>([^<]*)</a>", page)
    when = "{} at {}:30".format
    assert [each for each in found if "out" in each[0]] == [
        ("Goes out", when("Wednesday 23 December", "10"), "First"),
        ("Goes out", when("Thursday 24 December", "08"), "Second"),
        ("Its changes go out", when("Thursday 24 December", "09"), "Third"),
    ]
    assert "A draft again" not in admin_client.get("/admin/posts/post/?status=scheduled").text


@pytest.mark.parametrize(
    ("body", "shown", "leads_on"),
    [
        ("Room. " * 12, "Room. " * 12, "narrow"),
        ("Room. " * 9, "Room. " * 9, ""),
        ("Room. " * 40, "Room. " * 25 + "…", "all"),
        ("W" * 200, "W" * 150 + " …", "all"),
        ("评论" * 100, "评论" * 37 + "评 …", "all"),
        ("评论 " + "评论" * 100, "评论 " + "评论" * 36 + " …", "all"),
        ("评论" * 16, "评论" * 16, "narrow"),
    ],
)
def test_comment_is_cut_after_two_lines_of_its_letters(
    admin_client, write, say, body, shown, leads_on
):
    say(write(), body, status="pending")
    page = " ".join(admin_client.get(HOME).text.split())
    words, link = re.search(r'<div class="words"><p dir="auto">(.*?)</p>(.*?)</div>', page).groups()
    assert words == shown.strip()
    assert ("Read on" in link, "fits" in link) == (leads_on != "", leads_on == "narrow")


def test_more_than_are_counted_have_no_wrong_numbers(admin_client, busy, say, monkeypatch):
    say(busy, "", kind="webmention", source="https://a.example/", status="pending")
    monkeypatch.setattr(today, "COUNTED", 2)
    page = " ".join(admin_client.get(HOME).text.split())
    assert "More than a thousand things wait for you" in page
    assert "comments and notes <kbd>c" in page
    assert "webmentions <kbd>m" in page
    assert "just now" in page


def test_notes_on_drafts_wait_on_the_desk(admin_client, write, author, django_user_model):
    def leave(post, **more):
        given = {"passage": "Room", "passage_state": "words", "name": "Bo"} | more
        DraftNote.objects.create(post=post, body="Why?", **given)

    draft, out = write("Margins", published_at=None), write("Out")
    for post, status in ((draft, "open"), (draft, "held"), (draft, "done"), (out, "open")):
        leave(post, status=status)
    page = " ".join(admin_client.get(HOME).text.split())
    assert "<strong>2 notes wait</strong>" in page
    assert f'<a href="/admin/posts/post/{draft.pk}/notes/">Notes on Margins</a>' in page
    assert "Notes on Out" not in page
    other = django_user_model.objects.create_user("other", is_staff=True)
    other.groups.add(other.groups.model.objects.get(name="Authors"))
    admin_client.force_login(other)
    assert "Notes on Margins" not in admin_client.get(HOME).text


def test_a_moderator_sees_what_they_may(client, busy, django_user_model):
    helper = django_user_model.objects.create_user("helper", is_staff=True)
    client.force_login(helper)
    assert headings(client.get(HOME).text) == ["Everything else"]
    assert Post.objects.exists()
    assert Comment.objects.pending().exists()


def test_new_site_is_led_to_its_name_and_out_of_the_demo(admin_client, write):
    write("Theirs", origin="demo:theirs")
    own = write("Mine")
    page = admin_client.get(HOME).text
    assert "Name your site" in page
    there = re.search(r'href="([^"]+/do/remove-demo/)"', page)[1]
    assert "cannot be undone" in admin_client.get(there).text
    assert Post.objects.count() > 1, "a look takes nothing away"
    answer = admin_client.post(there, follow=True)
    assert "The demo is gone. Essays and pages: 1" in answer.text
    assert list(Post.objects.all()) == [own]
    assert "remove-demo" not in answer.text
    SiteVersion.objects.create(title="Low water")
    site_changed()
    assert "To begin with" not in headings(admin_client.get(HOME).text)


def test_last_backup_and_what_waits_stand_in_upkeep(admin_client):
    now = timezone.now()
    Sign.objects.create(name=Sign.BACKUP, seen_at=now)
    Job.objects.all().delete()
    page = admin_client.get(HOME).text
    # It may be midnight between the two.
    assert re.search(r"Last backup (today at|on .+,) \d\d:\d\d. No job waits.", page)
    Sign.objects.update(seen_at=now - timedelta(days=3))
    redraw_cards.enqueue()
    page = admin_client.get(HOME).text
    assert re.search(r"Last backup on \d+ \w+ \d{4}, \d\d:\d\d. 1 job waits.", page)
