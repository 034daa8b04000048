"""Webmention 3.1.2: where a page says its endpoint is.

The numbered tests are the discovery tests of webmention.rocks.
"""

from hypothesis import given
from hypothesis import strategies as st
from inputs import every
from quick import within

from comments.linkbacks.protocols.webmention import endpoint_from

PAGE = "https://target.example/posts/1"


class Headers:
    """Header fields as a fetch gives them."""

    def __init__(self, *fields):
        self.fields = fields

    def all(self, name):
        return [value for field, value in self.fields if field.lower() == name.lower()]


def _found(html="", *links, url=PAGE):
    return endpoint_from(Headers(*(("Link", link) for link in links)), html, url)


E = "https://target.example/wm"
FALSE = "https://target.example/wm/false"


def test_w3_1_2_rocks_1_link_header_unquoted_rel_relative_address():
    assert _found("", "</wm>; rel=webmention") == E


def test_w3_1_2_rocks_2_link_header_unquoted_rel_absolute_address():
    assert _found("", f"<{E}>; rel=webmention") == E


def test_w3_1_2_rocks_3_link_element_relative_address():
    assert _found('<link rel="webmention" href="/wm">') == E


def test_w3_1_2_rocks_4_link_element_absolute_address():
    assert _found(f'<link rel="webmention" href="{E}">') == E


def test_w3_1_2_rocks_5_a_element_relative_address():
    assert _found('<p>My <a rel="webmention" href="/wm">endpoint</a>.') == E


def test_w3_1_2_rocks_6_a_element_absolute_address():
    assert _found(f'<p>My <a rel="webmention" href="{E}">endpoint</a>.') == E


def test_w3_1_2_rocks_7_link_header_in_strange_casing():
    headers = Headers(("LinK", f"<{E}>; ReL=WebMention"))
    assert endpoint_from(headers, "", PAGE) == E


def test_w3_1_2_rocks_8_link_header_quoted_rel():
    assert _found("", f'<{E}>; rel="webmention"') == E


def test_w3_1_2_rocks_9_several_rel_values_on_a_link_element():
    assert _found('<link rel="webmention somethingelse" href="/wm">') == E


def test_w3_1_2_rocks_10_several_rel_values_on_a_link_header():
    assert _found("", f'<{E}>; rel="webmention somethingelse"') == E


def test_w3_1_2_rocks_11_the_header_goes_before_link_and_a():
    html = f'<link rel="webmention" href="{FALSE}"><a rel="webmention" href="{FALSE}">x</a>'
    assert _found(html, f"<{E}>; rel=webmention") == E


def test_w3_1_2_rocks_12_a_rel_that_only_begins_so_is_another():
    html = f'<link rel="not-webmention" href="{FALSE}"><link rel="webmention" href="/wm">'
    assert _found(html) == E
    assert _found("", f"<{FALSE}>; rel=not-webmention, <{E}>; rel=webmention") == E


def test_w3_1_2_rocks_13_a_false_endpoint_in_a_comment():
    html = f'<!-- <link rel="webmention" href="{FALSE}"> --><a rel="webmention" href="/wm">x</a>'
    assert _found(html) == E


def test_w3_1_2_rocks_14_a_false_endpoint_in_escaped_markup():
    escaped = f'<code>&lt;link rel="webmention" href="{FALSE}"&gt;</code>'
    assert _found(escaped + '<a rel="webmention" href="/wm">x</a>') == E


def test_w3_1_2_rocks_15_an_empty_href_is_the_page_itself():
    assert _found('<link rel="webmention" href="">') == PAGE


def test_w3_1_2_rocks_16_an_a_element_before_a_link_element():
    html = f'<a href="/wm" rel="webmention">x</a><link rel="webmention" href="{FALSE}">'
    assert _found(html) == E


def test_w3_1_2_rocks_17_a_link_element_before_an_a_element():
    html = f'<link href="/wm" rel="webmention"><a rel="webmention" href="{FALSE}">x</a>'
    assert _found(html) == E


def test_w3_1_2_rocks_18_several_link_headers():
    assert _found("", f"<{FALSE}>; rel=other", f"<{E}>; rel=webmention") == E


def test_w3_1_2_rocks_19_one_link_header_with_several_links():
    assert _found("", f"<{FALSE}>; rel=other, <{E}>; rel=webmention") == E


def test_w3_1_2_rocks_20_a_link_element_without_href_is_passed_over():
    assert _found('<link rel="webmention"><a rel="webmention" href="/wm">x</a>') == E


def test_w3_1_2_rocks_21_the_query_of_an_endpoint_is_kept():
    assert _found('<link rel="webmention" href="/wm?query=yes&amp;a=b">') == E + "?query=yes&a=b"


def test_w3_1_2_rocks_22_an_address_relative_to_the_page():
    assert _found('<link rel="webmention" href="1/wm">') == "https://target.example/posts/1/wm"


def test_w3_1_2_rocks_23_an_address_relative_to_where_redirects_led():
    # The target was /posts/1; the fetch gives the address of its last answer.
    html = '<link rel="webmention" href="wm">'
    assert _found(html, url="https://target.example/moved/2") == "https://target.example/moved/wm"
    header = "<wm>; rel=webmention"
    assert _found("", header, url="https://t.example/moved/2") == "https://t.example/moved/wm"


# RFC 8288, section 3 and appendix B


@every(
    "header",
    [
        f'<{FALSE}?a,b;rel=webmention>; rel="x", <{E}>; rel="webmention"',
        f'<{FALSE}>; title="a, <b>; rel=webmention"; rel=x, <{E}>; rel=webmention',
        f'<{FALSE}>; title="say \\"<{FALSE}>; rel=webmention\\""; rel=x,<{E}>;rel=webmention',
        f'<{E}>  ;  title = "x" ;; rel = "a WEBMENTION\tb" ; x',
        f"<{E}>;rel=webmention;rel=other",
        f"<{FALSE}>;rel=other;rel=webmention, <{E}>;rel=webmention",
        f'<{FALSE}>; rel=webmention; anchor="/other", <{E}>; rel=webmention; anchor=""',
        f", ,<{E}>; rel=webmention,",
        f"nonsense, <{E}>; rel=webmention",
        f"<{FALSE}>, <{E}>; crossorigin; rel=webmention",
        f"<{FALSE}>; rel='webmention', <{E}>; rel=\"webmention\"",
        f"<{FALSE}>; rel*=UTF-8''webmention, <{E}>; rel=\"webmention\"",
    ],
)
def test_w3_1_2_links_of_a_header_are_separated(header):
    assert _found("", header) == E


@every(
    "header",
    [
        *("", "<", "<>", "<x", ">", '<a>; x="\\', f'<{E}>; rel="', f"<{E}>"),
        f"{E}; rel=webmention",
        f"<{E}>; title=webmention",
        "<mailto:a@b.example>; rel=webmention",
    ],
)
def test_w3_1_2_a_header_without_an_endpoint(header):
    assert _found("", header) is None


def test_w3_1_2_an_empty_target_in_a_header_is_the_page_itself():
    assert _found("", "<>; rel=webmention") == PAGE


# HTML, beyond webmention.rocks


@every(
    "false",
    [
        "<template>{}</template>",
        "<template><div><template></template>{}</div></template>",
        "<script>{}</script>",
        "<style>{}</style>",
        "<textarea>{}</textarea>",
        "<title>{}</title>",
        "<noembed>{}</noembed>",
        "<iframe>{}</iframe>",
        "<xmp>{}</xmp>",
        "<p title='{}'>",
        "<!-- > {} -- -->",
        "<area rel=webmention href=/false>",
        "<form rel=webmention action=/false>",
        "<meta name=webmention content=/false>",
    ],
)
def test_w3_1_2_other_elements_are_skipped(false):
    html = false.replace("{}", f'<link rel="webmention" href="{FALSE}">')
    assert _found(html + '<link rel="webmention" href="/wm">') == E


def test_w3_1_2_a_page_is_read_by_a_program_without_scripts():
    assert _found('<noscript><link rel="webmention" href="/wm"></noscript>') == E


@every(
    "html",
    [
        "<LINK REL=WebMention HREF=/wm>",
        "<link rel='webmention' href='/wm'/>",
        "<link\nrel = 'a\twebmention\n' href\n=\n' /wm\n'>",
        "<p><b><a rel=webmention href=/wm><p>x",
        "<html><body></body></html><a rel=webmention href=/wm>",
        "<base href='https://target.example/base/'><link rel=webmention href='../wm'>",
        "<link rel=webmention href='../wm'><base href='/base/'><base href='https://b.example/'>",
        "<template><base href='https://b.example/'></template><link rel=webmention href=/wm>",
    ],
)
def test_w3_1_2_elements_in_any_spelling_browsers_read(html):
    assert _found(html) == E


@every(
    "html",
    ["", " ", "text", "<link rel=webmention>", "<link rel=webmention href=mailto:a@b.example>"],
)
def test_w3_1_2_a_page_without_an_endpoint(html):
    assert _found(html) is None


HOSTILE = {
    "attributes": "<a " + " ".join(f"a{number}=1" for number in range(58_000)) + ">",
    "nesting": "<div>" * 100_000,
    "closing at depth": "<div>" * 32_000 + "</p>" * 64_000,
    "open comment": "<!--" * 130_000,
    "templates": "<template>" * 50_000,
    "mebibyte": "<p><b>x</b></p>" * 70_000,
}


@every("name", HOSTILE)
def test_w3_1_2_a_hostile_page_costs_little(name):
    assert within(0.3, _found, HOSTILE[name]) is None


@every(
    "header",
    [
        *("<" * 65_000, "<a>," * 16_000, "," * 65_000, "<a>" + ";" * 65_000),
        *("<a>" + ';a="' * 16_000, '<a>;b="\\",' * 6_000, "<a>" + " " * 65_000),
        "<,>" * 20_000 + "<",
    ],
)
def test_w3_1_2_a_hostile_header_costs_little(header):
    assert within(0.3, _found, "", header) is None


TOKENS = """< > </ /> <a| <link| rel= webmention href= " ' <!-- --> <base| <template> http://[ é
\\ ; , anchor=""".split()
TOKENS = [token.replace("|", " ") for token in TOKENS]
PIECES = st.lists(st.sampled_from([*TOKENS, " ", "\x00", "\ud800"]), max_size=25).map("".join)


@given(PIECES, PIECES | st.text(st.characters(), max_size=80))
def test_w3_1_2_no_page_and_no_header_raises(html, header):
    for found in (_found(html), _found(html, header)):
        assert found is None or found.startswith("http")
