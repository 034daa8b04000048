"""Pingback 1.0, section 2.3: how a client finds the server of a page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inputs import every
from quick import within

from comments.linkbacks.protocols.pingback import endpoint_from

SERVER = "https://target.example/xmlrpc"
OTHER = "https://target.example/other"
LINK = f'<link rel="pingback" href="{SERVER}">'


class Headers:
    """Header fields as a fetch gives them."""

    def __init__(self, *values):
        self.values = list(values)

    def all(self, name):
        return self.values if name.lower() == "x-pingback" else []


def _found(html="", *headers):
    return endpoint_from(Headers(*headers), html)


def test_p2_3_the_header_names_the_server():
    assert _found("", SERVER) == SERVER


def test_p2_3_the_header_goes_before_the_element():
    assert _found(f'<link rel="pingback" href="{OTHER}">', SERVER) == SERVER


def test_p2_3_empty_header_is_ignored():
    assert _found(LINK, " ") == SERVER


def test_p2_3_of_several_headers_the_first_counts():
    assert _found("", SERVER, OTHER) == SERVER
    assert _found("", f"{SERVER}, {OTHER}") == SERVER


def test_p2_3_a_comma_may_be_part_of_the_address():
    assert _found("", f"{SERVER}?a,b") == f"{SERVER}?a,b"


@every("end", [">", " >", "/>", " />"])
def test_p2_3_the_element_may_end_as_in_html_or_xhtml(end):
    assert _found(f'<link rel="pingback" href="{SERVER}"{end}') == SERVER


def test_p2_3_of_several_elements_the_first_counts():
    assert _found(f'{LINK}<link rel="pingback" href="{OTHER}">') == SERVER


def test_p2_3_specified_pattern_matches_even_in_comments():
    assert _found(f"<!-- {LINK} -->") == SERVER


@every(
    "html",
    [
        f"<link rel='pingback' href='{SERVER}'>",
        f'<link href="{SERVER}" rel="pingback">',
        f'<LINK REL="pingback" HREF="{SERVER}">',
        f'<link rel="pingback"  href="{SERVER}">',
        f'<link rel="pingback" href="{SERVER}" title="x">',
        f'<link rel="pingback x" href="{SERVER}">',
        f'<a rel="pingback" href="{SERVER}">',
        '<link rel="pingback" href="">',
        "",
    ],
)
def test_p2_3_other_spellings_are_not_found(html):
    assert _found(html) is None


def test_p2_3_the_four_entities_are_expanded_once():
    html = f'<link rel="pingback" href="{SERVER}?a&amp;b&lt;&gt;&quot;&amp;amp;&eacute;&#38;">'
    assert _found(html) == f'{SERVER}?a&b<>"&amp;&eacute;&#38;'


@every("address", ["/xmlrpc", "javascript:alert(1)", "mailto:a@b.example", "x"])
def test_p2_3_server_must_be_an_absolute_web_address(address):
    assert _found(f'<link rel="pingback" href="{address}">') is None
    assert _found(LINK, address) is None


@pytest.mark.parametrize(
    "html", ['<link rel="pingback" href="' * 20_000, '<link rel="pingback" href="' + "x" * 500_000]
)
def test_p2_3_a_hostile_page_costs_little(html):
    assert within(0.1, _found, html) is None


@given(st.text(st.characters(), max_size=60))
def test_p2_3_nothing_raises(text):
    for found in (_found(text), _found("", text), _found(LINK.replace(SERVER, text))):
        assert found is None or found.lstrip().lower().startswith("http")
