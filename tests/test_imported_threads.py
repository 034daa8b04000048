"""Threads of other systems: who answers whom, in whatever order and however broken."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from discussions import AT, HERE, PAGE, Made, answers, bring, essay, lines, one

from blog.posts.models import Post
from blog.transfer.course import Stretches
from blog.transfer.discussions import thread
from blog.transfer.discussions.bringing import bring_under, import_discussion
from blog.transfer.discussions.said import Page
from blog.transfer.report import Report
from comments.models import Comment, ThreadPage

pytestmark = pytest.mark.django_db
DELETED = "deleted there"

TOP, UP = ["No longer in reply"], ["In reply to the one above"]


@pytest.fixture(autouse=True)
def tea(settings, write):
    settings.SITE_URL = HERE
    return essay(write)


@pytest.mark.parametrize(
    ("said", "found", "noted"),
    [
        ([one("2", "1"), one("1")], {"1": None, "2": "1"}, []),
        ([one("1"), one("2", "1", left_out=DELETED), one("3", "2")], {"1": None, "3": "1"}, UP),
        ([one("1", left_out=DELETED), one("2", "1")], {"2": None}, TOP),
        ([one("1", markdown=" "), one("2", "1"), one("3", "2")], {"2": None, "3": "2"}, TOP),
        ([one("1"), one("2", "1", markdown="\n"), one("3", "2")], {"1": None, "3": "1"}, UP),
        ([one("2", "9")], {"2": None}, TOP),
        ([one("1", "1")], {"1": None}, TOP),
        ([one("1", "3"), one("2", "1"), one("3", "2")], {"1": "3", "2": None, "3": "2"}, TOP),
        ([one("1"), one("2", "1", page=f"{HERE}/tea?x")], {"1": None, "2": "1"}, []),
        ([one("1", page=f"{HERE}/milk/"), one("2", "1")], {"1": None, "2": None}, TOP),
        ([one("1", status="spam"), one("2", "1")], {"1": None, "2": "1"}, []),
    ],
)
def test_reply_stays_as_near_as_can_be(write, said, found, noted):
    essay(write, "Milk")
    report = bring(*said)
    assert answers() == found
    assert [start for start in TOP + UP if lines(report, start)] == noted


def test_later_export_answers_what_came_before():
    bring(one("1"))
    report = bring(one("2", "1"))
    assert answers() == {"1": None, "2": "1"}
    assert report.notes == {}


def test_very_deep_thread_stays_one(monkeypatch):
    monkeypatch.setattr("blog.transfer.discussions.placed.AT_ONCE", 40)
    count = 120
    said = [one(str(n), str(n - 1) if n else "") for n in range(count)]
    random.Random(3).shuffle(said)
    assert bring(*said).added == {"comment": count}
    assert Comment.objects.filter(parent=None).count() == 1
    last = Comment.objects.get(origin=f"made:#{count - 1}")
    assert last.parent.origin == f"made:#{count - 2}"
    assert Post.objects.get(title="Tea").comment_count == count


def test_order_is_that_of_the_dates():
    said = [one(str(n), at=AT + timedelta(days=n)) for n in (2, 0, 1)]
    bring(*said, one("3", at=None))
    order = Comment.objects.order_by("pk").values_list("origin", flat=True)
    assert list(order) == ["made:#0", "made:#1", "made:#2", "made:#3"]


def test_same_words_of_one_writer_are_kept_and_named():
    said = one("1", markdown="Same.", name="Lou"), one("2", markdown="Same.", name="Lou")
    report = bring(*said, one("3", markdown="Same.", name="Ann"))
    assert Comment.objects.count() == 3
    assert lines(report, "Said twice") == ["“Lou” on “Tea”"]


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ({"at": datetime(1, 1, 1, tzinfo=UTC)}, {"created_at__year": 2020}),
        ({"at": AT.replace(tzinfo=None)}, {"created_at": AT}),
        ({"status": "odd"}, {"status": "pending"}),
        ({"name": "A\0b\ud800" + "x" * 300}, {"name__startswith": "Abx"}),
        ({"email": "none", "url": "javascript:x"}, {"email": "", "url": ""}),
        ({"address": "192.0.2.0/24"}, {"address": None}),
        ({"id": "x" * 1000}, {"origin__startswith": "made:"}),
        ({"id": "a\0b"}, {"origin__startswith": "made:"}),
        ({"markdown": "a\0b\ufffe c"}, {"body": "ab c"}),
        ({"markdown": "**a** <b>b</b> <script>x</script>"}, {"body": "**a** **b**"}),
        ({"markdown": "`<b>` x"}, {"body": "`<b>` x"}),
        ({"markdown": "    code\n"}, {"body": "    code"}),
    ],
)  # fmt: skip
def test_odd_values_become_what_a_comment_can_have(tea, fields, kept):
    Post.objects.filter(pk=tea.pk).update(published_at=AT)
    said = one(**fields)
    assert bring(said).added == {"comment": 1}
    assert Comment.objects.filter(**kept).count() == 1
    assert bring(one(**fields)).already == {"comment": 1}


def test_words_that_are_refused_are_named_and_their_replies_stay():
    report = bring(one("1"), one("2", "1", markdown="> " * 500 + "deep"), one("3", "2"))
    assert (report.added, report.refused) == ({"comment": 2}, {"comment": 1})
    assert answers() == {"1": None, "3": "1"}


def test_lost_things_are_summed_and_names_named():
    said = one("1", lost={"likes": 2}, named=("By a blocked user",)), one("2", lost={"likes": 3})
    report = bring(*said)
    assert lines(report, "Has no place here") == ["likes: 5"]
    assert lines(report, "By a blocked user") == [f"“Anonymous” on “{PAGE}”"]


def test_nobody_reads_what_only_waits():
    bring(one("1", status="pending", markdown="Secret one."), one("2", status="spam"))
    assert "Secret" not in "".join(ThreadPage.objects.values_list("html", flat=True))


def test_blogs_own_comments_come_under_their_essay(tea):
    report = Report()
    said = [one("2", "1", lost={"likes": 1}), one("1"), one("x" * 600)]
    for _again in range(2):
        lost = bring_under(tea, said, report, "ghost:post-7#comment-")
    assert (report.added, report.already, lost) == ({"comment": 3}, {"comment": 3}, {"likes": 1})
    origins = sorted(Comment.objects.values_list("origin", flat=True))
    assert [origin[:25] for origin in origins] == [
        "ghost:post-7#comment-1",
        "ghost:post-7#comment-2",
        "ghost:post-7#comment-28b5",
    ]


@pytest.mark.parametrize(
    ("origin", "id"),
    [
        ("isso:a1b2#12", "isso-12"),
        ("remark42:site#e1699883-dcb5-46fd", "remark42__comment-e1699883-dcb5-46fd"),
        ("commento:#9f3c", "commento-9f3c"),
        ("blogger:#" + "41" * 6, "c" + "41" * 6),
        ("disqus:#comment-7", "comment-7"),
        ("https://old.example/?p=7#comment-31", "comment-31"),
    ],
)
def test_old_address_of_a_comment_leads_to_it(client, say, tea, origin, id):
    say(tea, origin=origin)
    assert f'<a id="{id}"></a>' in " ".join(client.get("/tea/").text.split())


@pytest.mark.parametrize(
    "origin",
    [None, "isso:#", 'isso:#1"><b>', "made:#1", "isso:#a b", "isso:#" + "x" * 65, "isso:1"],
)
def test_comment_without_an_old_address_has_none(origin):
    assert Comment(origin=origin).old_anchor == ""


def test_killed_import_goes_on_and_reports_everything_once(monkeypatch, write):
    """Each few comments are a stretch of their own; the import dies after some, anywhere."""
    monkeypatch.setattr(thread, "AT_ONCE", 3)
    monkeypatch.setattr("blog.transfer.course.STRETCH", -1)
    monkeypatch.setattr("blog.transfer.discussions.placed.AT_ONCE", 3)
    monkeypatch.setattr("blog.transfer.discussions.keeping.AT_ONCE", 2)
    essay(write, "Milk")
    places = [PAGE, f"{HERE}/milk/", "/later/"]
    said = [one(str(n), str(n - 3) if n > 4 else "", page=places[n % 3]) for n in range(30)]
    said[4].left_out, said[6].markdown = DELETED, ""
    pages = [Page(places[1], (places[1],), closed=True)]
    trial = bring(*said, pages=pages, dry_run=True)
    kept, deaths = {"done": 0, "said": None}, 0

    def save(steps, report):
        kept.update(done=steps, said=report.as_json())
        kept["saves"] = kept.get("saves", 0) + 1
        if kept["saves"] % 4 == 0:
            raise KeyboardInterrupt

    while True:
        course = Stretches(save, done=kept["done"], said=kept["said"])
        try:
            report = bring(*said, pages=pages, course=course)
            break
        except KeyboardInterrupt:
            deaths += 1
            assert deaths < 40
    assert deaths > 2
    assert (report.added, report.kept, report.already) == (trial.added, trial.kept, {})
    assert report.notes == trial.notes
    assert not Post.objects.filter(thread_stale=True).exists()
    for post in Post.objects.all():
        assert post.comment_count == post.comments.count()
    assert Post.objects.filter(comments_open=False).count() == 1


def test_broken_reader_leaves_nothing_behind(monkeypatch):
    def said():
        yield one("1")
        raise ValueError("broken")

    made = Made()
    monkeypatch.setattr(made, "said", said)
    with pytest.raises(ValueError, match="broken"):
        import_discussion(made)
    assert not Comment.objects.exists()
