"""Every address that WordPress answered for public content leads on, in any of its forms."""

import pytest
from inputs import every
from pictures import QUARTERS, quarters, saved
from wordpress_exports import AUTHOR, COMMENT, bring, export_xml, item_xml

from blog.posts.models import Forward, OldAddress, Post
from blog.transfer.old_site import OldSite
from blog.transfer.wordpress import import_wordpress

__all__ = ["bring"]  # fixtures

pytestmark = pytest.mark.django_db

HERE = "/2011/05/hello/"
CATEGORIES = (
    '<category domain="category" nicename="deep"><![CDATA[Deep]]></category>'
    '<category domain="post_tag" nicename="t%C3%A9">Té</category>'
)
TERMS = (
    "<wp:category><wp:term_id>3</wp:term_id><wp:category_nicename>top</wp:category_nicename>"
    "<wp:category_parent></wp:category_parent></wp:category>"
    "<wp:category><wp:term_id>4</wp:term_id><wp:category_nicename>deep</wp:category_nicename>"
    "<wp:category_parent>top</wp:category_parent></wp:category>"
)
META = "<wp:postmeta><wp:meta_key>{}</wp:meta_key><wp:meta_value>{}</wp:meta_value></wp:postmeta>"


def ends(client, path):
    answer = client.get(path, follow=True)
    if answer.status_code != 200:
        return answer.status_code
    return answer.redirect_chain[-1][0] if answer.redirect_chain else path


def test_a_blog_in_a_folder_leads_on(bring, tmp_path, client):
    site, post = "https://old.example/blog", "https://old.example/blog/archives/7"
    essay = item_xml(
        COMMENT,
        link=post,
        guid=f"{site}/?p=7",
        content=f'<a href="{site}/archives/7#comment-31">a</a> <a href="https://old.example/shop/">'
        f'b</a> <a href="http://www.old.example/blog/?p=7">c</a> <a href="{site}">d</a>',
        categories=CATEGORIES + META.format("_wp_old_slug", "hi"),
    )
    path = tmp_path / "folder.xml"
    path.write_text(export_xml(TERMS, essay, site=site))
    import_wordpress(path)
    wanted = {
        "/blog/archives/7": HERE,
        "/blog/archives/7/": HERE,
        "/blog/archives/7/feed/": f"{HERE}comments/feed.xml",
        "/blog/archives/7/feed/atom/": f"{HERE}comments/feed.xml",
        "/blog/archives/7/comment-page-3/": HERE,
        "/blog/archives/7/2/": HERE,
        "/blog/archives/7/trackback/": HERE,
        "/blog/": "/",
        "/blog/feed/": "/feed.xml",
        "/blog/comments/feed/": "/comments/feed.xml",
        "/blog/page/2/": "/",
        "/blog/2011/05/": "/2011/05/",
        "/blog/2011/05/07/": "/2011/05/",
        "/blog/2011/": "/2011/",
        "/blog/2099/01/": "/archive/",
        "/blog/category/top/deep/": "/tags/deep/",
        "/blog/category/deep/page/2/": "/tags/deep/",
        "/blog/category/top/": "/",
        "/blog/tag/t%C3%A9/": "/tags/t%C3%A9/",
        "/blog/author/maria/feed/": "/authors/{}/feed.xml",
        "/blog/index.php/archives/7": HERE,
        "/?p=7": HERE,
        "/?cat=4": "/tags/deep/",
        "/?author=1": "/",
        "/?m=201105": "/2011/05/",
        "/blog/nothing/": 404,
        "/blog/archives/8/feed/": 404,
        "/?p=8": 404,
        "/?cat=99": "/?cat=99",
    }
    author = Post.objects.get().author_id
    wanted = {old: new.format(author) if isinstance(new, str) else new
              for old, new in wanted.items()}  # fmt: skip
    assert {old: ends(client, old) for old in wanted} == wanted
    body = Post.objects.get().body
    own = (
        "[a](/blog/archives/7#comment-31) [b](https://old.example/shop/) [c](/blog/?p=7) [d](/blog)"
    )
    assert body == own


def test_what_this_site_needs_is_named(bring):
    page = {"post_type": "page", "post_name": "find", "title": "Find"}
    report = bring(item_xml(**page, link="http://old.example/search/"))
    assert "because this site needs it itself (1):\n  “Find”: /search" in report
    assert not OldAddress.objects.filter(path="search").exists()


def test_a_hidden_essay_keeps_its_addresses_to_itself(bring, client, tmp_path):
    uploads = tmp_path / "uploads"
    uploads.mkdir()
    (uploads / "x.png").write_bytes(saved(quarters(QUARTERS[::-1]), "PNG"))
    image = "http://old.example/wp-content/uploads/x.png"
    attachment = item_xml(
        post_type="attachment", post_id="9", guid=image, link="http://old.example/hello/x/",
        status="inherit",
        categories=f"<wp:attachment_url>{image}</wp:attachment_url><wp:post_parent>7</wp:post_parent>",
    )  # fmt: skip
    bring(
        item_xml(status="private", content=f'<img src="{image}">', categories=CATEGORIES),
        attachment,
        media=uploads,
    )
    paths = ["/wp-content/uploads/x.png", "/hello/x/", "/?attachment_id=9", "/?p=7", "/tag/té/"]
    paths += ["/2011/05/07/hello/", "/2011/05/07/hello/feed/"]
    assert {path: client.get(path, follow=True).status_code for path in paths} == dict.fromkeys(
        paths, 404
    )
    Post.objects.get().publish()
    assert client.get("/tag/té/", follow=True).status_code == 200


def test_a_site_that_was_never_elsewhere_sends_nobody_on(client, write):
    write()
    for path in ("/author/maria/", "/page/9/", "/2011/05/07/", "/wp-sitemap.xml", "/index.php/"):
        assert client.get(path).status_code == 404
    assert not Forward.objects.exists()


@every(
    "address, own",
    [
        ("https://old.example/a", "/a"),
        ("http://www.old.example:80/a?b=1#c", "/a?b=1#c"),
        ("//OLD.example/a", "/a"),
        ("/a", "/a"),
        ("?p=7", "/?p=7"),
        ("https://before.example/2005/x", "/2005/x"),
        ("https://i2.wp.com/old.example/wp-content/x.png?w=3", "/wp-content/x.png"),
        ("https://old.example", "/"),
        ("https://old.example.evil.example/a", None),
        ("https://evil.example/old.example/a", None),
        ("https://old.example@evil.example/a", None),
        ("mailto:a@old.example", None),
        ("javascript:alert(1)", None),
        ("#c", None),
        ("a.html", None),
        ("https://[x/", None),
    ],
)
def test_own_addresses_lose_their_host(address, own):
    site = OldSite("https://www.old.example/", {"before.example", AUTHOR["author_login"]})
    assert site.own(address) == own


def test_a_blog_below_folders_leads_on_in_few_queries(
    bring, tmp_path, client, django_assert_max_num_queries
):
    site = "https://old.example/~ida/notes"
    path = tmp_path / "folders.xml"
    path.write_text(export_xml(item_xml(link=f"{site}/a/", guid=f"{site}/?p=7"), site=site))
    import_wordpress(path)
    assert ends(client, "/~ida/notes/wp-sitemap.xml") == "/sitemap.xml"
    assert ends(client, "/~ida/notes/a/feed/") == f"{HERE}comments/feed.xml"
    Forward.objects.create(path="notes", to="/")
    with django_assert_max_num_queries(14):
        assert client.get("/notes" * 300 + "/").status_code == 404
