"""Text written to be slow or deep is rendered quickly, or refused with advice."""

import contextlib
import json
import re

import lxml.etree
import lxml.html
import pytest
from inputs import every
from markup_attacks import RENDERERS, check
from quick import within
from trials import some_of

from blog.markup import MarkupError, guards, render_comment, render_post

# Slow texts

UNITS = [
    *"[>*_`!(<&#-|~\\:\"'.+=@{ \t\n",
    *("1. ", "1.\n", "1. a\n", "- a\n", "* a\n", "# a\n", "#\n", "a\n", "a\n\n", "a\n===\n"),
    *("[a](", "[a](b) ", "[a][b]", "[x][y]", "[a]: b\n", "![", "![](", "![x](http://o/x.png)"),
    *("[^1]", "[^1]: x\n", "[^1]: x\n\n", "[^", "**a", "**a ", "*a", "*a*", "a*b*", "***a", "*_a"),
    *("_a", "_a_b_", "__a__", "~~a", "~~", "`a", "``a`", "a`", "```\n", "~~~\n", "``` a\n"),
    *('<a href="', "<a ", "<x a=", "<x a='", "<div>", "<div>\n", "</div>", "<b>", "<p>", "<br>"),
    *("<table>", "<table><tr><td>", "<ul><li>", "<svg>", "<math>", "<textarea>", "<script>"),
    *(
        "<!--",
        "<![CDATA[",
        "<?",
        "<!",
        "</",
        "&amp;",
        "&#",
        "&#x41;",
        "&lt;",
        "<a@b>",
        "<http://a>",
    ),
    *(
        "http://",
        "https://a.b ",
        "https://a.b/(",
        "www.a ",
        "a@b ",
        "|a",
        "\n|",
        "|\n",
        "\n: ",
        "a\n: b\n",
    ),
    *(
        "> a\n",
        "> a\n\n",
        "\n>",
        "> * ",
        "* * ",
        "1. > ",
        "\\*",
        "\\[",
        "[\\]",
        "[^1]\\*[\\]",
        "\\+",
        "--a",
        "...",
    ),
    *(
        '"a" ',
        "'a' ",
        "('",
        "'s ",
        "*[a]: b\n",
        "  \n",
        "---\n",
        "***\n",
        "\u2028",
        "\x00",
        "é",
        "𝒳",
    ),
    *("a  \n", "a\\\n", "[a](http://a.org)", "http://a1.org/1\n", "www.a.b "),
    *("- > a\n", "- ```\n", "- # a\n", "> # a\n", "א\n\n", "- א\n- a\n"),
    *("a\u0300\u0301\u0302", "\u093e"),
]


def repeated(unit, length):
    return (unit * (length // len(unit) + 1))[:length]


SHAPES = {
    "a rule of bars that is none": "a|b\n" + "|" * 20_000 + "!",
    "nested lists": "".join(" " * 4 * level + "* a\n" for level in range(200)),
    "nested loose lists": "".join(" " * 4 * level + "* a\n\n" for level in range(200)),
    "nested quotes": "> " * 50_000 + "a",
    "ever deeper quotes": "\n".join("> " * level + "a" for level in range(400)),
    "nested notes": "".join("    " * level + f"[^{level}]: x\n\n" for level in range(400)),
    "brackets in brackets": "[" * 50_000 + "a" + "]" * 50_000,
    "stars around a letter": "*" * 50_000 + "a" + "*" * 50_000,
    "a link without end": "[a](" + "(" * 50_000 + ")" * 50_000,
    "a wide table": "|a" * 25_000 + "|\n" + "|-" * 25_000 + "|\n|a|",
    "a wide table of short rows": "|a" * 100 + "|\n" + "|-" * 100 + "|\n" + "|a\n" * 30_000,
    "a long table": "|a|b|\n|-|-|\n" + "|a|b|\n" * 16_000,
    "many link definitions": "".join(f"[r{n}]: /u\n" for n in range(8000)) + "[r1] " * 3000,
    "many notes": "".join(f"a[^{n}] " for n in range(4000))
    + "\n\n"
    + "".join(f"[^{n}]: x\n" for n in range(6000)),
    "notes in notes": "".join(f"[^{n}]: x[^{n + 1}]\n" for n in range(6000)) + "\n\na[^0]",
    "many abbreviations": "".join(f"*[a{n}]: t\n" for n in range(5000)) + "a1 " * 10_000,
    "attributes": "<a " + "b=c " * 25_000 + ">",
    "unclosed tags far apart": ("word " * 20 + "<a b=c\n\n") * 900,
    "a megabyte without a break": "a" * 1_000_000,
    "a megabyte of words": "word and " * 111_112,
    "code of quotes": "```python\n" + '"' * 100_000 + "\n```",
    "code of brackets": "```html\n" + "<" * 9_000 + "\n```",
    "code of tags in a comment": "```html\n" + '<a b="c">' * 5_000 + "\n```",
    "code of Perl": "```perl\n" + "<" * 9_000 + "\n```",
    "code of numbers": "```python\n" + "1 a " * 2_400 + "\n```",
    "many listings": "```python\nx = 1\n```\n" * 5_000,
    "equal headings": "## same\n\n" * 10_000,
    "nested tags": "<div>" * 5_000 + "a" + "</div>" * 5_000,
    "formatting across blocks": "<b><i>" * 100 + "<p>" * 20_000,
}
SLOW = [(repr(unit), unit) for unit in UNITS] + list(SHAPES.items())


def test_what_costs_more_than_it_looks_is_refused():
    posts = {
        **{"a  \n": 25_000, "a\\\n": 11_000, "[a](http://a.org)": 5_800, "א\n\n": 3_333},
        **{"- > a\n": 1_666, "- ```\n": 1_666, "> # a\n": 1_666, "a\n\n": 3_333},
    }
    comments = {"http://a1.org/1\n": 3_060, "www.a.b ": 1_015, "- א\n- a\n": 406}
    for units, limit in ((posts, guards.POST_LIMIT), (comments, guards.COMMENT_LIMIT)):
        for unit, times in units.items():
            with pytest.raises(MarkupError, match="too many marks"):
                guards.check(unit * times, limit, comment=units is comments)
    with pytest.raises(MarkupError, match="too many marks"):
        render_comment(SHAPES["code of tags in a comment"])


def test_long_texts_that_people_write_are_not_refused():
    line = "a leaf falls here and there  \n"
    link = "[a word](https://example.org/a/path)"
    for text in (
        (line * 4 + "\n") * 800,
        line * 3300,
        (line.replace("  ", "\\")) * 3300,
        f"- {link}\n" * 300,
        f"{link} " * 300,
        "نص قصير هنا.\n\n" * 1000,
        "- > A quotation of a line\n- An answer to that\n" * 200,
    ):
        guards.check(text, guards.POST_LIMIT)
    for text in (f"- {link}\n" * 200, "https://example.org/a/path\n" * 300, "नमस्ते दुनिया " * 4600):
        guards.check(text, guards.COMMENT_LIMIT, comment=True)


@pytest.mark.long
@RENDERERS
@every(("name", "text"), some_of(SLOW, 6))
def test_slow_text_is_rendered_or_refused_quickly(name, text, render, rules):
    """The rule is 0.1 s of processor time; the test leaves room for a busy machine."""
    longest = 100_000 if render is render_post else 65_535
    if name not in SHAPES:
        text = repeated(text, longest)
    render("A first text, since the first one loads what the others share.")

    def rendered():
        getattr(render, "cache_clear", dict)()  # the last comment rendered is remembered
        with contextlib.suppress(MarkupError):
            render(text)

    within(0.25, rendered)


@RENDERERS
@every("unit", ["<div>", "<b><i>", "<ul><li>", "> - ", "*a _b ", "[[", "(["])
def test_deep_texts_never_exhaust_the_stack(unit, render, rules):
    for count in (10, 100, 300, 900, 3000):
        try:
            check(render(unit * count + "x"), rules)
        except MarkupError:
            return


@RENDERERS
def test_text_missed_by_the_guards_is_refused(render, rules, monkeypatch):
    monkeypatch.setattr(guards, "check", lambda *_args, **_options: None)
    with pytest.raises(MarkupError, match="nests too deep"):
        render("> " * 1000 + "a")


@every(
    ("text", "advice"),
    [
        ("> " * 21 + "a", "Quotes nest more than 20 deep here. Take some of the > marks away."),
        ("- " * 21 + "a", "Lists nest more than 20 deep here. Move some of them out."),
        ("*a" * 50_000, "There are too many marks in this"),
    ],
)
def test_a_refusal_says_what_to_do(text, advice):
    with pytest.raises(MarkupError, match=re.escape(advice)):
        render_comment(text[:65_000])


def test_twenty_levels_of_quotes_are_fine():
    assert render_comment("> " * 20 + "a").count("<blockquote>") == 20


@RENDERERS
def test_no_real_export_is_refused(shared, render, rules):
    for path in sorted((shared / "data/wxr").glob("*.xml")):
        parser = lxml.etree.XMLParser(recover=True, resolve_entities=False)
        bodies = lxml.etree.parse(str(path), parser).iter("{*}encoded")
        for body in some_of(bodies, 4):
            check(render(body.text or ""), rules)


@RENDERERS
def test_commonmark_examples_keep_the_rules(shared, render, rules):
    path = shared / "data/markdown/commonmark-spec-examples.json"
    for example in some_of(json.loads(path.read_text()), 4):
        check(render(example["markdown"]), rules)
