"""Comments of Disqus: its export's forms, and what becomes of each part."""

import gzip
from io import StringIO

import pytest
from discussions import (
    HEAD,
    HERE,
    answers,
    by_essay,
    disqus,
    essay,
    lines,
    notes_blog,
    post_xml,
    public_words,
    thread_xml,
)
from django.core.management import call_command
from django.core.management.base import CommandError
from moving import PAGE as MOVES
from moving import act, stand_in, tried

from blog.posts.models import Post
from blog.transfer.discussions.bringing import import_discussion
from blog.transfer.discussions.disqus import Disqus
from comments.models import Comment, Unplaced

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def here(settings):
    settings.SITE_URL = HERE


# --- Real and truly made exports --------------------------------------------------------------


def test_made_export_gives_what_its_readme_says(shared):
    notes_blog(shared)
    made = Disqus(shared / "data/disqus/made-notes.xml")
    dry = import_discussion(made, dry_run=True)
    assert not Comment.objects.exists()
    assert not Unplaced.objects.exists()
    report = import_discussion(made)
    assert report.notes == dry.notes
    assert report.added == dry.added == {"comment": 29}
    approved = {"tea-and-patience": 18, "茶の湯": 2, "on-deleting": 6, "about": 1}
    assert by_essay("approved") == approved
    assert by_essay("spam") == {"tea-and-patience": 2}
    assert report.types == {"comment": 41}
    assert report.kept == {"comment": 7}
    assert lines(report, "Kept until") == [
        "http://blog.example.com/2010/01/first-post.html: 2 comments",
        "http://blog.example.com/2010/02/second-post.html: 1 comment",
        "http://localhost:1313/2021/03/tea-and-patience/: 1 comment",
        f"{HERE}/gone-for-good/: 1 comment",
        "thread 1017: 1 comment",
        "thread 1099: 1 comment",
    ]
    left_out = sorted(line.partition(" ")[0] for line in lines(report, "Comments left out"))
    assert left_out == ["“Gail”", "“Hana”", "“Jo”", "“Pills”", "“Wanda”"]
    threads_are_kept_and_what_was_hidden_is_not_shown()
    again = import_discussion(made)
    assert (again.added, again.already) == ({}, {"comment": 29})
    assert Unplaced.objects.count() == 7


def threads_are_kept_and_what_was_hidden_is_not_shown():
    origins = Comment.objects.values_list("origin", "parent__origin")
    above = {a.rpartition("-")[2]: b and b.rpartition("-")[2] for a, b in origins}
    for number, parent in {
        "5005": "5004",
        "5012": "5011",
        "5026": "5002",
        "5041": None,
        "5042": None,
        "5043": "5041",
        "5048": None,
    }.items():
        assert above[number] == parent, number
    for hidden in ("Deleted by its writer", "In a deleted thread", "Deleted, a leaf"):
        assert hidden not in public_words()
    assert not Comment.objects.filter(body__contains="Deleted and spam").exists()
    closed = Post.objects.filter(comments_open=False).values_list("slug", flat=True)
    assert list(closed) == ["on-deleting"]
    assert "https://example.net/a/very/long/address/that-disqus-cuts" in public_words()
    assert Comment.objects.filter(body="Same words, said twice.").count() == 2


def test_isso_sample_finds_its_essay_by_table(shared, write, tmp_path):
    essay(write, "Hello")
    table = tmp_path / "old.csv"
    table.write_text("http://example.org/,/hello/\nthread 1337,/hello/\n")
    report = import_discussion(Disqus(shared / "data/disqus/isso-disqus.xml"), table=table)
    assert report.added == {"comment": 4}
    assert report.types == {"comment": 6}
    assert report.kept == {"comment": 1}
    assert Comment.objects.get(body="Hello, World.", parent=None).name == "user"
    assert Comment.objects.filter(address="127.0.0.1").count() == 4


def test_broken_sample_is_refused_where_it_breaks(shared):
    broken = Disqus(shared / "data/disqus/remark42-disqus-deleted-post.xml")
    with pytest.raises(ValueError, match="not well-formed XML at line 147"):
        import_discussion(broken)
    assert not Unplaced.objects.exists()


def test_broken_sample_comes_once_it_is_repaired(shared, tmp_path):
    text = (shared / "data/disqus/remark42-disqus-deleted-post.xml").read_text()
    path = tmp_path / "repaired.xml"
    path.write_text(text.replace("=247937687/>", '="247937687"/>'))
    report = import_discussion(Disqus(path))
    assert lines(report, "Left out, because it stands") == ["`"]
    assert (report.types, report.skipped) == ({"comment": 6}, {"comment": 1})
    assert Unplaced.objects.filter(status="spam").count() == 1
    # Says neither yes nor no of being spam.
    assert Unplaced.objects.get(markdown="", html="some bad comment").status == "pending"


# --- Posts --------------------------------------------------------------------------------------


def test_post_keeps_what_a_comment_has(write, tmp_path):
    essay(write)
    more = "<email>lou@example.org</email><link>https://lou.example/</link><username>lb</username>"
    post = post_xml(7, name="<b>Lou</b>", more=more, ipAddress="192.0.2.7", likes="3")
    report = import_discussion(disqus(tmp_path, thread_xml(), post))
    comment = Comment.objects.get()
    assert (comment.name, comment.email) == ("<b>Lou</b>", "lou@example.org")
    assert (comment.url, comment.address) == ("https://lou.example/", "192.0.2.7")
    assert comment.created_at.isoformat() == "2019-05-01T12:00:00+00:00"
    assert comment.old_anchor == "comment-7"
    assert lines(report, "Has no place here") == ["names of accounts at Disqus: 1", "“likes”: 3"]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, "approved"),
        ({"isSpam": "true"}, "spam"),
        ({"isSpam": "odd"}, "pending"),
        ({"isApproved": "false"}, "pending"),
        ({"isDeleted": "odd"}, "pending"),
        ({"isSpam": ""}, "approved"),
    ],
)
def test_only_what_is_surely_good_is_public(write, tmp_path, fields, status):
    essay(write)
    import_discussion(disqus(tmp_path, thread_xml(), post_xml(1, **fields)))
    assert Comment.objects.get().status == status


@pytest.mark.parametrize("said", ["true", "1"])
def test_what_was_deleted_is_left_out(write, tmp_path, said):
    essay(write)
    deleted = thread_xml(2, f"{HERE}/tea/?x", isDeleted=said)
    posts = post_xml(1, isDeleted=said), post_xml(2, thread=2), post_xml(3, 2)
    report = import_discussion(disqus(tmp_path, thread_xml(), deleted, *posts))
    assert Comment.objects.get().origin == "disqus:#comment-3"
    assert len(lines(report, "Comments left out")) == 2


def test_post_without_a_number_comes_once(write, tmp_path):
    essay(write)
    post = post_xml(1).replace(' dsq:id="1"', "", 1)
    for _again in range(2):
        import_discussion(disqus(tmp_path, thread_xml(), post))
    assert Comment.objects.count() == 1


def test_two_posts_of_one_number_are_both_kept(write, tmp_path):
    essay(write)
    posts = post_xml(1), post_xml(1, message="<p>Other words.</p>"), post_xml(1), post_xml(2, 1)
    report = import_discussion(disqus(tmp_path, thread_xml(), *posts))
    assert Comment.objects.count() == 3
    assert len(lines(report, "Has the number of another")) == 1
    assert "stands twice in the file" in lines(report, "Comments left out")[0]


@pytest.mark.parametrize(
    ("html", "body"),
    [
        (
            '<a href="https://a.example/very/long" title="x">https://a.example/ve...</a>',
            "<https://a.example/very/long>",
        ),
        (
            '<a href="http://a.example/b?c=1&amp;d=2">a.example/b?c=…</a>',
            "http://a.example/b?c=1&d=2",
        ),
        ('<a href="https://a.example/">and so on...</a>', "[and so on...](https://a.example/)"),
        ("<spoiler>the <b>butler</b></spoiler>", "the **butler**"),
        ("<script>alert(1)</script><p>Words</p>", "Words"),
        ('<a href="javascript:alert(1)">x</a>', "x"),
        ("50*2 is 100, 3*4 is 12", "50*2 is 100, 3*4 is 12"),
    ],
)
def test_words_are_cleaned_and_links_whole(write, tmp_path, html, body):
    essay(write)
    import_discussion(disqus(tmp_path, thread_xml(), post_xml(1, message=html)))
    assert Comment.objects.get().body.strip("<>") == body.strip("<>")


# --- Threads ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("threads", "is_open"),
    [
        ((thread_xml(1, isClosed="true"),), False),
        ((thread_xml(1, isClosed="true"), thread_xml(2, "http://www.notes.example.org/tea")), True),
        (
            (thread_xml(1, isClosed="true"), thread_xml(2, f"{HERE}/tea/?a", isDeleted="true")),
            False,
        ),
        ((thread_xml(1, isClosed="true"), thread_xml(2, "http://localhost/tea/")), False),
    ],
)
def test_comments_close_only_if_all_threads_were_closed(write, tmp_path, threads, is_open):
    essay(write)
    import_discussion(disqus(tmp_path, *threads, post_xml(1)))
    assert Post.objects.get().comments_open is is_open


def test_second_run_leaves_open_what_was_opened_since(write, tmp_path):
    post = essay(write)
    export = disqus(tmp_path, thread_xml(1, isClosed="true"), post_xml(1))
    import_discussion(export)
    Post.objects.filter(pk=post.pk).update(comments_open=True)
    import_discussion(export)
    assert Post.objects.get().comments_open


def test_identifier_of_a_thread_counts_where_its_link_leads_nowhere(write, tmp_path):
    essay(write)
    thread = thread_xml(1, "http://localhost:1313/tea/", id=f"12 {HERE}/tea/")
    import_discussion(disqus(tmp_path, thread, post_xml(1)))
    assert Comment.objects.count() == 1


def test_what_came_from_wordpress_is_not_brought_again(write, say, tmp_path):
    """Disqus took a blog's comments over, and its export has them as well as WordPress's."""
    post = essay(write)
    Post.objects.update(origin="wordpress:https://old.example/?p=7#post-7")
    there = say(post, origin="wordpress:https://old.example/?p=7#post-7#comment-31")
    taken = post_xml(1).replace("<id />", "<id>wp_id=31</id>", 1)
    other = post_xml(3).replace("<id />", "<id>wp_id=32</id>", 1)
    report = import_discussion(disqus(tmp_path, thread_xml(), taken, post_xml(2, 1), other))
    assert (report.added, report.already) == ({"comment": 2}, {"comment": 1})
    assert Comment.objects.get(origin="disqus:#comment-2").parent == there


# --- Files --------------------------------------------------------------------------------------

ENTITIES = '<!DOCTYPE d [<!ENTITY a "b">]>'


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04zip", "unpack it"),
        (b"<!DOCTYPE html><p>Sign in", "is a web page"),
        (b"<rss></rss>", "no Disqus export"),
        ((ENTITIES + HEAD[38:] + "</disqus>").encode(), "has a DOCTYPE"),
        ((HEAD + post_xml(1))[:200].encode(), "not well-formed XML at line"),
        (b"words", "not well-formed XML at line 1"),
        (gzip.compress(b"<disqus>" * 50, mtime=0)[:30], "is packed, and broken"),
        (b"\xff\xfe<\0d\0", "no Disqus export"),
    ],
)
def test_other_files_are_refused_in_a_sentence(tmp_path, content, why):
    path = tmp_path / "export.xml"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=why):
        call_command("import_disqus", path)


def test_missing_file_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_disqus", tmp_path / "none.xml")


def test_packed_export_comes_by_command(write, tmp_path):
    essay(write)
    disqus(tmp_path, thread_xml(), post_xml(1), post_xml(2, 1, message="<p>And 1\x0b.</p>"))
    path = tmp_path / "disqus.xml.gz"
    path.write_bytes(gzip.compress((tmp_path / "disqus.xml").read_bytes()))
    out = StringIO()
    call_command("import_disqus", path, stdout=out)
    assert "Added: 2 comments." in out.getvalue()
    assert "Characters that XML does not have were left out (1):" in out.getvalue()
    assert answers() == {"said": None, "1": "said"}


def test_export_comes_by_the_admin(admin_client, write, tmp_path, monkeypatch):
    stand_in(monkeypatch)
    essay(write)
    disqus(tmp_path, thread_xml(), thread_xml(2, "/none/"), post_xml(1), post_xml(2, thread=2))
    packed = gzip.compress((tmp_path / "disqus.xml").read_bytes(), mtime=0)
    move = tried(admin_client, packed, "disqus.xml.gz", kind="disqus")
    assert not Comment.objects.exists()
    assert not Unplaced.objects.exists()
    act(admin_client, move, "bring")
    page = admin_client.get(f"{MOVES}{move.pk}/").text
    assert Comment.objects.count() == Unplaced.objects.count() == 1
    assert "Kept for later" in page
    assert "/none/: 1 comment" in page


def test_broken_export_is_refused_in_the_admin(admin_client, monkeypatch):
    stand_in(monkeypatch)
    move = tried(admin_client, "<disqus><post>", "disqus.xml", kind="disqus")
    assert move.state == "refused"
    assert move.said.startswith("disqus.xml is not well-formed XML at line 1")
