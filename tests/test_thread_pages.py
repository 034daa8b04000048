"""Threads of any shape are split into pages, after decisions in any order."""

import re
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from trials import in_full

from blog.jobs.models import Job
from blog.posts.models import Post
from comments.models import Comment, ThreadLine, ThreadPage

pytestmark = pytest.mark.django_db

SIZE = 4
ARTICLE = re.compile(r'<article id="c(\d+)"[^>]* class="([^"]*)".*?</article>', re.S)
NAME = re.compile(r'<h3 class="name.*?</h3>', re.S)
PARENT = re.compile(r'<a href="([^"]*)">\s*((?:to|in reply to) [^<]*?)\s*</a>')


@pytest.fixture
def small_pages(monkeypatch):
    monkeypatch.setattr(ThreadPage, "COMMENTS", SIZE)


def expected(post):
    """Return the comments readers see under a post in reading order, found in the simplest way."""
    comments = list(post.comments.written().order_by("created_at", "pk"))

    def lines(parent):
        found = []
        for comment in comments:
            if comment.parent_id == parent:
                below = lines(comment.pk)
                if comment.is_approved or below:
                    found += [comment, *below]
        return found

    return lines(None)


def pages_of(post):
    """Return each page of a thread as readers get it: what it says of each comment, in order."""
    pages = []
    while page := ThreadPage.objects.shown(post, len(pages) + 1).get(len(pages) + 1):
        found = ARTICLE.finditer(page.html)
        pages.append({int(match[1]): match for match in found})
    return pages


def check_lines(post):
    """Check that each comment readers see has its line, and none other; return the comments."""
    post.refresh_from_db()
    wanted = expected(post)
    lines = ThreadLine.objects.filter(page__post=post).order_by("page__number", "place")
    if not post.thread_stale:
        assert [line.comment_id for line in lines] == [comment.pk for comment in wanted]
    return wanted


def check(post):
    """Check that all pages together show the thread as it is; return them."""
    wanted, pages = check_lines(post), pages_of(post)
    assert [pk for page in pages for pk in page] == [comment.pk for comment in wanted]
    assert all(0 < len(page) <= SIZE for page in pages)
    assert post.comment_count == sum(comment.is_approved for comment in wanted)
    number = {pk: at for at, page in enumerate(pages) for pk in page}
    by_pk = {comment.pk: comment for comment in wanted}
    for comment in wanted:
        html = pages[number[comment.pk]][comment.pk]
        assert ("removed" in html[2].split()) == (not comment.is_approved)
        assert (comment.shown_name in NAME.search(html[0])[0]) == comment.is_approved
        found = PARENT.search(html[0])
        if comment.parent_id is None:
            assert found is None
            continue
        parent = by_pk[comment.parent_id]
        name = parent.shown_name if parent.is_approved else "a reader"
        back = number[comment.pk] - number[parent.pk]
        where = ["", ", on the page before", ", on an earlier page"][min(back, 2)]
        link = f"/comments/{parent.pk}/" if back else f"#c{parent.pk}"
        assert found.groups() == (link, f"{'in reply to' if back else 'to'} {name}{where}")
    return pages


def check_addresses(client, post, pages):
    """Check that each permalink leads to the page with its anchor, and pages to each other."""
    url = post.get_absolute_url()
    addresses = [url, *(f"{url}comments/{number}/" for number in range(2, len(pages) + 1))]
    for at, (address, page) in enumerate(zip(addresses, pages, strict=False)):
        text = client.get(address).text
        assert [int(match[1]) for match in ARTICLE.finditer(text)] == [*page]
        links = dict(re.findall(r'rel="(prev|next)" href="([^"]*)"', text))
        wanted = {"prev": addresses[at - 1]} if at else {}
        wanted |= {"next": addresses[at + 1]} if at + 1 < len(pages) else {}
        assert links == {name: f"{other}#comments" for name, other in wanted.items()}
        for pk in page:
            assert client.get(f"/comments/{pk}/")["Location"] == f"{address}#c{pk}"
    assert client.get(f"{url}comments/{len(pages) + 2}/").status_code == 404


class Discussion:
    """What people and moderators do under one essay; numbers choose among its comments."""

    def __init__(self, post):
        self.post = post
        self.began = timezone.now() - timedelta(days=30)

    def chosen(self, numbers):
        comments = list(self.post.comments.order_by("pk"))
        return [comments[number % len(comments)] for number in numbers if comments]

    def add(self, parent, status, minutes):
        count = self.post.comments.count()
        comment = Comment(post=self.post, body=f"Said {count}.", name=f"Name{count}.")
        comment.parent, comment.status = parent, status
        comment.created_at = self.began + timedelta(minutes=minutes)
        comment.save()
        return comment

    def say(self, number, status, minutes):
        parents = self.chosen([number]) if number % 5 else []
        self.add(parents[0] if parents else None, status, minutes)

    def begin(self, shape):
        """Have eleven comments said: one with ten replies, or each below the one before."""
        first = above = self.add(None, "approved", 20)
        for number in range(10):
            parent = first if shape == "wide" else above
            above = self.add(parent, "approved", 30 + number)

    def judge(self, number, status, _minutes):
        for comment in self.chosen([number]):
            comment.judge(status)

    def judge_many(self, number, status, _minutes):
        chosen = {comment.pk for comment in self.chosen(range(number, 3 * number, 2))}
        Comment.objects.filter(pk__in=chosen).judge(status)

    def undo(self, number, _status, _minutes):
        for comment in self.chosen([number]):
            if event := comment.events.first():
                Comment.objects.all().undo(event.batch)

    def edit(self, number, _status, minutes):
        for comment in self.chosen([number]):
            comment.edit(name=f"Name{minutes}x.")

    def erase(self, number, _status, _minutes):
        for comment in self.chosen([number]):
            comment.erase()

    def work(self, *_given):
        while job := Job.objects.claim("a worker", timezone.now()):
            job.perform(timezone.now)


STEPS = st.tuples(
    st.sampled_from("say say say say judge judge judge judge_many undo edit erase work".split()),
    st.integers(0, 30),
    st.sampled_from(["approved", "approved", *Comment.Status.values]),
    st.integers(0, 99),
)
EXAMPLES = in_full(1000, 2)


@pytest.mark.long
@pytest.mark.usefixtures("small_pages")
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # to find a shorter case would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.sampled_from(["wide", "deep", ""]), st.lists(STEPS, min_size=20, max_size=30))
def test_pages_together_show_the_whole_thread(client, write, shape, steps):
    with transaction.atomic():
        discussion = Discussion(write(f"On {Post.objects.count()}"))
        if shape:
            discussion.begin(shape)
        for step, *how in steps:
            getattr(discussion, step)(*how)
            check_lines(discussion.post)
        check_addresses(client, discussion.post, check(discussion.post))
        transaction.set_rollback(True)
