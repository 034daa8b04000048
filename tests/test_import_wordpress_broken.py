"""Other files, and broken or hostile exports, are refused with a sentence; nothing changes."""

import gzip
import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from trials import in_full

from blog.posts.models import Post
from blog.transfer.wxr import WxrError, items
from comments.models import Comment

pytestmark = pytest.mark.django_db


def _wxr(items="", head='<?xml version="1.0" encoding="UTF-8"?>', version="1.2", **parts):
    return (
        f'{head}<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        f' xmlns:wp="http://wordpress.org/export/1.2/">{parts.get("channel", "<channel>")}'
        f"<wp:wxr_version>{version}</wp:wxr_version>{_item()}{items}</channel></rss>"
    )


def _item(title="Kept", content="Words.", more=""):
    return (
        f"<item><title>{title}</title><content:encoded>{content}</content:encoded>"
        f"<wp:post_id>1</wp:post_id><wp:status>publish</wp:status>"
        f"<wp:post_date>2011-05-07 12:00:00</wp:post_date>{more}</item>"
    )


@pytest.fixture
def bring(tmp_path):
    def bring(content):
        path = tmp_path / "export.xml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        said = StringIO()
        call_command("import_wordpress", path, stdout=said)
        return said.getvalue()

    return bring


@pytest.fixture
def refused(bring):
    """Return the sentence a file is refused with, seeing that nothing was imported."""

    def refused(content):
        with pytest.raises(CommandError) as caught:
            bring(content)
        assert re.fullmatch(r"[^\n]+\.", str(caught.value))
        assert not Post.objects.exists()
        assert not Comment.objects.exists()
        return str(caught.value)

    return refused


def test_the_sample_itself_is_imported(bring):
    bring(_wxr())
    assert Post.objects.get().title == "Kept"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b" \n ", "is empty"),
        (gzip.compress(b"<rss/>", mtime=0), "is compressed: unpack it first"),
        (b"PK\x03\x04rest", "is compressed: unpack it first"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "is not XML"),
        (b'{"posts": []}', "is not XML"),
        (b"<!DOCTYPE html><html><body>Log in</body></html>", "is a web page"),
        (b"\xef\xbb\xbf\n<HTML>", "is a web page"),
        (b"<feed xmlns='http://www.w3.org/2005/Atom'/>", "begins with <feed> and not with <rss>"),
        (b"<rss version='2.0'><channel><item/></channel></rss>", "is an RSS feed"),
    ],
)
def test_other_files_are_refused_by_kind(refused, content, said):
    assert said in refused(content)


def test_an_export_without_channel_is_refused(refused):
    assert "has no <channel>" in refused(
        '<rss xmlns:wp="http://wordpress.org/export/1.2/"><item/></rss>'
    )


def test_a_file_without_version_and_items_is_refused(refused):
    said = refused('<rss xmlns:wp="http://wordpress.org/export/1.2/"><channel/></rss>')
    assert "says no WXR version and holds no items" in said


def test_a_missing_file_and_a_directory_are_refused(tmp_path):
    for path, said in [(tmp_path / "none.xml", "No such file"), (tmp_path, "Is a directory")]:
        with pytest.raises(CommandError, match=said):
            call_command("import_wordpress", path)


def test_truncated_file_is_refused_with_its_position(refused):
    whole = _wxr(_item("Second"))
    assert re.search(r"not well-formed XML at line 1, column \d+: ", refused(whole[:-60]))


def test_a_fault_after_many_items_leaves_nothing_behind(refused):
    refused(_wxr(_item("Second") * 50 + "<item><title>&nbsp;</title></item>"))


def test_failed_import_leaves_nothing(refused, monkeypatch):
    """The file is read once before, but it can change, or the disk fail, while it is imported."""

    def breaking(path):
        yield from list(items(path))[:1]
        raise WxrError("It broke.")

    monkeypatch.setattr("blog.transfer.wordpress.items", breaking)
    assert refused(_wxr()) == "It broke."


def test_a_billion_laughs_are_refused(refused):
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    head = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "lol">{entities}]>'
    assert "has a DOCTYPE" in refused(_wxr(_item("&l9;"), head=head))


def test_an_entity_that_names_a_file_is_refused(refused, tmp_path):
    (tmp_path / "secret").write_text("secret")
    head = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]>'
    assert "has a DOCTYPE" in refused(_wxr(_item("&x;"), head=head))


def test_doctype_after_a_long_comment_is_refused(refused):
    head = f"<!-- {'x' * 10_000} --><!DOCTYPE rss SYSTEM 'http://a.example/x.dtd'>"
    assert "has a DOCTYPE" in refused(_wxr(head=head))


@pytest.mark.parametrize("depth", [1_000, 10_000])
def test_elements_nested_deep_are_refused(refused, depth):
    assert "not well-formed" in refused(_wxr(_item(more="<a>" * depth + "</a>" * depth)))


@pytest.mark.long
def test_a_text_nested_thousands_deep_keeps_its_words(bring):
    deep = in_full(10_000, 3_000)  # Python goes a thousand deep, lxml 255
    text = "&lt;div>" * deep + "inmost" + "&lt;/div>" * deep
    bring(_wxr(_item("Deep", text, "<guid>2</guid>")))
    assert "inmost" in Post.objects.get(title="Deep").body_html


@pytest.mark.long
def test_a_title_of_megabytes_is_cut(bring):
    bring(_wxr(_item("word " * in_full(1_000_000, 200_000), more="<guid>2</guid>")))
    assert max(len(post.title) for post in Post.objects.all()) == 300


def test_a_wrong_encoding_is_refused(refused):
    assert "not well-formed" in refused(_wxr(_item("Caf\xe9")).encode("latin-1"))


def test_an_unknown_encoding_is_refused(refused):
    refused(_wxr(head='<?xml version="1.0" encoding="x-none"?>'))


def test_control_characters_are_left_out_and_named_by_line(bring):
    texts = ["a\0b\bc\x1fd\ufffee", "f&#11;g&#x1F;h&#xD800;&#65;", "<![CDATA[i&#11;j\x0bk]]>"]
    items = [_item(f"{text}\n", more=f"<guid>{number}</guid>") for number, text in enumerate(texts)]
    report = bring(_wxr("\n".join(items)))
    titles = {post.title for post in Post.objects.all()}
    assert {"abcde", "fghA", "ijk"} <= titles
    assert "Characters that XML does not have were left out (3):" in report
    assert "line 1: U+0000, U+0008, U+001F, U+FFFE" in report
    assert "line 5: U+000B" in report


def test_utf_16_is_read(bring):
    head = '<?xml version="1.0" encoding="UTF-16"?>'
    bring(_wxr(_item("Größe", more="<guid>2</guid>"), head=head).encode("utf-16"))
    assert Post.objects.filter(title="Größe").exists()


def test_items_outside_the_channel_are_not_imported(bring):
    bring(_wxr(channel=f"<other>{_item('Smuggled')}</other><channel>"))
    assert [post.title for post in Post.objects.all()] == ["Kept"]


def test_odd_addresses_numbers_and_dates_break_nothing(bring):
    odd = (
        "<guid>http://[broken</guid><link>http://[::1/%00/%ff</link><pubDate>yesterday</pubDate>"
        "<wp:post_modified_gmt>9999-99-99 99:99:99</wp:post_modified_gmt>"
        "<wp:comment><wp:comment_id>x</wp:comment_id><wp:comment_parent>x</wp:comment_parent>"
        "<wp:comment_date_gmt>0001-01-01 00:00:00</wp:comment_date_gmt>"
        "<wp:comment_content>Hm.</wp:comment_content></wp:comment>"
    )
    bring(_wxr(_item("Odd", more=odd)))
    assert Comment.objects.get().body == "Hm."


def test_markup_in_every_field_of_a_comment_is_harmless(bring):
    evil = "&lt;script>alert(1)&lt;/script>&lt;img src=x onerror=alert(1)>"
    fields = "author author_email author_url author_IP content type approved".split()
    comment = "".join(f"<wp:comment_{name}>{evil}</wp:comment_{name}>" for name in fields[:4])
    comment += f"<wp:comment_content>Hm {evil}</wp:comment_content>"
    bring(_wxr(_item("Evil", evil, f"<guid>2</guid><wp:comment>{comment}</wp:comment>")))
    assert "alert" not in Comment.objects.get().body_html
    assert "script" not in Post.objects.get(title="Evil").body_html
