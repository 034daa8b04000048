"""Blogger's export and Google's Takeout: what each sample must give, counted without this code."""

import zipfile

import pytest
from conftest import SHARED
from django.core.management import call_command
from old_blogs import comment, entry, feed, taken, takeout
from test_images import (
    media_root,  # noqa: F401 - a fixture
    picture,
)

from blog.posts.models import Image, Post, Tag
from blog.transfer.blogger.importing import import_blogger
from comments.models import Comment, Unplaced

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("import_old")]

DATA = SHARED / "data" / "blogger"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="needs the shared test data beside us")


@pytest.fixture
def bring(tmp_path):
    def bring(source, name="blog.xml", **how):
        path = tmp_path / name
        path.write_text(source, encoding="utf-8")
        return import_blogger(path, **how)

    return bring


def titles(posts):
    return sorted(posts.values_list("title", flat=True))


def said(report):
    return "\n".join(report.lines(limit=None))


@needs_data
def test_classic_sample_gives_what_its_readme_says(client):
    report = import_blogger(DATA / "made-classic.xml")
    public = Post.objects.published()
    assert titles(public.essays()) == ["A caption No title.", "First & foremost"]
    assert titles(public.exclude(kind="essay")) == ["About"]
    others = Post.objects.exclude(pk__in=public)
    assert {(post.title, post.published_at is None) for post in others} == {
        ("A draft", True),
        ("Scheduled", False),
    }
    for path in ("2010/03/first-foremost.html", "2010/04/blog-post.html", "p/about.html"):
        assert client.get(f"/{path}").status_code == 301, path
    approved = Comment.objects.filter(status="approved")
    numbers = {each.origin.partition("#")[2]: each for each in approved}
    assert numbers.keys() == {"201", "202", "204", "206"}
    assert Comment.objects.count() == 4
    assert numbers["202"].parent == numbers["201"]
    assert numbers["204"].parent is None
    assert numbers["206"].post.title == "About"
    assert [row.origin for row in Unplaced.objects.all()] == ["blogger:#205"]
    assert "removed at Blogger" in said(report)
    assert "post:999" in said(report)
    assert not Post.objects.filter(title__contains="Template").exists()


@needs_data
def test_takeout_sample_gives_what_its_readme_says(client):
    report = import_blogger(DATA / "made-takeout.atom")
    public = Post.objects.published()
    assert titles(public) == ["About", "First & foremost"]
    assert client.get("/2010/03/first-foremost.html").url == "/2010/03/first-foremost/"
    first, answer = Comment.objects.filter(status="approved").order_by("created_at")
    assert answer.parent == first
    assert answer.body == "An answer"
    assert sorted(Comment.objects.exclude(status="approved").values_list("status", flat=True)) == [
        "pending",
        "pending",
        "spam",
    ]
    assert "GHOSTED" in said(report)
    assert "SOFT_TRASHED" in said(report)
    assert Post.objects.get(title="First & foremost").standfirst == "Said of it"


@needs_data
def test_takeout_after_the_classic_export_adds_nothing_twice():
    import_blogger(DATA / "made-classic.xml")
    report = import_blogger(DATA / "made-takeout.atom")
    assert report.already["post"] == 3
    assert report.already["page"] == 1
    assert not report.added["post"]
    assert Comment.objects.get(origin="blogger:#201").body.startswith("A comment cut short")


def test_labels_feeds_and_months_lead_on(bring, client):
    bring(feed(entry(1, labels=["Salt & slip", "C#"]), comment(9, 1)))
    tag = Tag.objects.get(name="Salt & slip").get_absolute_url()
    leads = {
        "/2011/05/clay-1.html?m=1": "/2011/05/clay-1/",
        "/search/label/Salt%20%26%20slip?max-results=20": tag,
        "/search/label/C%23": Tag.objects.get(name="C#").get_absolute_url(),
        "/feeds/posts/default?alt=rss": "/feed.xml",
        "/feeds/posts/default/-/Salt%20%26%20slip": f"{tag}feed.xml",
        "/feeds/1/comments/default": "/2011/05/clay-1/comments/feed.xml",
        "/2011_05_01_archive.html": "/2011/05/",
    }
    for old, here in leads.items():
        answer = client.get(old)
        assert (answer.status_code, answer.url) == (301, here), old
    assert client.get("/2011/05/").status_code == 200


def test_feeds_go_on_to_call_a_post_the_same(bring):
    bring(feed(entry(1)))
    assert Post.objects.get().feed_id == "tag:blogger.com,1999:blog-5.post-1"


def test_links_between_posts_lead_to_them_here(bring):
    text = (
        "<a href='http://kiln.blogspot.de/2011/05/clay-2.html#x'>a</a>"
        " <a href='https://other.example/2011/05/clay-2.html'>b</a>"
        " <a href='/search/label/Salt'>c</a>"
    )
    bring(feed(entry(1, text), entry(2)))
    body = Post.objects.get(path="2011/05/clay-1").body
    assert "[a](/2011/05/clay-2/#x)" in body
    assert "[c](/search/label/Salt/)" in body
    assert "[b](https://other.example/2011/05/clay-2.html)" in body


@pytest.mark.parametrize(
    "status", [*"DRAFT SCHEDULED GHOSTED HIDDEN live? PENDING X".split(), "", "lıve"]
)
def test_only_live_is_public(bring, status):
    report = bring(takeout(taken(1, status=status)))
    assert not Post.objects.published().exists()
    assert Post.objects.count() == 1
    assert "Kept as a draft (1)" in said(report)


def test_trashed_post_takes_its_comments_along(bring):
    under = "<blogger:parent>tag:blogger.com,1999:blog-5.post-1</blogger:parent>"
    report = bring(
        takeout(
            taken(1, inside="<blogger:trashed>2012-01-01T00:00:00Z</blogger:trashed>"),
            taken(2, kind="COMMENT", inside=under),
        )
    )
    assert not Post.objects.exists()
    assert not Comment.objects.exists()
    assert "thrown away" in said(report)


def test_comment_answers_across_order_and_circles(bring):
    bring(
        feed(
            comment(12, 1, "late", answers=11),
            comment(11, 1, "first"),
            comment(21, 1, "egg", answers=22),
            comment(22, 1, "hen", answers=21),
            entry(1),
        )
    )
    made = {each.body: each for each in Comment.objects.all()}
    assert made["late"].parent == made["first"]
    assert made.keys() == {"late", "first", "egg", "hen"}


def test_two_posts_of_one_id_both_stay(bring):
    report = bring(feed(entry(1, title="One"), entry(1, title="Two"), entry(1, title="Two")))
    assert titles(Post.objects.all()) == ["One", "Two"]
    assert "Has the number of another" in said(report)
    assert "stands twice in the file" in said(report)


SIZES = [
    "https://1.bp.blogspot.com/-x/AAA/s320/Red+pot.png",
    "http://4.bp.blogspot.com/-x/AAA/s1600/Red+pot.png",
    "https://blogger.googleusercontent.com/img/b/R29v/-x/w640-h480/Red%20pot.png",
]


def test_sizes_of_a_picture_become_one_from_the_archive(tmp_path, media_root):  # noqa: F811
    shown = "".join(f'<a href="{SIZES[1]}"><img src="{each}"></a>' for each in SIZES)
    path = tmp_path / "takeout.zip"
    with zipfile.ZipFile(path, "w") as archive:
        source = takeout(taken(1, f"{shown}<p>Words</p>"))
        archive.writestr("Takeout/Blogger/Blogs/Kiln notes/feed.atom", source)
        archive.writestr("Takeout/Blogger/Comments/Kiln notes/feed.atom", takeout())
        archive.writestr("Takeout/Blogger/Albums/Kiln notes/Red pot.png", picture())
    call_command("import_blogger", path, verbosity=0)
    body = Post.objects.get().body
    assert Image.objects.count() == 1
    assert body.count(Image.objects.get().file.name) == 3
    assert "bp.blogspot" not in body


def test_picture_is_not_guessed_among_files_of_one_name(bring, tmp_path, media_root):  # noqa: F811
    for number, folder in enumerate(("a", "b")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "Red pot.png").write_bytes(picture(size=(20 + number, 20)))
    report = bring(feed(entry(1, f'<img src="{SIZES[0]}">')), media=tmp_path)
    assert not Image.objects.exists()
    assert "several files have their name" in said(report)
    assert Post.objects.get().body == f"![]({SIZES[0].replace('s320', 's1600')})"


def test_takeouts_note_tells_pictures_of_one_name_apart(bring, tmp_path, media_root):  # noqa: F811
    address = "https://blogger.googleusercontent.com/img/a/Zz9=s320"
    for number, name in enumerate(("image.png", "image(1).png")):
        (tmp_path / name).write_bytes(picture(size=(20 + number, 20)))
    note = '{"title": "image.png", "url": "https://blogger.googleusercontent.com/img/a/Zz9"}'
    (tmp_path / "image(1).png.json").write_text(note)
    bring(feed(entry(1, f'<img src="{address}">')), media=tmp_path)
    kept = Image.objects.get()
    assert kept.file.name in Post.objects.get().body
    assert kept.width == 21


def test_table_names_the_essay_of_lost_comments(bring, tmp_path):
    source = feed(entry(1), comment(9, 77, "Lost"))
    bring(source)
    assert not Comment.objects.exists()
    (tmp_path / "old.csv").write_text("old,new\nblogger:post:77,/2011/05/clay-1/\n")
    bring(source, table=tmp_path / "old.csv")
    assert Comment.objects.get().post.title == "Clay"
    assert not Unplaced.objects.exists()


def test_two_pictures_of_one_name_are_shown_and_named(bring, tmp_path, media_root):  # noqa: F811
    (tmp_path / "Red pot.png").write_bytes(picture())
    other = SIZES[0].replace("AAA", "BBB")
    report = bring(feed(entry(1, f'<img src="{SIZES[0]}"><img src="{other}">')), media=tmp_path)
    assert Post.objects.get().body.count(Image.objects.get().file.name) == 2
    assert f"“Clay”: {other}" in said(report)
    assert "look at them (1)" in said(report)
