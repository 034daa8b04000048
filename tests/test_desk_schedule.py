"""Changes of a published essay that go out by themselves: once, when due, or not at all."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from blog.jobs.models import Job
from blog.posts.models import Post, Revision, Text
from blog.posts.tasks import publish_due_changes

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def post(write):
    return write("Margins", body="Old words.")


def written(post, body="New words.", kind=Revision.Kind.WRITING):
    text = Text.cleaned("Margins", "", body, ["Tools"], post.slug)
    return Revision.objects.keep(post, text, by=post.author, kind=kind, sitting="a")


def scheduled(post, at=None, **more):
    revision = written(post, **more)
    post.schedule_changes(revision, at or timezone.now() + HOUR)
    return revision


def run(monkeypatch, revision, due_at=None, *, later=2 * HOUR):
    """Do the job as a worker would at a later time."""
    due_at = due_at or revision.due_at
    now = timezone.now() + later
    with monkeypatch.context() as patch:
        patch.setattr(timezone, "now", lambda: now)
        return publish_due_changes.call(revision.pk, due_at.isoformat())


def shown(post):
    return Client().get(post.get_absolute_url()).text


def test_changes_go_out_when_due(post, monkeypatch):
    revision = scheduled(post)
    assert "Old words." in shown(post)
    assert run(monkeypatch, revision) == "published"
    assert "New words." in shown(post)
    assert "Tools</a>" in shown(post)
    revision.refresh_from_db()
    assert (revision.kind, revision.due_at) == (Revision.Kind.PUBLISHED, None)
    assert post.revisions.count() == 2


def test_job_is_due_at_that_moment(post):
    revision = scheduled(post)
    job = Job.objects.get()
    assert job.run_after == revision.due_at
    assert job.args_kwargs["args"] == [revision.pk, revision.due_at.isoformat()]
    assert Job.objects.claim("harrow", timezone.now()) is None


def test_job_that_comes_twice_publishes_once(post, monkeypatch):
    revision = scheduled(post)
    due_at = revision.due_at
    run(monkeypatch, revision)
    post.refresh_from_db()
    changed = post.updated_at
    written(post, "Newer words.")
    assert run(monkeypatch, revision, due_at, later=3 * HOUR) == "changed"
    assert "New words." in shown(post)
    post.refresh_from_db()
    assert post.updated_at == changed


def test_job_of_another_date_does_nothing(post, monkeypatch):
    revision = scheduled(post)
    first = revision.due_at
    post.schedule_changes(revision, first + HOUR)
    assert run(monkeypatch, revision, first) == "changed"
    assert "Old words." in shown(post)
    assert Job.objects.count() == 2
    assert run(monkeypatch, revision, later=3 * HOUR) == "published"


def test_job_of_another_version_does_nothing(post, monkeypatch):
    first = scheduled(post)
    due_at = first.due_at
    second = scheduled(post, due_at, body="Newer words.")
    assert run(monkeypatch, first, due_at) == "changed"
    assert run(monkeypatch, second) == "published"
    assert "Newer words." in shown(post)


def test_early_job_is_put_off(post, monkeypatch):
    revision = scheduled(post)
    assert run(monkeypatch, revision, later=timedelta(0)) == "early"
    assert "Old words." in shown(post)
    assert Job.objects.count() == 2


def test_dropped_schedule_publishes_nothing(post, monkeypatch):
    revision = scheduled(post)
    due_at = revision.due_at
    assert post.drop_schedule()
    assert not post.drop_schedule()
    assert run(monkeypatch, revision, due_at) == "changed"


def test_deleted_essay_is_gone(post, monkeypatch):
    revision = scheduled(post)
    number, due_at = revision.pk, revision.due_at
    post.delete()
    revision.pk = number
    assert run(monkeypatch, revision, due_at) == "gone"


@pytest.mark.parametrize("verb", ["withdraw", "return_to_draft"])
def test_withdrawn_essay_stays_as_it_is(post, monkeypatch, verb):
    revision = scheduled(post)
    getattr(post, verb)()
    assert run(monkeypatch, revision) == "withdrawn"
    assert Post.objects.get().body == "Old words."
    assert not Revision.objects.filter(due_at__isnull=False).exists()


def test_what_is_written_after_stays_unpublished(post, monkeypatch):
    revision = scheduled(post)
    written(post, "Later words.")
    run(monkeypatch, revision)
    assert "New words." in shown(post)
    assert Revision.objects.newest(post).body == "Later words."


def test_publishing_by_hand_ends_the_schedule(post, monkeypatch):
    revision = scheduled(post)
    due_at = revision.due_at
    post.take(written(post, "By hand."))
    assert run(monkeypatch, revision, due_at) == "changed"
    assert "By hand." in shown(post)


def test_refused_version_fails_and_may_be_tried_again(post, write, monkeypatch):
    revision = scheduled(post, body="> " * 30 + "deep")
    with pytest.raises(ValidationError):
        run(monkeypatch, revision)
    assert "Old words." in shown(post)


def test_only_published_essays_and_times_to_come(post, write):
    with pytest.raises(ValidationError, match="This time is past"):
        post.schedule_changes(written(post), timezone.now())
    draft = write("Draft", published_at=None)
    with pytest.raises(ValidationError, match="Only changes of a published essay"):
        draft.schedule_changes(written(draft), timezone.now() + HOUR)
    assert not Job.objects.exists()
