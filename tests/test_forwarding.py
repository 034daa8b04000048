"""Who a request is from behind proxies: X-Forwarded-For and Forwarded, as proxies write them."""

from django.test import RequestFactory
from inputs import every
from quick import within

from blog.lib.env import parse_networks
from blog.web.middleware import trusted_proxies


def believed(settings, sent, proxies="", peer="203.0.113.9"):
    """Return the address and the scheme a request has once it has come through."""
    settings.TRUSTED_PROXIES = parse_networks(proxies) if proxies else []
    seen = RequestFactory().get("/", headers=sent, REMOTE_ADDR=peer)
    trusted_proxies(lambda request: request)(seen)
    return seen.META["REMOTE_ADDR"], seen.scheme


def test_nobodys_word_is_taken_by_default(settings):
    forged = {"x-forwarded-for": "198.51.100.1", "x-forwarded-proto": "https"}
    assert believed(settings, forged) == ("203.0.113.9", "http")
    assert believed(settings, forged, proxies="10.0.0.0/8") == ("203.0.113.9", "http")


def test_a_proxy_of_ours_is_believed(settings):
    sent = {"x-forwarded-for": "198.51.100.1", "x-forwarded-proto": "https"}
    assert believed(settings, sent, "203.0.113.0/24") == ("198.51.100.1", "https")


@every(
    ("forwarded", "client"),
    [
        ("192.0.2.66, 198.51.100.1", "198.51.100.1"),
        ("192.0.2.66, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("192.0.2.66,198.51.100.1 ,10.0.0.2,10.0.0.3", "198.51.100.1"),
        ("2001:db8::7", "2001:db8::7"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
        ("10.0.0.2", "10.0.0.2"),
        ("192.0.2.66, 203.0.113.5:4711", "203.0.113.5"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ('"[2001:db8::1]:443"', "2001:db8::1"),
        ("[::ffff:203.0.113.5]:443", "203.0.113.5"),
        ("fe80::1%eth0", "fe80::1"),
        ("[fe80::1%25eth0]:80, 10.0.0.2:55000", "fe80::1"),
        ("192.0.2.66, unknown, 10.0.0.2", "10.0.0.2"),
        ("192.0.2.66, , 10.0.0.2", "10.0.0.2"),
        ("192.0.2.66, " + "10.0.0.2, " * 100 + "10.0.0.3", "10.0.0.2"),
    ],
)
def test_last_address_that_is_not_our_proxy_is_the_client(settings, forwarded, client):
    """What stands before it, the client wrote."""
    sent = {"x-forwarded-for": forwarded}
    assert believed(settings, sent, "10.0.0.0/8", peer="10.0.0.1")[0] == client


@every(
    "garbage",
    ["", ",", " , ,", "unknown", "x" * 10_000, "1.2.3", "<script>", "198.51.100.1,-"],
)
def test_garbage_from_a_proxy_means_its_own_address(settings, garbage):
    sent = {"x-forwarded-for": garbage, "x-forwarded-proto": garbage}
    assert believed(settings, sent, "10.0.0.1", peer="10.0.0.1") == ("10.0.0.1", "http")


def test_ipv6_proxy_is_known_by_its_ipv4_address(settings):
    sent = {"x-forwarded-for": "198.51.100.1"}
    assert believed(settings, sent, "127.0.0.1", "::ffff:127.0.0.1")[0] == "198.51.100.1"


def test_server_without_addresses_is_not_a_proxy(settings):
    sent = {"x-forwarded-for": "198.51.100.1"}
    assert believed(settings, sent, "127.0.0.1", peer="")[0] == ""


@every(
    "garbage",
    [
        "203.0.113.5:x",
        "203.0.113.5:123456",
        "203.0.113.5:80:90",
        "[203.0.113.5]:80",
        "[2001:db8::1",
        "2001:db8::1]:80",
        "[2001:db8::1]443",
        "\u0662.0.0.1",
        "010.1.1.1",
        '"',
        "[]",
        ":80",
    ],
)
def test_malformed_address_is_ignored(settings, garbage):
    sent = {"x-forwarded-for": f"192.0.2.66, {garbage}"}
    assert believed(settings, sent, "10.0.0.1", peer="10.0.0.1")[0] == "10.0.0.1"


@every(
    ("forwarded", "client"),
    [
        ('for="[2001:db8::1]:4711";proto=https;by=10.0.0.1', "2001:db8::1"),
        ("for=192.0.2.66, For=203.0.113.5", "203.0.113.5"),
        ('for="203.0.113.5:4711" ; by="_me:_port"', "203.0.113.5"),
        ("for=203.0.113.5:4711", "203.0.113.5"),
        ('for="203.0.113.5:_hidden", for=10.0.0.2;host="a,b;c"', "203.0.113.5"),
        ('proto=https;by="a\\"b,for=1.1.1.1";for=203.0.113.5', "203.0.113.5"),
        ("for=192.0.2.66, for=unknown", "10.0.0.1"),
        ("for=192.0.2.66, for=_hidden, for=10.0.0.2", "10.0.0.2"),
        ("for=192.0.2.66, proto=https", "10.0.0.1"),
        ("for=192.0.2.66,", "10.0.0.1"),
        ("for=192.0.2.66;for=192.0.2.67", "10.0.0.1"),
        ('for=192.0.2.66;by="', "10.0.0.1"),
        ('for=192.0.2.66;by=", for="203.0.113.5', "10.0.0.1"),
        ('for=192.0.2.66;by=", for="[2001:db8::1]:4711"', "10.0.0.1"),
        ("for=192.0.2.66 for=203.0.113.5", "10.0.0.1"),
        ("203.0.113.5", "10.0.0.1"),
        ("for=192.0.2.66, " * 1000 + "for=203.0.113.5", "10.0.0.1"),
    ],
)
def test_forwarded_is_read_as_rfc_7239_says(settings, forwarded, client):
    sent = {"forwarded": forwarded}
    assert believed(settings, sent, "10.0.0.0/8", peer="10.0.0.1")[0] == client
    assert believed(settings, sent)[0] == "203.0.113.9"


def test_a_clients_forwarded_is_not_read_beside_the_other(settings):
    """Proxies that write X-Forwarded-For hand on whatever a client put into Forwarded."""
    for listed, client in (("203.0.113.5", "203.0.113.5"), ("unknown", "10.0.0.1")):
        sent = {"x-forwarded-for": listed, "forwarded": "for=192.0.2.66"}
        assert believed(settings, sent, "10.0.0.1", peer="10.0.0.1")[0] == client


@every(
    ("sent", "scheme"),
    [
        ({"x-forwarded-proto": "HTTPS"}, "https"),
        ({"x-forwarded-proto": "http, https"}, "https"),
        ({"x-forwarded-proto": "https, javascript"}, "http"),
        ({"forwarded": "for=203.0.113.5;proto=https"}, "https"),
        ({"forwarded": "proto=https, proto=http"}, "http"),
        ({"forwarded": "proto=https", "x-forwarded-proto": "http"}, "http"),
    ],
)
def test_the_scheme_is_what_the_last_proxy_says(settings, sent, scheme):
    assert believed(settings, sent, "10.0.0.1", peer="10.0.0.1")[1] == scheme
    assert believed(settings, sent)[1] == "http"


@every(
    ("peer", "client"),
    [("::ffff:203.0.113.5", "203.0.113.5"), ("fe80::1%eth0", "fe80::1"), ("unix:", "unix:")],
)
def test_a_peers_own_address_has_one_spelling(settings, peer, client):
    assert believed(settings, {}, peer=peer)[0] == client


def test_headers_of_any_length_take_no_time(settings):
    for part in ("1", ",", '"', "[", "for=1,", "a=b;", '\\"', 'a="', " ", ":"):
        for header in ("x-forwarded-for", "forwarded", "x-forwarded-proto"):
            sent = {header: part * (60_000 // len(part))}
            within(0.1, believed, settings, sent, "10.0.0.1", peer="10.0.0.1")


def test_headers_do_not_reach_the_views(settings):
    sent = {"x-forwarded-for": "a", "forwarded": "b", "x-forwarded-proto": "c"}
    seen = RequestFactory().get("/", headers=sent)
    trusted_proxies(lambda request: request)(seen)
    assert not [name for name in seen.META if "FORWARDED" in name]
