"""Exports of Blogger that are broken, odd or meant to do harm."""

import time
import zipfile

import pytest
from django.core.management import CommandError, call_command
from old_blogs import TAKEOUT, comment, entry, feed, taken, takeout

from blog.markup.from_html.html_to_markdown import converted
from blog.posts.models import Post
from blog.transfer.blogger.album import Album, is_picture, key_of
from blog.transfer.blogger.atom import items
from blog.transfer.blogger.html import as_article
from blog.transfer.blogger.importing import import_blogger
from comments.models import Comment

pytestmark = pytest.mark.xdist_group("import_old")


def written(tmp_path, source, name="blog.xml"):
    path = tmp_path / name
    path.write_bytes(source if isinstance(source, bytes) else source.encode())
    return path


BROKEN = {
    "": "is empty",
    "AUTHOR: x": "is not XML",
    "<!DOCTYPE html><html></html>": "is a web page",
    "<rss><channel/></rss>": "begins with <rss>",
    "\x1f\x8bx": "is compressed",
    feed(entry(1))[:-20]: "is not well-formed XML at line 1",
    feed(entry(1)).replace("Words.", "&nope;"): "is not well-formed",
    feed(): "holds no posts, pages or comments",
    feed(entry(1, kind="settings")): "holds no posts, pages or comments",
    "<!DOCTYPE feed [<!ENTITY x SYSTEM 'file:///etc/hostname'>]>"
    "<feed xmlns='http://www.w3.org/2005/Atom'>&x;</feed>": "has a DOCTYPE",
    "<a>" * 300 + "</a>" * 300: "begins with <a>",
}


@pytest.mark.django_db
@pytest.mark.parametrize("source", BROKEN)
def test_broken_file_changes_nothing_and_is_refused(tmp_path, source):
    path = written(tmp_path, source.encode("latin-1", "replace"))
    with pytest.raises(CommandError, match=BROKEN[source]):
        call_command("import_blogger", path)
    assert not Post.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "holds no feed"),
        ({"a.txt": "x", "b/theme.xml": "<b:skin/>"}, "holds no feed"),
        ({"A/feed.atom": takeout(taken(1)), "B/feed.atom": takeout(taken(2))}, "several blogs"),
        ({"A/feed.atom": takeout(taken(1))[:-9]}, "zip/.*not well-formed|zip.*not well-formed"),
    ],
)
def test_archive_without_one_blog_is_refused(tmp_path, files, said):
    path = tmp_path / "takeout.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive_browser.html", "<html>")
        for name, content in files.items():
            archive.writestr(f"Takeout/{name}", content)
    with pytest.raises(CommandError, match=said):
        call_command("import_blogger", path)


@pytest.mark.django_db
def test_fields_that_are_missing_or_wrong_are_lived_with(tmp_path):
    bare = "<entry><blogger:type>POST</blogger:type><blogger:status>LIVE</blogger:status>{}</entry>"
    odd = "<id>x</id><published>yesterday</published><updated>9999-99-99</updated>"
    long = (
        f"<id>{'9' * 900}</id><title>{'t' * 900}</title><published>2011-01-01T00:00:00Z</published>"
    )
    source = feed(
        bare.format(""),
        bare.format(odd),
        bare.format(long),
        comment(7, "", "On nothing"),
        comment("", 1, "Without number"),
        taken(3, title=" "),
        more=TAKEOUT,
    )
    report = import_blogger(written(tmp_path, source))
    assert Post.objects.count() == 4
    assert Post.objects.filter(published_at=None).count() == 2  # those without a date
    assert report.kept["comment"] == 2
    assert not Comment.objects.exists()


@pytest.mark.django_db
def test_control_characters_are_left_out_and_named(tmp_path):
    source = feed(entry(1, "One\x0btwo")).replace("Clay", "Cl\x08ay")
    report = import_blogger(written(tmp_path, source))
    post = Post.objects.get()
    assert (post.title, post.body) == ("Clay", "Onetwo")
    assert "U+000B" in "\n".join(report.lines())


@pytest.mark.django_db
def test_nothing_in_a_text_is_run(tmp_path):
    text = (
        "<script>alert(1)</script><img src=x onerror=alert(1)><a href='javascript:x()'>go</a>"
        "<iframe src='https://www.youtube.com/embed/abc'></iframe>kept"
    )
    report = import_blogger(written(tmp_path, feed(entry(1, text), comment(2, 1, text))))
    html = Post.objects.get().body_html + Comment.objects.get().body_html
    assert "kept" in html
    assert "go" in html
    assert "https://www.youtube.com/embed/abc" in html
    assert not any(each in html for each in ("<script", "onerror", "javascript:", "<iframe"))
    assert "which was left out" in "\n".join(report.lines())


def test_text_in_any_of_atoms_three_ways_is_read(tmp_path):
    xhtml = "<div xmlns='http://www.w3.org/1999/xhtml'>a <b>c</b></div>"
    source = feed(
        entry(1).replace("<content type='html'>Words.", f"<content type='xhtml'>{xhtml}"),
        entry(2).replace("<content type='html'>Words.", "<content type='text'>a &lt;b&gt;"),
        entry(3, "a <b>"),
    )
    found = [each.html for each in items(written(tmp_path, source))]
    assert found == ["<div>a <b>c</b></div>", "a &lt;b&gt;", "a <b>"]


HOSTILE = [
    '<a "',
    "<table tr-caption-container>",
    "<br>",
    "<b>",
    "<pre></pre>",
    "</b>",
    "<!--",
    "'",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_html_costs_little(piece):
    start = time.process_time()
    as_article(piece * (150_000 // len(piece)))
    assert time.process_time() - start < 3


def shown(html):
    return converted(as_article(html), breaks=True).markdown


def test_line_breaks_become_paragraphs():
    assert shown(
        "One<br />Two<br />\n<br />Three <b>bold<br/><br/>still</b><div><br></div>end"
    ) == ("One  \nTwo\n\nThree **bold**\n\n**still**\n\nend")
    assert shown("<p>a<br><br>b</p><ul><li>c<br>d</li></ul>") == "a\n\nb\n\n* c  \n    d"
    assert shown("<pre>a\n\n<br><br>b</pre>") == "```\na\n\n\n\nb\n```"


def test_line_ends_alone_mean_nothing():
    assert shown("One\ntwo\n\nthree<!--more--> four<a name='more'></a>") == "One two three four"


def test_table_with_a_caption_becomes_a_figure():
    table = (
        '<table class="tr-caption-container"><tbody><tr><td><img alt="p" src="{}"></td></tr>'
        '<tr><td class="tr-caption">A <b>fine</b> pot</td></tr></tbody></table>After'
    )
    assert shown(table.format("/media/x.png")) == '![p](/media/x.png "A fine pot")\n\nAfter'


def test_table_of_words_stays_a_table():
    assert "| a | b |" in shown(
        "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>"
    )


def test_only_addresses_of_bloggers_hosts_are_pictures_of_it():
    assert is_picture("//2.bp.blogspot.com/_a/x/s400-h/a.jpg")
    for other in ("https://bp.blogspot.com.evil.example/s320/a.png", "ftp://1.bp.blogspot.com/a"):
        assert not is_picture(other)
    old = "https://photos1.blogger.com/blogger/12/34/{}/pot.jpg"
    assert key_of(old.format(320)) == key_of(old.format(1600)) == "blogger/12/34/pot.jpg"


def test_album_finds_nothing_outside_of_its_folder(tmp_path):
    (tmp_path / "secret.png").write_bytes(b"x")
    (tmp_path / "album").mkdir()
    (tmp_path / "album" / "pot.png").symlink_to(tmp_path / "secret.png")
    album = Album(tmp_path / "album")
    base = "https://1.bp.blogspot.com/-x/s320"
    assert album.find(f"{base}/pot.png") is None
    assert album.find(f"{base}/..%2Fsecret.png") is None
