"""Movable Type's and TypePad's export: what a file must give, counted without this code."""

from zoneinfo import ZoneInfo

import pytest
from conftest import SHARED
from django.core.management import CommandError, call_command
from old_blogs import mt_comment, mt_entry
from test_images import (
    media_root,  # noqa: F401 - a fixture
    picture,
)

from blog.posts.models import Image, Post
from blog.transfer.movable_type.importing import import_movabletype
from comments.models import Comment

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("import_old")]

DATA = SHARED / "data" / "movable-type"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="needs the shared test data beside us")
PING = (
    "PING:\nTITLE: A reply\nURL: https://wheel.example/reply\nIP: 192.0.2.8\n"
    "BLOG NAME: Wheel\nDATE: 05/08/2011 01:02:03 AM\nSaid there."
)


@pytest.fixture
def bring(tmp_path):
    def bring(source, **how):
        path = tmp_path / "export.txt"
        path.write_bytes(source if isinstance(source, bytes) else source.encode())
        return import_movabletype(path, **how)

    return bring


def said(report):
    return "\n".join(report.lines(limit=None))


@needs_data
def test_sample_gives_what_its_readme_says():
    report = import_movabletype(DATA / "made.txt")
    essays = {post.title: post for post in Post.objects.all()}
    public = {post.title for post in Post.objects.published()}
    typed = essays['Movable, "typed": with a colon']
    assert public == {typed.title, "Textile"}
    assert len(essays) == 4
    assert essays["A draft"].published_at is None
    assert essays["No title, in the future, no breaks converted."].published_at.year == 2099
    assert not essays["A draft"].comments_open
    assert {tag.name for tag in typed.tags.all()} == {
        "Writing",
        "Tea & time",
        "tea",
        "two words",
        "茶",
    }
    comments = Comment.objects.filter(kind="comment", status="approved", parent=None)
    assert comments.count() == 3
    assert Comment.objects.filter(kind="pingback", post=typed, name="Another blog").count() == 1
    assert "----" in typed.body
    assert "COMMENT: a line in the text that looks like a mark." in typed.body
    assert "First paragraph with **HTML**  \nand a second line.\n\nSecond" in typed.body
    assert typed.standfirst == "The excerpt."
    assert "textile_2" in said(report)
    assert "KEYWORDS" in said(report)
    times = [each.created_at.strftime("%d %H:%M") for each in comments.filter(post=typed)]
    assert sorted(times) == ["01 00:00", "01 12:00"]


BODY = "BODY:\nOne\ntwo\n\n*three*"


@pytest.mark.parametrize(
    ("breaks", "body"),
    [
        ("__default__", "One  \ntwo\n\n\\*three\\*"),
        ("0", "One two \\*three\\*"),
        ("richtext", "One two \\*three\\*"),
        ("markdown", "One\ntwo\n\n*three*"),
        ("markdown_with_smartypants", "One\ntwo\n\n*three*"),
        ("textile_2", "One  \ntwo\n\n\\*three\\*"),
        (None, "One  \ntwo\n\n\\*three\\*"),
    ],
)
def test_convert_breaks_says_what_line_ends_mean(bring, breaks, body):
    bring(mt_entry(BODY, breaks=breaks))
    assert Post.objects.get().body == body


@pytest.mark.parametrize("status", ["Draft", "Review", "Future", "Junk", "", None, "publısh"])
def test_only_what_was_published_is_public(bring, status):
    report = bring(mt_entry(BODY, status=status))
    assert Post.objects.get().published_at is None
    assert "Kept as a draft (1)" in said(report)


def test_dates_are_by_the_zone_that_is_named(bring):
    bring(mt_entry(BODY, DATE="05/06/2011 11:30:00 PM"), time_zone="Asia/Tokyo")
    post = Post.objects.get()
    assert post.published_at.astimezone(ZoneInfo("Asia/Tokyo")).hour == 23
    assert post.published_at.hour == 14


def test_usual_old_addresses_lead_on(bring, client):
    bring(mt_entry(BODY, BASENAME="red_clay", CATEGORY="Salt & slip"))
    for old in ("2011/05/red-clay.html", "2011/05/red_clay.html", "archives/2011/05/red_clay.html"):
        assert client.get(f"/{old}").url == "/2011/05/red-clay/", old
    for old in ("archives/salt_slip/", "salt-slip/", "archives/cat_salt_slip.html"):
        assert client.get(f"/{old}").url == "/tags/salt-slip/", old
    assert client.get("/archives/2011/05/").url == "/2011/05/"
    assert client.get("/index.rdf").url == "/feed.xml"


def test_pattern_makes_the_old_address(bring, client):
    made = mt_entry(BODY, BASENAME="red_clay", CATEGORY="Salt & slip")
    bring(made, permalink="/kiln/%-c/%y%m%d/%-b/%i")
    assert client.get("/kiln/salt-slip/20110506/red-clay/").url == "/2011/05/red-clay/"
    assert client.get("/2011/05/red_clay.html").status_code == 404


@pytest.mark.parametrize("pattern", ["%y/%m/%e.html", "/:year/:number/", "%y/%m", "%q/%f"])
def test_pattern_that_cannot_be_filled_is_refused(tmp_path, pattern):
    path = tmp_path / "export.txt"
    path.write_text(mt_entry(BODY))
    with pytest.raises(CommandError, match="cannot be filled"):
        call_command("import_movabletype", path, permalink=pattern)
    assert not Post.objects.exists()


def test_typepads_address_and_folder_are_kept(bring, client):
    address = "https://kiln.typepad.com/clay_notes/2011/05/red-clay.html"
    text = 'BODY:\n<a href="https://kiln.typepad.com/clay_notes/2011/05/red-clay.html">this</a>'
    report = bring(mt_entry(text, BASENAME=None, UNIQUE_URL=address))
    assert client.get("/clay_notes/2011/05/red-clay.html").url == "/2011/05/red-clay/"
    assert client.get("/clay_notes/atom.xml").url == "/feed.xml"
    assert client.get("/clay_notes/2011/05/").url == "/2011/05/"
    assert Post.objects.get().body == "[this](/2011/05/red-clay/)"
    assert "usual ones" not in said(report)


def test_typepads_pictures_come_in_any_size(bring, tmp_path, media_root):  # noqa: F811
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "6a00d8341c630a53ef-pi.png").write_bytes(picture())
    base = "http://kiln.typepad.com/.a/6a00d8341c630a53ef"
    text = f'BODY:\n<a href="{base}-popup"><img src="{base}-320wi" alt="Pot"></a>'
    bring(mt_entry(text), media=tmp_path / "files")
    assert Post.objects.get().body == f"![Pot]({Image.objects.get().get_absolute_url()})"


def test_comments_have_what_the_form_says_of_them(bring):
    bring(mt_entry(BODY, mt_comment("One\n\n<b>two</b>"), PING))
    made = Comment.objects.get(kind="comment")
    assert (made.name, made.email, made.address) == ("Bo", "bo@example.org", "192.0.2.7")
    assert made.body == "One\n\n**two**"
    assert made.created_at.isoformat() == "2011-05-07T13:02:03+00:00"
    ping = Comment.objects.get(kind="pingback")
    assert (ping.source, ping.title) == ("https://wheel.example/reply", "A reply")
    assert ping.status == "approved"


def test_same_comment_twice_stays_twice(bring):
    source = mt_entry(BODY, mt_comment("Me too"), mt_comment("Me too"))
    for _each in range(2):
        bring(source)
        assert Comment.objects.count() == 2


def test_entries_of_one_name_and_date_both_stay(bring):
    two = mt_entry(BODY) + mt_entry(BODY, title="Other") + mt_entry(BODY, title="Other")
    report = bring(two)
    assert Post.objects.count() == 2
    assert "Has the name and date of another" in said(report)
    assert "stands twice in the file" in said(report)
    assert bring(two).already["post"] == 2


def test_pings_without_address_or_twice_are_named(bring):
    report = bring(mt_entry(BODY, PING, PING.replace("Said", "Says"), PING.replace("https", "ftp")))
    assert Comment.objects.count() == 1
    assert report.skipped["mention"] == 2
    assert "a second mention by https://wheel.example/reply" in said(report)


def test_part_without_an_entry_of_its_own_is_not_public(bring):
    bring(mt_entry(mt_comment("Said"), NO_ENTRY="1"))
    assert Post.objects.get().published_at is None
