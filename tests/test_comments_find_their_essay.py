"""Comments of other systems find their essay by its address, or wait for it."""

import json
from io import StringIO

import pytest
from discussions import HERE, PAGE, bring, essay, lines, one
from django.core.management import call_command
from moving import work

from blog.posts.models import Forward, OldAddress, Post
from blog.transfer.discussions.finding import hosts_known
from blog.transfer.discussions.said import Page
from comments.models import Comment, Unplaced

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def here(settings):
    settings.SITE_URL = HERE


# --- Addresses ----------------------------------------------------------------------------------


@pytest.fixture
def cafe(write):
    post = write("Café", kind=Post.Kind.PAGE, slug="café")
    OldAddress.objects.create(post=post, path="2019/05/cafe.html")
    OldAddress.objects.create(post=post, path="?p=12")
    return post


@pytest.mark.parametrize(
    "address",
    [
        "https://notes.example.org/café/",
        "HTTP://WWW.Notes.Example.org:80/caf%C3%A9",
        "https://notes.example.org/caf%C3%A9/index.html?utm_source=x#c1",
        "https://notes.example.org/cafe%CC%81/",
        "notes.example.org/café/",
        "//notes.example.org/café/",
        "/café",
        " /café/?replytocom=7 ",
        "/2019/05/cafe.html",
        "/2019/05/cafe.html/index.html",
        "https://notes.example.org/?p=12",
        "/?p=12&preview=true",
    ],
)
def test_spelling_of_an_address_makes_no_other_page(cafe, address):
    assert bring(one(page=address)).added == {"comment": 1}


@pytest.mark.parametrize(
    "address",
    [
        "https://blog.example.com/café/",
        "http://localhost:1313/café/",
        "http://127.0.0.1/café/",
        "http://sub.notes.example.org/café/",
        "https://translate.example/translate?u=https://notes.example.org/café/",
        "https://notes.example.org:8443/café/",
        "https://notes.example.org/",
        "https://notes.example.org/caf/",
        "/?p=13",
        "/?p=" + "9" * 5000,
        "/" + "x" * 5000,
        "https://[/café/",
        "\ud800",
        "",
    ],
)
def test_other_address_waits(cafe, address):
    report = bring(one(page=address))
    assert (report.added, report.kept) == ({}, {"comment": 1})
    assert Unplaced.objects.count() == 1


def test_rules_that_answer_old_addresses_count(cafe, settings):
    settings.SITE_URL = "https://new.example"
    Forward.objects.create(path="blog", to="/")
    Post.objects.update(origin="wordpress:http://www.old.example/?p=12#post-12")
    page = "http://old.example/blog/2019/05/cafe.html/comment-page-2/"
    assert bring(one(page=page)).added == {"comment": 1}


def test_hosts_of_what_was_brought_are_known(write, settings):
    settings.SITE_URL = "http://localhost:8000"
    write("One", origin="hugo:hugo.example/blog:content/one.md")
    write(
        "Two",
        origin="wordpress:https://wp.example/?p=1#post-1",
        feed_id="http://www.bücher.example/?p=1",
    )
    write("Three", origin="jekyll:Three:three.md", feed_id="urn:uuid:1")
    assert hosts_known() == {"hugo.example", "wp.example", "xn--bcher-kva.example"}


def test_host_that_is_named_counts_as_the_blogs(cafe):
    said = one(page="https://old.example/café/"), one("2", page="https://other.example/café/")
    report = bring(*said, dry_run=True)
    assert lines(report, "Hosts that are not known") == [
        "old.example: 1 comment",
        "other.example: 1 comment",
    ]
    report = bring(*said, hosts=["https://www.old.example/"])
    assert (report.added, report.kept) == ({"comment": 1}, {"comment": 1})


def test_draft_gets_its_comments_too(write):
    essay(write)
    Post.objects.update(published_at=None)
    assert bring(one()).added == {"comment": 1}


def test_first_address_of_a_page_that_leads_here_counts(write):
    essay(write)
    page = Page("t1", addresses=("http://localhost/tea/", "/nowhere/", PAGE))
    assert bring(one(page="t1"), pages=[page]).added == {"comment": 1}


# --- A table of one's own -----------------------------------------------------------------------


def test_table_says_which_essay_an_address_was(write, tmp_path):
    essay(write)
    table = tmp_path / "old.csv"
    rows = "http://localhost:1313/x/;/tea/\n/index.php?id=5;https://notes.example.org/tea\n"
    table.write_bytes(f"﻿Old;New\n{rows}thread 7;/tea/\n".encode())
    pages = "http://localhost:1313/x?a", f"{HERE}/index.php?id=5", "thread 7"
    said = [one(str(n), page=page) for n, page in enumerate(pages)]
    other = one("9", page="http://localhost/x/"), one("10", page="/index.php?id=6")
    report = bring(*said, *other, table=table)
    assert (report.added, report.kept) == ({"comment": 3}, {"comment": 2})


def test_broken_lines_of_a_table_are_named(write, tmp_path):
    essay(write)
    table = tmp_path / "old.csv"
    table.write_text("/a/,/tea/\n/b/\n/c/,\n/d/,/none/\n\n/a/,/tea/,more\n")
    report = bring(one(page="/a/"), table=table)
    assert report.added == {"comment": 1}
    assert lines(report, "Lines of the table") == [
        "line 2, “/b/”: it needs two columns, old and new",
        "line 3, “/c/,”: one of its two columns is empty",
        "line 4, “/d/, /none/”: no essay here has the address /none/",
        "line 6, “/a/, /tea/, more”: it needs two columns, old and new",
    ]


@pytest.mark.parametrize("content", [None, b"\xe9,/tea/\n", b'"' + b"x" * 200_000])
def test_table_that_cannot_be_read_is_refused(write, tmp_path, content):
    table = tmp_path / "old.csv"
    if content:
        table.write_bytes(content)
    with pytest.raises(ValueError, match=r"old\.csv"):
        bring(one(), table=table)


# --- What finds no essay ------------------------------------------------------------------------


def test_what_finds_no_essay_comes_once_it_is_here(write):
    said = one("1", page="/later/", at=None, email="lou@example.org"), one("2", "1", page="/later/")
    bring(*said)
    bring(*said)
    assert Unplaced.objects.count() == 2
    essay(write, "Later")
    report = bring(one("9", page="/elsewhere/"))
    assert report.added == {"comment": 2}
    assert len(lines(report, "Kept since an earlier import")) == 2
    assert Comment.objects.get(parent__isnull=False).parent.email == "lou@example.org"
    assert Unplaced.objects.get().page == "/elsewhere/"
    assert bring(*said).already == {"comment": 2}


def test_reply_is_kept_under_the_nearest_that_is_kept(write):
    bring(one("1", page="/later/"), one("2", "1", page="/later/", left_out="deleted there"))
    bring(one("2", "1", page="/later/", left_out="deleted there"), one("3", "2", page="/later/"))
    essay(write, "Later")
    bring()
    assert Comment.objects.get(origin="made:#3").parent.origin == "made:#1"


def test_dry_run_keeps_nothing():
    report = bring(one(page="/later/"), dry_run=True)
    assert report.kept == {"comment": 1}
    assert not Unplaced.objects.exists()


def test_kept_words_are_a_persons_to_see_and_to_erase(write):
    said = one(page="/later/", email="lou@example.org", name="Lou", address="192.0.2.7")
    bring(said)
    out = StringIO()
    call_command("person", "LOU@example.org", stdout=out)
    assert [row["markdown"] for row in json.loads(out.getvalue())] == ["Words 1."]
    call_command("person", "lou@example.org", "--erase", stdout=StringIO())
    kept = Unplaced.objects.values().get()
    assert "Lou" not in str(kept)
    assert "Words" not in str(kept)
    essay(write, "Later")
    report = bring(said)
    assert lines(report, "Comments left out") == ["“Lou” on “/later/”: deleted here"]
    assert not Comment.objects.exists()


# --- The page of what waits ---------------------------------------------------------------------

ADMIN = "/admin/comments/unplaced/"


def test_owner_says_which_essay_it_was(admin_client, write):
    essay(write)
    bring(
        one("1", page="http://localhost/x/", name="Lou", html="<b>A &amp; B</b>", markdown=""),
        one("2", page=""),
    )
    page = admin_client.get(ADMIN).text
    assert "http://localhost/x/" in page
    assert "Lou" in page
    assert "A &amp; B" in page
    assert "b&gt;" not in page
    said = {"page": "http://localhost/x/", "do": "bring", "essay": "/milk/"}
    answer = admin_client.post(ADMIN, said, follow=True).text
    assert "No essay here has the address “/milk/”." in answer
    answer = admin_client.post(ADMIN, said | {"essay": PAGE}, follow=True).text
    assert "1 comment stands under “Tea” now." in answer
    assert Comment.objects.get().name == "Lou"
    assert Unplaced.objects.get().page == ""


def test_many_are_brought_by_a_job(admin_client, write, monkeypatch):
    monkeypatch.setattr("blog.transfer.moving.unplaced.AT_ONCE", 1)
    essay(write)
    bring(one("1", page="/x/"), one("2", page="/x/"))
    admin_client.post(ADMIN, {"page": "/x/", "do": "bring", "essay": "/tea/"})
    assert not Comment.objects.exists()
    work()
    assert Comment.objects.count() == 2


def test_what_is_thrown_away_comes_no_more(admin_client, write):
    said = one("1", page="/x/")
    bring(said)
    admin_client.post(ADMIN, {"page": "/x/", "do": "away"})
    assert "There are none." in admin_client.get(ADMIN).text
    essay(write, "X")
    assert bring(said).added == {}


def test_others_than_owners_do_not_see_them(staff):
    assert staff.get(ADMIN).status_code == 403
    assert staff.post(ADMIN, {"page": "/x/", "do": "away"}).status_code == 403
