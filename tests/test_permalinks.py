"""When two web addresses mean the same page."""

from hypothesis import given
from hypothesis import strategies as st
from inputs import every

from comments.text.permalinks import MAX_LENGTH, normalise_address, resolve, same_address

ESSAY = "https://blog.example/essays/on-margins/"
SAME = {
    "the scheme and the host in capitals": "HTTPS://Blog.EXAMPLE/essays/on-margins/",
    "the default port": "https://blog.example:443/essays/on-margins/",
    "an empty port": "https://blog.example:/essays/on-margins/",
    "a fragment": ESSAY + "#comments",
    "an empty fragment and query": ESSAY + "?#",
    "no slash at the end": ESSAY[:-1],
    "dot segments": "https://blog.example/a/./../essays/b/../on-margins/.",
    "encoded dot segments": "https://blog.example/a/%2e%2E/essays/on-margins/",
    "encoded letters": "https://blog.example/%65ssays/on%2Dmargins/",
    "a dot after the host": "https://blog.example./essays/on-margins/",
    "white space around": f"\t {ESSAY}\n",
    "a wide host": "https://ｂｌｏｇ．example/essays/on-margins/",
}
OTHER = {
    "another scheme": "http://blog.example/essays/on-margins/",
    "another port": "https://blog.example:8443/essays/on-margins/",
    "another host": "https://blog.example.evil.example/essays/on-margins/",
    "a subdomain": "https://www.blog.example/essays/on-margins/",
    "another case of the path": "https://blog.example/essays/On-Margins/",
    "a query": ESSAY + "?page=2",
    "more of a path": ESSAY + "2/",
    "less of a path": "https://blog.example/essays/",
    "an encoded slash": "https://blog.example/essays%2Fon-margins/",
    "someone else's host after a name": "https://blog.example@evil.example/essays/on-margins/",
    "a backslash": "https://blog.example\\essays/on-margins/",
    "no scheme": "//blog.example/essays/on-margins/",
    "nothing": "",
}


@every("name", SAME)
def test_the_same_page(name):
    assert same_address(ESSAY, SAME[name])


@every("name", OTHER)
def test_another_page(name):
    assert not same_address(ESSAY, OTHER[name])


@every(
    ("one", "other"),
    [
        ("http://blog.example", "http://blog.example:80/"),
        ("https://a.example/caf%c3%a9", "https://a.example/café"),
        ("https://a.example/?q=%c3%a9", "https://a.example?q=é"),
        ("https://a.example/a%", "https://a.example/a%25"),
        ("https://a.example/~ines", "https://a.example/%7Eines"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://BÜCHER。example/", "https://xn--bcher-kva.example/"),
        ("https://straße.example/", "https://xn--strae-oqa.example/"),
        ("http://[::1]/", "http://[0:0:0:0:0:0:0:1]/"),
    ],
)
def test_other_spellings_of_one_page(one, other):
    assert same_address(one, other)


def test_sharp_s_is_not_two_letters():
    assert not same_address("https://straße.example/", "https://strasse.example/")


@every(
    "address",
    [
        "ftp://a.example/",
        "mailto:a@b.example",
        "javascript:alert(1)",
        "a.example/x",
        "/x",
        "https://",
        "https:///x",
        "https://[::1",
        "https://[v1.x]/",
        "https://a.example:x/",
        "https://a.example:70000/",
        "https://a b.example/",
        "https://a..example/",
        "https://a.example/\ud800",
        "https://a.example/a b",
        "https://℀.example/",
        "https://" + "ü" * 64 + ".example/",
        "https://a.example/" + "x" * MAX_LENGTH,
    ],
)
def test_invalid_addresses_are_not_normalised(address):
    assert normalise_address(address) is None
    assert not same_address(address, address)


@every(
    ("reference", "address"),
    [
        ("", "https://a.example/b/c?d"),
        ("  e\n", "https://a.example/b/e"),
        ("/e?f#g", "https://a.example/e?f#g"),
        ("?e", "https://a.example/b/c?e"),
        ("//e.example", "https://e.example"),
        ("http://e.example/\tx", "http://e.example/x"),
        ("mailto:e@a.example", None),
        ("http://[", None),
    ],
)
def test_a_reference_is_relative_to_its_page(reference, address):
    assert resolve("https://a.example/b/c?d", reference) == address


PARTS = st.lists(
    st.sampled_from("https://|HTTP://|a.example|Ü.example.|:80|:443|/|//|.|..|%|%2e|%c3|%41|?|#|é|@"
                    "|[|]|::1| |\\|&|=|ß|x|\n|~|%7E".split("|")), max_size=12
).map("".join)  # fmt: skip
ANYTHING = st.text(st.characters(), max_size=60)
ADDRESSES = ANYTHING | PARTS | (PARTS | ANYTHING).map("https://a.example/".__add__)


@given(ADDRESSES)
def test_a_normalised_address_stays_as_it_is(address):
    normal = normalise_address(address)
    if normal is not None:
        assert normalise_address(normal) == normal
        assert normal.isascii()
        assert same_address(address, normal)


@given(ADDRESSES, ADDRESSES)
def test_sameness_goes_both_ways_and_never_fails(one, other):
    assert same_address(one, other) == same_address(other, one)
    resolve(one, other)
