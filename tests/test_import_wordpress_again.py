"""Importing again, the command and its report, and comments that were posted twice."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from wordpress_exports import COMMENT, all_rows, bring, export_xml, item_xml, numbered

from blog.posts.models import Post
from comments.models import Comment

__all__ = ["bring"]  # fixtures


pytestmark = pytest.mark.django_db


# --- Running it again -----------------------------------------------------------------------


def test_later_export_adds_comments_and_keeps_local_changes(bring):
    bring(item_xml(*numbered({})))
    post = Post.objects.get()
    post.title = "Edited here"
    post.save()
    report = bring(item_xml(*numbered({}, {"comment_parent": "31"}), title="Edited there"))
    post = Post.objects.get()
    assert (post.title, post.comment_count) == ("Edited here", 2)
    assert Comment.objects.get(origin__endswith="32").parent.origin.endswith("31")
    assert "Added: 1 comment." in report
    assert "Already here: 1 post, 1 comment." in report


def test_later_reply_finds_its_parent_in_the_database(bring):
    bring(item_xml(*numbered({})))
    bring(item_xml(COMMENT | {"comment_id": "32", "comment_parent": "31"}))
    assert Comment.objects.get(origin__endswith="32").parent.origin.endswith("31")


def test_two_blogs_with_the_same_numbers_are_kept_apart(bring):
    bring(item_xml(COMMENT))
    bring(
        item_xml(COMMENT, guid="http://b.example/?p=7", link="http://b.example/hello/"),
        site="http://b.example",
    )
    assert Post.objects.count() == Comment.objects.count() == 2


def test_copies_that_share_a_guid_are_both_imported(bring):
    bring(item_xml(), item_xml(post_id="8"))
    assert Post.objects.count() == 2


def test_repeated_item_is_imported_once(bring):
    assert "Left out, because it stands twice in the file (1):" in bring(item_xml(), item_xml())
    assert Post.objects.count() == 1


def test_a_dry_run_reports_everything_and_changes_nothing(bring):
    before = all_rows()
    report = bring(item_xml(COMMENT), dry_run=True)
    assert report.startswith("Nothing was changed: this was a dry run.\nRead 1 item: 1 post.")
    assert "Added: 1 post, 1 comment, 1 author, 6 old addresses." in report
    assert all_rows() == before


# --- The command ----------------------------------------------------------------------------


def _command(*arguments, **options):
    out = StringIO()
    call_command("import_wordpress", *arguments, stdout=out, **options)
    return out.getvalue()


def test_the_command_prints_the_report(tmp_path):
    path = tmp_path / "export.xml"
    path.write_text(export_xml(item_xml()), encoding="utf-8")
    assert _command(path, "--dry-run").startswith("Nothing was changed")
    assert "Added: 1 post, 1 author, 6 old addresses." in _command(path)


def test_long_report_is_cut_unless_verbose(tmp_path):
    path = tmp_path / "export.xml"
    path.write_text(export_xml(*[item_xml(post_type="attachment")] * 25), encoding="utf-8")
    assert "  5 more lines\n" in _command(path)
    assert "more" not in _command(path, verbosity=2)


def test_the_command_refuses_an_unknown_author(tmp_path):
    with pytest.raises(CommandError, match="No user is called nobody"):
        _command(tmp_path / "export.xml", "--author", "nobody")


# --- The same said again --------------------------------------------------------------------


def _said_twice():
    return numbered(
        {"comment_content": "Well said."},
        {"comment_content": "well  said!"},
        {"comment_content": "An answer.", "comment_author": "Ben", "comment_parent": "32"},
        {"comment_content": "Well said.", "comment_author": "Cid", "comment_author_email": ""},
    )


def test_duplicates_are_imported_and_reported(bring):
    report = bring(item_xml(*_said_twice()))
    assert Comment.objects.count() == 4
    assert "Said twice in the same words, and kept (1):\n  “Ann” on “Hello”" in report


def test_left_out_duplicates_replies_go_to_the_first(bring):
    report = bring(item_xml(*_said_twice()), skip_duplicates=True)
    assert [comment.name for comment in Comment.objects.all()] == ["Ann", "Cid", "Ben"]  # by level
    assert Comment.objects.get(name="Ben").parent.name == "Ann"
    assert "“Ann” on “Hello”: said before in the same words" in report


def test_second_run_without_duplicates_adds_nothing(bring):
    bring(item_xml(*_said_twice()), skip_duplicates=True)
    assert "Added: nothing." in bring(item_xml(*_said_twice()), skip_duplicates=True)


def test_a_second_run_after_an_upgrade_adds_nothing(bring):
    bring(item_xml(*_said_twice()))
    Comment.objects.update(words="", campaign="", fingerprint=None)  # as none was computed yet
    assert "Added: nothing." in bring(item_xml(*_said_twice()))


def test_name_alone_identifies_duplicates_in_an_import(bring):
    anna = {"comment_author": "Anna", "comment_author_email": "", "comment_content": "Hello."}
    report = bring(item_xml(*numbered(anna, anna, anna | {"comment_author": "Ben"})))
    assert "Said twice in the same words, and kept (1):\n  “Anna” on “Hello”" in report


def test_same_reply_to_two_comments_is_not_a_duplicate(bring):
    thanks = [
        {"comment_content": "Thank you!", "comment_parent": parent} for parent in ("31", "32")
    ]
    item = item_xml(*numbered({"comment_content": "One."}, {"comment_content": "Two."}, *thanks))
    assert "Said twice" not in bring(item, skip_duplicates=True)
    assert Comment.objects.filter(body="Thank you!").count() == 2
