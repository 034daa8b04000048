"""What a commenter's Markdown becomes."""

import json
from html import unescape

import pytest
from inputs import every

from blog.markup import MarkupError, plain_text, render_comment

REL = 'rel="nofollow ugc noopener"'


def link(address, words=None):
    return f'<a href="{address}" {REL}>{words or address}</a>'


def test_html_is_shown_as_it_was_typed():
    assert render_comment('<b onclick="x()">a</b>') == ('<p>&lt;b onclick="x()"&gt;a&lt;/b&gt;</p>')


def test_each_line_end_is_kept():
    assert render_comment("one\ntwo *three*\nfour") == (
        "<p>one<br>\ntwo <em>three</em><br>\nfour</p>"
    )


def test_line_breaks_in_lists_and_quotes_are_kept():
    assert render_comment("> a\n> b").count("<br>") == 1
    assert render_comment("- a\nb\n- c").count("<br>") == 1


def test_blank_line_separates_paragraphs():
    assert render_comment("one\n\ntwo") == "<p>one</p>\n<p>two</p>"


def test_quotes_and_dashes_are_set_as_in_essays():
    assert render_comment('"It\'s so" -- he...') == "<p>“It’s so” – he…</p>"


def test_every_link_says_that_a_reader_made_it():
    assert render_comment("[x](https://other.example/)") == (
        f"<p>{link('https://other.example/', 'x')}</p>"
    )
    assert render_comment("<mail@other.example>") == (
        f"<p>{link('mailto:mail@other.example', 'mail@other.example')}</p>"
    )


@every(
    ("text", "before", "address", "after"),
    [
        ("see https://a.example/x.", "see ", "https://a.example/x", "."),
        ("(https://a.example/x)", "(", "https://a.example/x", ")"),
        ("https://a.example/x_(y)", "", "https://a.example/x_(y)", ""),
        ("https://a.example/x_(y))!", "", "https://a.example/x_(y)", ")!"),
        ("https://a.example/a_b_c*d*", "", "https://a.example/a_b_c*d", "*"),
        ("https://a.example/it's--so", "", "https://a.example/it's--so", ""),
        ("http://a.example/?a=1&b=2, yes", "", "http://a.example/?a=1&amp;b=2", ", yes"),
    ],
)
def test_a_bare_address_becomes_a_link(text, before, address, after):
    assert render_comment(text) == f"<p>{before}{link(address)}{after}</p>"


def test_address_in_code_or_links_is_not_linked():
    assert "<a" not in render_comment("`https://a.example/`")
    assert render_comment("[https://a.example/](https://b.example/)").count("<a") == 1


def test_address_inside_a_word_is_not_linked():
    assert "<a" not in render_comment("xhttps://a.example/")
    assert "<a" not in render_comment("https://")


@every("address", ["/admin/", "#top", "javascript:x", "ftp://a.example/", "x"])
def test_only_absolute_web_and_mail_links_are_links(address):
    assert render_comment(f"[words]({address})") == f"<p>[words]({address})</p>"


def test_an_image_becomes_a_link():
    assert render_comment("![A cat](https://a.example/cat.png)") == (
        f"<p>{link('https://a.example/cat.png', 'A cat')}</p>"
    )
    assert render_comment("![](https://a.example/cat.png)") == (
        f"<p>{link('https://a.example/cat.png', 'cat.png')}</p>"
    )
    assert render_comment("![A cat](/cat.png)") == "<p>![A cat](/cat.png)</p>"


@every("text", ["# Loud", "#1 thing", "Loud\n====", "Thanks\n-- \nLou", "a\n\n---\n\nb", "- Lou"])
def test_there_are_no_headings_and_rules(text):
    assert lines(render_comment(text)) == text.replace(" \n", "\n")


def lines(html):
    """Return what a comment of paragraphs shows, line by line."""
    return unescape(html.replace("</p>\n<p>", "\n\n").replace("<br>", "")[3:-4])


def test_code_is_not_coloured_and_can_take_focus():
    assert render_comment("```python\nreturn\n```") == (
        '<pre tabindex="0"><code>return\n</code></pre>'
    )


def test_quotes_lists_and_strikethrough_work():
    html = render_comment("> a\n\n3. b\n4. ~~c~~").replace("\n", "")
    assert (
        html
        == '<blockquote><p>a</p></blockquote><ol start="3"><li>b</li><li><del>c</del></li></ol>'
    )


@every(
    "text",
    ["snake_case_word", "C:\\dir\\name", "a_b", "2 * 3 * 4", "5 < 6 > 4", "AT&T"],
)
def test_everyday_signs_survive(text):
    assert plain_text(render_comment(text)) == text


@every(
    "text",
    ["x[^1]\n\n[^1]: note", "| a |\n|---|\n| b |", "HTML\n\n*[HTML]: x", "a {#id .class}"],
)
def test_there_are_no_notes_tables_abbreviations_or_classes(text):
    html = render_comment(text)
    for sign in ("<sup", "<aside", "<table", "<abbr", "<dl", "class=", "id="):
        assert sign not in html


def test_control_characters_and_surrogates_are_left_out():
    assert render_comment("a\x00b\u202ec\u2069d\udfffef") == "<p>abcdef</p>"


def test_real_comments_lose_no_word(shared):
    with (shared / "data/comments/made-mistakes-comments.jsonl").open() as lines:
        for line in lines:
            message = json.loads(line)["message"]
            assert bool(plain_text(render_comment(message))) == bool(message.strip())


def test_comment_may_be_as_long_as_in_wordpress():
    render_comment("word " * 13_107)
    with pytest.raises(MarkupError, match="too long"):
        render_comment("word " * 13_108)
