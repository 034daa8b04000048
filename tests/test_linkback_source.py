"""Whether a source page really links to a target: Webmention 3.2.2, Pingback 1.0 section 3."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inputs import SIGNS, every

from comments.linkbacks.protocols.source import Mention, NotRead, read_source

PAGE = "https://elsewhere.example/notes/1"
TARGET = "https://blog.example/essays/on-margins/"


def _read(text, content_type="text/html", url=PAGE, **more):
    return read_source(text, content_type, url, TARGET, **more)


def _links(text, *arguments, **more):
    return _read(text, *arguments, **more) is not None


# HTML, by an attribute that holds an address

HYPERLINKS = ["<a href='{}'>x</a>", "<map><area href='{}'></map>", "<link rel=x href='{}'>"]
OTHERS = [
    "<img src='{}'>",
    "<img srcset='/a.png 1x, {} 2x'>",
    "<img srcset='{}, /a.png 2x'>",
    "<picture><source srcset='{} 100w'></picture>",
    "<video src='{}'></video>",
    "<video poster='{}'></video>",
    "<audio><source src='{}'></audio>",
    "<iframe src='{}'></iframe>",
    "<embed src='{}'>",
    "<object data='{}'></object>",
    "<blockquote cite='{}'>x</blockquote>",
    "<q cite='{}'>x</q>",
    "<ins cite='{}'>x</ins>",
    "<script src='{}'></script>",
    "<svg><image xlink:href='{}'/></svg>",
]


@every("markup", HYPERLINKS + OTHERS)
def test_w3_2_2_attribute_with_the_address_is_a_mention(markup):
    assert _links(markup.replace("{}", TARGET))


@every("markup", HYPERLINKS)
def test_p3_a_hyperlink_links(markup):
    assert _links(markup.replace("{}", TARGET), hyperlinks_only=True)


@every("markup", OTHERS)
def test_p3_other_addresses_are_no_links(markup):
    assert not _links(markup.replace("{}", TARGET), hyperlinks_only=True)


LINK = f'<a href="{TARGET}">margins</a>'


@every(
    "markup",
    [
        f"<!-- {LINK} -->",
        f"<!-- > {LINK} -- ->",
        f"<script>{LINK}</script>",
        f"<style>{LINK}</style>",
        f"<template>{LINK}</template>",
        f"<textarea>{LINK}</textarea>",
        f"<title>{LINK}</title>",
        f"<noscript>{LINK}</noscript>",
        f"<noscript><p>{LINK}</p></noscript>",
        f"<noembed>{LINK}</noembed>",
        f"<noframes>{LINK}</noframes>",
        f"<iframe>{LINK}</iframe>",
        f"<xmp>{LINK}</xmp>",
        f"<plaintext>{LINK}",
        f"<pre>{LINK.replace('<', '&lt;')}</pre>",
        f"<p title='{LINK}'>x</p>",
        f"<iframe srcdoc='{LINK}'></iframe>",
        f"<p>{TARGET}</p>",
        f"<meta name=x content='{TARGET}'>",
        f"<base href='{TARGET}'><p>x",
        f"<form action='{TARGET}'></form>",
        f"<a name='{TARGET}' data-href='{TARGET}'>x</a>",
        f"<a href='https://other.example/?to={TARGET}'>x</a>",
        f"<a href='{TARGET}2/'>x</a>",
        f"<a href='mailto:{TARGET}'>x</a>",
        f"<p href='{TARGET}' src='{TARGET}' cite='{TARGET}' data='{TARGET}'>x</p>",
        "<a href=''>x</a>",
        "<a href='/essays/on-margins/'>x</a>",
        "",
    ],
)
def test_link_elements_exclude_lookalikes(markup):
    assert not _links(markup)


@every(
    "markup",
    [
        f"<A HREF={TARGET}>x</A>",
        f"<a\nhref = ' {TARGET}\n'>x",
        f"<a href='{TARGET}#note'>x</a>",
        f"<a href='{TARGET[:-1]}'>x</a>",
        "<a href='//blog.example/essays/on-margins/'>x</a>".replace("//", "HTTPS://"),
        "<a href='//BLOG.example:443/essays/%6Fn-margins/'>x</a>",
        "<a href='https://blog.example/essays/x/../on-margins/'>x</a>",
        "<a href='https&colon;//blog.example&#47;essays/on-margins/'>x</a>",
        f"<p><b><i><table><td><a href={TARGET}>x",
        f"<p hidden>{LINK}</p>",
        f"<p style='display: none'>{LINK}</p>",
        f"<svg>{LINK}</svg>",
        f"<template></template>{LINK}",
        "<div>" * 400 + LINK,
    ],
)
def test_link_compared_in_any_spelling_browsers_read(markup):
    assert _links(markup)


@pytest.mark.parametrize(
    "head",
    [
        "<base href='https://blog.example/'>",
        "<base href='//blog.example/a/b'><base href='https://other.example/'>",
    ],
)
def test_link_compared_relative_to_the_base(head):
    assert _links(f"<head>{head}</head><a href='/essays/on-margins/'>x</a>")
    assert not _links(f"<template>{head}</template><a href='/essays/on-margins/'>x</a>")


def test_link_compared_relative_to_the_redirect_target():
    html = "<a href='../on-margins/'>x</a>"
    assert _links(html, url="https://blog.example/essays/other/")


def test_link_compared_with_all_addresses_of_the_target():
    old = "http://blog.example/?p=12"
    assert not _links(f"<a href='{old}'>x</a>")
    assert _links(f"<a href='{old}'>x</a>", leads_there=lambda address: address == old)


@every("content_type", ["TEXT/HTML; charset=x", "application/xhtml+xml", ""])
def test_link_type_html_goes_by_several_types(content_type):
    assert _links(f"<p>{LINK}</p>", content_type)


def test_link_elements_xhtml_is_read_as_xml():
    head = '<html xmlns="http://www.w3.org/1999/xhtml"><script src="x"/>'
    assert _links(f"{head}<body>{LINK}</body></html>", "application/xhtml+xml")
    cdata = f"{head}<body><![CDATA[ > {LINK}]]></body></html>"
    assert not _links(cdata, "application/xhtml+xml")


@pytest.mark.parametrize("body", [f"<p>&nbsp;<br>{LINK}", f"<!DOCTYPE x [<!ENTITY y 'z'>]>{LINK}"])
def test_link_elements_invalid_xhtml_is_read_as_html(body):
    assert _links(body, "application/xhtml+xml")


# Webmention 3.2.2: other formats


@every(
    "text",
    ["{}", "see {}.", "({})", "<{}>", "[margins]({})", "[margins]({}).", "“{}”", "*{}*, and\n{}"],
)
def test_w3_2_2_plain_text_holds_the_address(text):
    assert _links(text.replace("{}", TARGET), "text/plain")
    assert _links(text.replace("{}", TARGET), "text/markdown; charset=utf-8")


@every("text", ["{}2", "{}/x", "{}?x", "", "https://a.example/?to={}", "{}.example"])
def test_w3_2_2_text_with_another_address_is_not_a_mention(text):
    text = text.replace("{}", "https://blog.example/essays/on-margins")
    assert not _links(text, "text/plain")


@every(
    "value", [TARGET, [1, [TARGET]], {"items": [{"in-reply-to": [TARGET, None]}]}, f"{TARGET}#x"]
)
def test_w3_2_2_json_holds_the_address_as_a_value(value):
    for content_type in ("application/json", "application/mf2+json; charset=utf-8"):
        assert _links(json.dumps(value), content_type)


@every("value", [{TARGET: 1}, f"see {TARGET}", f"{TARGET}2", 1, None, {}])
def test_w3_2_2_json_without_the_address_is_not_a_mention(value):
    assert not _links(json.dumps(value), "application/json")


@every("text", ["", "{", "[" * 100_000, "9" * 5000, f'{{"x": "{TARGET}"'])
def test_w3_2_2_broken_json_is_not_read(text):
    with pytest.raises(NotRead):
        _links(text, "application/json")


@every("content_type", ["image/png", "application/pdf", "application/rss+xml", "x"])
def test_w3_2_2_other_types_are_not_read(content_type):
    with pytest.raises(NotRead):
        _links(LINK + TARGET, content_type)


def test_link_type_a_pingback_needs_html():
    for text, content_type in ((TARGET, "text/plain"), (json.dumps(TARGET), "application/json")):
        with pytest.raises(NotRead):
            _links(text, content_type, hyperlinks_only=True)


# Updates and deletes, as webmention.rocks tests them


def test_w3_2_4_rocks_update_1_second_reading_is_current():
    before, after = (_read(f"<title>{title}</title>{LINK}") for title in ("Then", "Now"))
    assert (before.title, after.title) == ("Then", "Now")


def test_w3_2_4_rocks_update_2_removed_link_ends_the_mention():
    assert _read(f"<p>{LINK}</p>") is not None
    assert _read("<p>margins</p>") is None


def test_w3_2_4_rocks_delete_1_tombstone_page_is_not_a_mention():
    assert _read("<h1>Deleted</h1>") is None


TOKENS = """< > </ <a| <p> <div| <template> <noscript> <!-- --> <base| href= class= " ' h-entry
 p-name p-author| h-card u-in-reply-to| dt-published| datetime= hidden <title> <time| http:// [ ]
 { } : ,
 <svg> <![CDATA[ ]]> <!DOCTYPE <!ENTITY &amp; &#0; srcset= 9999-99-99 2020-01-01 """.split()
TOKENS += [TARGET, LINK, TARGET[:30], " ", "\x00", "\ud800", "\u202e", "\u0301", "é"]
PIECES = st.lists(st.sampled_from([token.replace("|", " ") for token in TOKENS]), max_size=30).map(
    "".join
)
TYPES = st.sampled_from(
    ["text/html", "application/xhtml+xml", "application/json", "text/plain", "", "x"]
)


@given(
    PIECES | st.text(st.characters(), max_size=100),
    TYPES | st.text(SIGNS, max_size=20),
    st.booleans(),
)
def test_fetch_parser_no_page_raises(text, content_type, only):
    with contextlib.suppress(NotRead):
        found = _read(text + LINK, content_type, hyperlinks_only=only)
        assert found is None or isinstance(found, Mention)


@given(PIECES)
def test_abuse_shown_excerpt_is_short_and_plain(text):
    found = _read(f'{text}"><p>{LINK}{text}')
    if found:
        assert len(found.title) <= 200
        assert len(found.author) <= 100
        assert len(found.excerpt) <= 280
        shown = found.title + found.author + found.excerpt
        assert not set(shown) & set("\x00\x0b\x7f\x9f\u202e\ud800\n")
