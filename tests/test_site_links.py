"""The links of masthead and foot: which addresses they take, and what they are called."""

import pytest
from below import below  # noqa: F401 - a fixture
from django.core.exceptions import ValidationError
from feeds import site_url

from blog.net.names import own_letters
from blog.site.links import clean_address, shown

__all__ = ["site_url"]  # fixtures
OWN = {
    "https://blog.example.org": "/",
    "https://blog.example.org/": "/",
    "https://blog.example.org?page=2": "/?page=2",
    "https://blog.example.org/about/": "/about/",
    "http://blog.example.org/about/": "/about/",
    "HTTPS://Blog.Example.ORG:443/about/?a=b&c#d": "/about/?a=b&c#d",
    "http://blog.example.org:80/about/": "/about/",
    "https://blog.example.org./about/": "/about/",
    "https://blog.example.org/%D0%BE/": "/%D0%BE/",
}
OTHERS = [
    "https://blog.example.org:8443/about/",
    "https://blog.example.org:80/about/",
    "https://blog.example.org.elsewhere.example/",
    "https://shop.blog.example.org/",
    # As paths they would lead to another host.
    "https://blog.example.org//elsewhere.example/",
    "https://blog.example.org/\\elsewhere.example/",
    "mailto:ada@example.org",
    "mailto:ada@example.org,bo@пошта.укр?subject=Hello",
]
REFUSED = [
    *("https://user:pw@host.example/", "https://user@host.example/", "https://@host.example/"),
    *("mailto:@", "mailto:a@", "mailto:@b.example", "mailto:a@b@c.example", "mailto:a@b.example,"),
    *("https://host.example:65536/", "https://host.example:0/", "https://host.example:x/"),
    *("https://./", "https:///about/", "https://[::1/", f"https://{'a' * 64}.example/"),
    *("https://user:pw@blog.example.org/about/", "javascript:alert(1)", "//elsewhere.example"),
]


def is_taken(address, **where):
    try:
        return clean_address(address, **where) == address
    except ValidationError:
        return False


def words_of(address):
    return shown([[address, ""]])[0].words


@pytest.mark.parametrize("address", OWN)
def test_own_address_becomes_its_path(address, site_url):
    assert clean_address(address) == OWN[address]


def test_address_of_another_host_stays(site_url):
    assert [address for address in OTHERS if not is_taken(address)] == []


def test_own_name_is_the_same_in_letters_and_in_punycode(settings):
    for name in ("https://bücher.example", "https://xn--bcher-kva.example"):
        settings.SITE_URL = name
        assert clean_address("https://BÜCHER.example/about/") == "/about/"
        assert clean_address("https://xn--Bcher-kva.example/about/") == "/about/"


def test_port_of_the_sites_own_counts(settings):
    settings.SITE_URL = "http://localhost:8000"
    assert clean_address("http://localhost:8000/about/") == "/about/"
    assert is_taken("http://localhost/about/")


def test_own_address_below_a_path(below, settings):  # noqa: F811
    settings.SITE_URL = "https://example.org"
    home = "https://example.org/blog"
    assert clean_address(f"{home}/about/#top") == "/about/#top"
    assert clean_address(home) == clean_address(f"{home}/") == "/"
    for outside in ("https://example.org/", "https://example.org/blogs/", f"{home}//e.example/"):
        assert clean_address(outside) == outside
    assert not is_taken("/blog//e.example/")
    assert not is_taken("/blog/\\e.example")


def test_page_elsewhere_keeps_a_whole_address(site_url):
    assert is_taken("https://blog.example.org/about/", elsewhere=True)


def test_addresses_with_passwords_or_without_hosts_are_refused(site_url):
    for address in REFUSED:
        assert not is_taken(address), address
        assert not is_taken(address, elsewhere=True), address


def test_link_without_words_is_called_by_mailbox_or_host():
    assert words_of("mailto:ada@example.org?subject=Hello") == "ada@example.org"
    assert words_of("mailto:ada%0A@example.org") == "ada%0A@example.org"
    assert words_of("https://www.xn--bcher-kva.example/") == "bücher.example"
    assert words_of("https://xn--80ak6aa92e.example/") == "аррӏе.example"


@pytest.mark.parametrize(
    "name",
    [
        *("xn--", "xn--a", "xn--\u00fc", "xn--99999999999", f"xn--{'a' * 70}", "XN--.example"),
        "xn--example-.org",
        "xn--" + "a\u200bb".encode("punycode").decode(),
    ],
)
def test_punycode_that_no_browser_writes_stays(name):
    assert own_letters(name) == name
