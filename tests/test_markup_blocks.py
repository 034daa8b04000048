"""Blocks of essays as people type them: lists, quotations and code need no blank lines between."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inputs import every
from markdown_it.ruler import Ruler

from blog.markup import MarkupError, blocks, comment_blocks, plain_text, preview_post, render_post
from blog.posts.desk.place import parsed
from blog.posts.desk.source import lines_of_blocks, masked
from blog.transfer.discussions import words


def compact(text):
    return str(render_post(text)).replace("\n", "").replace(' tabindex="0"', "")


@every(
    ("text", "html"),
    [
        ("Things:\n- a\n- b", "<p>Things:</p><ul><li>a</li><li>b</li></ul>"),
        ("Things:\n1. a\n2. b", "<p>Things:</p><ol><li>a</li><li>b</li></ol>"),
        ("- a\n  - b", "<ul><li>a<ul><li>b</li></ul></li></ul>"),
        ("1) a\n2) b", "<ol><li>a</li><li>b</li></ol>"),
        ("1. a\n\n   b", "<ol><li><p>a</p><p>b</p></li></ol>"),
        (
            "1. a\n\n   ```\n   b\n   ```",
            "<ol><li><p>a</p><pre><code>b</code></pre></li></ol>",
        ),
        ("> ```\n> a\n> ```", "<blockquote><pre><code>a</code></pre></blockquote>"),
        ("```\nall:\n\tmake\n```", "<pre><code>all:\tmake</code></pre>"),
        ("In 1984\n1985. Then", "<p>In 19841985. Then</p>"),
        ("100000. a", '<ol start="100000"><li>a</li></ol>'),
        ("&#99999999; &#65;", "<p>&amp;#99999999; A</p>"),
        ("[a](<b c> and <d>)", "<p>[a](&lt;b c&gt; and &lt;d&gt;)</p>"),
    ],
)
def test_blocks_are_what_was_typed(text, html):
    assert compact(text) == html


@every(
    "kept",
    [
        "https://example.org/a--b...c",
        "www.example.org/it's--a",
        "o'brien--x@example.org",
        "$x'' -- y$",
        "$$f'(x)...$$",
        "`a--b`",
        "<code>it's</code>",
        "<kbd>a--b</kbd>",
        "<https://example.org/a--b>",
    ],
)
def test_signs_stay_in_code_addresses_and_maths(kept):
    shown = plain_text(str(render_post(f'"Well" -- {kept}, "so"...')))
    bare = plain_text(kept) if kept[0] == "<" and kept[1] != "h" else kept.strip("`<>")
    assert shown == f"“Well” – {bare}, “so”…"


@every(
    ("text", "html"),
    [
        ("是**「注意」**です", "<p>是<strong>「注意」</strong>です</p>"),
        ("강조**(임)**은", "<p>강조<strong>(임)</strong>은</p>"),
        ("คำ**(เน้น)**คำ", "<p>คำ<strong>(เน้น)</strong>คำ</p>"),
        (
            "*a `*` [*b*](/c*) \\*d*",
            '<p><em>a <code>*</code> <a href="/c*"><em>b</em></a> *d</em></p>',
        ),
        ("**~~a~~** ~~*b*~~", "<p><strong><del>a</del></strong> <del><em>b</em></del></p>"),
        ("snake_case_name, 5 * 3 * 2", "<p>snake_case_name, 5 * 3 * 2</p>"),
        ("&ast;a* <b>*c*</b>", "<p>*a* <b><em>c</em></b></p>"),
    ],
)
def test_emphasis_in_every_script_and_place(text, html):
    assert compact(text) == html


def test_dollars_are_no_maths():
    shown = plain_text(str(render_post('It\'s $5 -- or "US$ 6" -- and $7.')))
    assert shown == "It’s $5 – or “US$ 6” – and $7."


def test_each_block_has_its_line_without_blank_lines():
    text = "Things:\n- a\n- b\n\n[^n]: Note.\n> Said\n```\n- x\n```\nEnd.[^n]"
    assert lines_of_blocks(text, parsed(str(render_post(text)))) == [1, 2, 6, 7, 10]


def test_marks_in_code_of_a_quotation_are_none():
    assert "[^" not in masked("> ```\n> [^a]\n> ```\n\n- b\n\n      [^c]")


MARKS = [*"ab \n\t>-*+#`~|:[]()<!_\\\"'$&;1.^=", "    ", "[^a]: ", "---\n"]


@given(st.lists(st.sampled_from(MARKS)))
def test_any_marks_are_read_or_refused(parts):
    text = "".join(parts)
    try:
        html = render_post(text)
    except MarkupError:
        return
    assert html == preview_post(text)
    lines_of_blocks(text, parsed(str(html) or "<p></p>"))
    assert len(masked(text)) == len(text)


@pytest.mark.parametrize(
    "make",
    [blocks._reader, comment_blocks._reader, words._markdown.__wrapped__],
    ids=["essays", "comments", "discussions from elsewhere"],
)
def test_rules_are_sorted_before_any_thread_reads(make, monkeypatch):
    """By those that another thread has sorted so far, a text is read wrongly or not at all."""
    reader = make()
    monkeypatch.setattr(Ruler, "__compile__", lambda ruler: pytest.fail("while a text is read"))
    reader.parse("> One *two*\n\n- Two\n\n---")
