"""Comments are deleted thirty days after they were put in the trash."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from comments.models import Comment, ModerationEvent, ThreadPage

pytestmark = pytest.mark.django_db


@pytest.fixture
def trashed(say):
    """Make a comment that was put in the trash this many days ago."""

    def trashed(post, days=31, **changes):
        comment = say(post, "Quince paste.", **changes)
        comment.trash()
        Comment.objects.filter(pk=comment.pk).update(
            judged_at=timezone.now() - timedelta(days=days, minutes=1)
        )
        return comment

    return trashed


def empty(capsys):
    call_command("empty_trash")
    return capsys.readouterr().out.strip()


def test_trash_is_deleted_after_thirty_days(write, trashed, capsys):
    post = write()
    trashed(post)
    young = trashed(post, days=29)
    assert empty(capsys) == "1 comment was deleted for good."
    assert list(Comment.objects.all()) == [young]
    assert set(ModerationEvent.objects.values_list("comment", flat=True)) == {young.pk}


def test_old_comments_outside_the_trash_stay(write, say, capsys):
    old = say(write(), judged_at=timezone.now() - timedelta(days=400))
    assert empty(capsys) == "0 comments were deleted for good."
    assert list(Comment.objects.all()) == [old]


def test_deleted_comment_with_replies_loses_its_words(write, say, trashed, capsys):
    post = write()
    gone = trashed(post, name="Lou")
    say(post, "An answer.", parent=gone)
    assert empty(capsys) == "1 comment was deleted for good."
    gone.refresh_from_db()
    assert (gone.body, gone.name) == ("–", "")
    assert f'id="c{gone.pk}"' in ThreadPage.objects.get(post=post, number=1).html
    assert empty(capsys) == "0 comments were deleted for good."


def test_a_whole_thread_in_the_trash_goes_together(write, trashed, capsys):
    post = write()
    first = trashed(post)
    trashed(post, parent=trashed(post, parent=first))
    assert empty(capsys) == "3 comments were deleted for good."
    assert not Comment.objects.exists()


def test_deleted_import_is_not_imported_again(write, trashed, capsys):
    gone = trashed(write(), origin="http://old.example/?p=7#comment-31")
    empty(capsys)
    gone.refresh_from_db()
    assert (gone.body, gone.origin) == ("–", "http://old.example/?p=7#comment-31")
