"""The made export `made-extras`, item by item as its README says, with its folder of files."""

import re

import pytest
from conftest import SHARED

from blog.markup import plain_text
from blog.posts.models import Image, Post
from blog.transfer.wordpress import import_wordpress
from comments.models import Comment

FOLDER = SHARED / "data" / "wxr" / "made-extras"
UPLOADS = FOLDER / "wp-content" / "uploads"

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="needs the shared test data beside us"),
]


def bring(**how):
    return import_wordpress(FOLDER / "made-extras.xml", media=UPLOADS, **how)


def body(slug):
    return Post.objects.get(slug=slug).body


def shown(slug):
    return plain_text(Post.objects.get(slug=slug).body_html)


def leads_to(client, path):
    answer = client.get(path, follow=True)
    return answer.redirect_chain[-1][0] if answer.redirect_chain else answer.status_code


def picture(kind):
    return Image.objects.get(file__endswith=kind).get_absolute_url()


def check_what_came(report):
    assert (report.added["post"], report.added["page"], report.added["file"]) == (16, 2, 3)
    public = Post.objects.published()
    hidden = {"private", "password", "a-draft", "pending", "auto", "far-ahead"}
    assert {each.slug for each in Post.objects.all()} - {each.slug for each in public} == hidden
    statuses = Comment.objects.written().values_list("status", flat=True)
    counts = {status: [*statuses].count(status) for status in set(statuses)}
    assert counts == {"approved": 13, "pending": 1, "spam": 1, "trash": 2}
    assert Comment.objects.mentions().count() == 3
    # 10: both footnotes, each where its mark stands.
    assert "claim[^1] and another[^2]" in body("footnotes")
    assert "First note, with stress and a link." in shown("footnotes")
    # 11: three pictures in order with captions and alternative texts; the fourth is named.
    red, green, blue = (picture(size) for size in ("120x80.png", "100x100.jpg", "64x48.png"))
    row = f'![red alt]({red} "A red one")![Green "alt"]({green})![]({blue} "Blueberries, ripe")'
    assert row in body("galleries")
    assert "lost alt (missing file: lost.jpg)" in shown("galleries")
    # 12: captions, also the old style.
    assert "A caption with stress and a link" in shown("captions")
    assert f'![]({green} "Old style, said in an attribute")' in body("captions")
    # 13: code as it stands, films as links.
    assert 'print("<b>not bold</b> & [caption]not a caption[/caption]")' in body("code-and-films")
    assert "std::vector<int> v; // <int> stays" in body("code-and-films")
    assert shown("code-and-films").endswith("[gallery] and an array a[0], [sic], and [1].")
    # 14: no word lost after what looks like a tag.
    words = "A vector<int> holds numbers, map<string, int> too; a < b and b > c; 1<2."
    assert shown("angles").startswith(words)
    assert "Is std::vector<int> fine? And x<y?" in plain_text(
        Comment.objects.get(post__slug="angles").body_html
    )
    # 15: the first eight are the folder's, the last one is somebody else's.
    addresses = re.findall(r"!\[[^]]*\]\(([^)]*)\)", body("hosts"))
    other = "https://other.example.net/wp-content/uploads/2020/05/red.png"
    assert addresses == [*[red] * 5, green, red, blue, other]
    # 67 and 66 have no title.
    assert Post.objects.get(slug="2020-05-16-untitled").title == "A post without a title, closed."


def check_report(report):
    text = "\n".join(report.lines(None))
    for said in (
        "“Code and films”: /wp-content/uploads/2020/05/talk.mp3",
        "“Pictures on all the names of the host”: /wp-content/uploads/2020/05/lost.jpg",
        "“Pictures on all the names of the host”: /wp-content/uploads/2020/05/paper.pdf",
        "“Galleries”: /wp-content/uploads/2020/05/lost.jpg",
        "“Code and films”: [contact-form-7] in line",
        "of the type “order_note”",
        "“Hal” on “A slug that changed”",
        "“Mo” on “red”",
        "“Two items, one number: second”",
        "Left out, being of the type “product”",
    ):
        assert said in text, said


def check_addresses(client):
    new = "/2020/05/new-slug/"
    wanted = {
        "/2020/05/old-slug/": new,
        "/2020/05/older-slug/": new,
        "/2020/05/old-slug/feed/": f"{new}comments/feed.xml",
        f"{new}comment-page-2/": new,
        f"{new}feed/": f"{new}comments/feed.xml",
        "/?p=16": new,
        "/?p=10": "/2020/05/footnotes/",
        "/about/deeper/": "/deeper/",
        "/category/pictures/": "/tags/pictures/",
        "/category/pictures/feed/": "/tags/pictures/feed.xml",
        "/category/pictures/page/2/": "/tags/pictures/",
        "/category/uncategorized/": "/",
        "/tag/shortcode/": "/tags/shortcode/",
        "/author/ada/": "/",
        "/2020/05/07/": "/2020/05/",
        "/2020/05/feed/": "/feed.xml",
        "/comments/feed/": "/comments/feed.xml",
        "/feed/": "/feed.xml",
        "/?feed=rss2": "/feed.xml",
        "/?s=words": "/search/?q=words",
        "/page/9/": "/archive/",
        "/wp-content/uploads/2020/05/red.png": picture("120x80.png"),
        "/wp-content/uploads/2020/05/red-60x40.png": picture("120x80.png"),
        "/wp-content/uploads/2020/05/green%20leaf.jpg": picture("100x100.jpg"),
        "/red/": picture("120x80.png"),
        "/?attachment_id=101": picture("120x80.png"),
        "/2020/05/private/": 404,
        "/?p=60": 404,
        "/wp-content/uploads/2020/05/lost.jpg": 404,
    }
    assert {path: leads_to(client, path) for path in wanted} == wanted


def check_anchors(client):
    page = client.get("/2020/05/new-slug/").content.decode()
    for number in (20, 21, 22, 25, 28, 30):
        assert page.count(f'id="comment-{number}"') == 1
    for number in (23, 26):
        assert f'id="comment-{number}"' not in page
    twins = {each.slug: {*each.comments.values_list("body", flat=True)} for each in
             Post.objects.filter(slug__startswith="twin")}  # fmt: skip
    second = "A comment whose number was used on the first twin."
    assert twins == {
        "twin-one": {"On the first twin."},
        "twin-two": {"On the second twin.", second},
    }


def rows():
    return [[*model.objects.order_by("pk").values()] for model in (Post, Comment, Image)]


def test_it_comes_whole_and_once(client):
    dry = bring(dry_run=True)
    assert not Post.objects.exists()
    assert not Image.objects.exists()
    report = bring()
    assert (dry.notes, dry.added) == (report.notes, report.added)
    check_what_came(report)
    check_report(report)
    check_addresses(client)
    check_anchors(client)
    before = rows()
    assert not bring().added.total()
    assert rows() == before
