"""Nothing but public addresses is called, however they are spelled and whatever names say."""

import json
import os
import shutil
import subprocess
import sys
from ipaddress import ip_address
from pathlib import Path

import pytest
from inputs import every
from peers import HERE, Peer, Trap, in_turn, moved, page

from blog.net import addresses
from blog.net import fetch as door
from blog.net.addresses import allows, is_public, look_up
from blog.net.fetch import FetchError, fetch

TRIAL = Path(__file__).parent / "support" / "trial_inner_network.py"

# The first and the last address of each network that is not public unicast.
NOT_PUBLIC = """
    0.0.0.0 0.255.255.255  10.0.0.0 10.255.255.255  100.64.0.0 100.100.100.200 100.127.255.255
    127.0.0.1 127.255.255.254  168.63.129.16  169.254.0.0 169.254.169.254 169.254.255.255
    172.16.0.0 172.31.255.255  192.0.0.0 192.0.0.9 192.0.0.192 192.0.0.255  192.0.2.0 192.0.2.255
    192.88.99.0 192.88.99.255  192.168.0.0 192.168.255.255  198.18.0.0 198.19.255.255
    198.51.100.0 198.51.100.255  203.0.113.0 203.0.113.255  224.0.0.1 239.255.255.255
    240.0.0.0 255.255.255.254 255.255.255.255
    :: ::1 ::7f00:1 ::8.8.8.8  ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:8.8.8.8 ::ffff:0:7f00:1
    64:ff9b::7f00:1 64:ff9b::808:808 64:ff9b:1::a00:1  100::1 100:0:0:1::1
    2001::1 2001:0:7f00:1:: 2001:2::1 2001:4:112::1 2001:10::1 2001:20::1
    2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff  2001:db8::1 2001:db8:ffff::1
    2002:: 2002:7f00:1:: 2002:808:808::1  3fff::1 3fff:fff:ffff::1  4000::1 5f00::1
    fc00::1 fd00:ec2::254 fdff::1  fe80::1 febf::1 fec0::1 feff::1 ff02::1 ff0e::1
""".split()
PUBLIC = """
    1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0
    169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 192.0.1.1 192.167.255.255 192.169.0.0
    198.17.255.255 198.20.0.0 223.255.255.255 168.63.129.15
    2000::1 2001:200::1 2001:4860:4860::8888 2003::1 2606:4700:4700::1111 2a00::1 3ffe:ffff::1
""".split()

# Ways to write 127.0.0.1 that one program or another reads as that.
SPELLINGS = """
    2130706433 017700000001 0x7f000001 0x7F.0.0.1 0177.0.0.1 0177.0.0.01 127.1 127.0.1 0x7f.1
    127.000.000.001 127.0.0.1. 127.0.0.0x1 １２７.０.０.１ 127。0。0。1 ①②⑦.0.0.1 %31%32%37.0.0.1
    127.0.0.1%00 0 0x 00.0.0.0 ::ffff:127.0.0.1 [::127.0.0.1] [::ffff:7f00:1]
    [0:0:0:0:0:ffff:7f00:1] [64:ff9b::7f00:1] [2002:7f00:1::] [::] [::1] [::1%25lo] [::1%lo]
    [fe80::1%25eth0] [v1.x] [] localhost localhost. LOCALHOST ip6-localhost
""".split()

# As libraries have misread them: a host that is not the one connected to, or not a host at all.
TRICKS = """
    http://1.1.1.1@127.0.0.1:{0}/ http://127.0.0.1:{0}@1.1.1.1/ http://1.1.1.1&@127.0.0.1:{0}/
    http://127.0.0.1:{0}#@1.1.1.1/ http://127.0.0.1:{0}\\@1.1.1.1/ http://1.1.1.1\\@127.0.0.1:{0}/
    http://127.0.0.1:{0}\\.example.org/ http://127.0.0.1:{0}?@1.1.1.1/ http://:{0}/ http:///127.0.0.1:{0}/
    http:127.0.0.1:{0}/ http:/127.0.0.1:{0}/ //127.0.0.1:{0}/ 127.0.0.1:{0} http://127.0.0.1:+{0}/
    http://127.0.0.1:{0}:80/ http://127.0.0.1:٨٠/ http://[::1]:{0}/ http://[127.0.0.1]:{0}/
    ftp://127.0.0.1:{0}/ gopher://127.0.0.1:{0}/_x file:///etc/hostname unix:/var/run/docker.sock
    javascript:alert(1) data:text/html,x dict://127.0.0.1:{0}/d ws://127.0.0.1:{0}/
""".split()
TRICKS += [
    "http://127.0.0.1:{0}\r\nHost: x/",
    "http://127.0.0.1\t:{0}/",
    "http:// 127.0.0.1:{0}/",
    "",
]


@pytest.fixture
def trap(monkeypatch):
    """A listening socket on a port that pages may have, so that only its address rules it out."""
    with Trap() as trap:
        monkeypatch.setattr(addresses, "PORTS", {trap.port})
        yield trap


def refusal(url, **options):
    """Return the sentence of a refusal; what is not refused fails the test."""
    with pytest.raises(FetchError) as caught:
        fetch(url, **{"deadline": 1, **options})
    assert caught.value.kind == "refused"
    return str(caught.value)


SENTENCE = "That is not the address of a public page."


@every("address", NOT_PUBLIC)
def test_fetch_refused_before_connecting_unless_public_unicast(address):
    assert not is_public(ip_address(address))


@every("address", PUBLIC)
def test_the_addresses_just_beside_them_are_public(address):
    assert is_public(ip_address(address))


def test_fetch_refused_address_with_a_zone():
    assert not is_public(ip_address("2606:4700::1%eth0"))


@pytest.mark.skipif(
    not (shutil.which("unshare") and shutil.which("ip")), reason="unshare and ip are not installed"
)
def test_fetch_refused_addresses_are_never_called():
    """A network of its own, in which each address of the world leads to one listening socket."""
    probe = subprocess.run(["unshare", "-Urn", "true"], capture_output=True)
    if probe.returncode:
        pytest.skip("networks of one's own are not allowed here")
    environment = os.environ | {"PYTHONPATH": str(TRIAL.parents[2])}
    command = ["unshare", "-Urn", sys.executable, TRIAL, *NOT_PUBLIC, *PUBLIC]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    # A client without the guard reaches almost all: all that belong to a single machine.
    unguarded = [address for address in NOT_PUBLIC if found[address][0]]
    assert len(unguarded) > 60, found
    for address in NOT_PUBLIC:
        assert found[address][1:] == [0, *[f"refused: {SENTENCE}"] * 3], address
    for address in PUBLIC:
        assert found[address] == [1, 3, 200, 200, 200], address


@every("host", SPELLINGS)
def test_fetch_refused_no_spelling_of_loopback_is_called(trap, host):
    literal = f"[{host}]" if host.startswith("::") else host
    assert refusal(f"http://{literal}:{trap.port}/") == SENTENCE
    assert trap.calls == 0


def test_fetch_allowed_usual_spelling_is_called(monkeypatch):
    with Peer(page()) as peer:
        monkeypatch.setattr(addresses, "PORTS", {peer.port})
        assert fetch(peer.url(), allowed=["127.0.0.0/8"]).status == 200


@every("host", ["::1%25lo", "::1%lo", "fe80::1%25eth0", "::1%25"])
def test_fetch_refused_zone_is_refused_even_if_allowed(host):
    assert refusal(f"http://[{host}]/", allowed=["::/0"]) == SENTENCE


@every("host", ["134744072", "8.8.2056", "010.8.8.8", "8.8.8.8.", "８.８.８.８"])
def test_fetch_refused_odd_spelling_of_public_address(host):
    assert refusal(f"http://{host}/") == SENTENCE


@every("url", TRICKS)
def test_fetch_refused_tricks_in_an_address_reach_no_loopback(trap, url):
    assert refusal(url.format(trap.port), resolve=lambda name: [HERE]) == SENTENCE
    assert trap.calls == 0


@every("port", [1, 22, 25, 79, 81, 6379, 8000, 65535])
def test_fetch_refused_ports_other_than_web_ports(port):
    assert refusal(f"http://1.1.1.1:{port}/") == SENTENCE


@every("port", ["0", "65536", "-1", "http", "80x"])
def test_fetch_refused_invalid_port_is_refused(port):
    assert refusal(f"http://1.1.1.1:{port}/") == SENTENCE


@every("port", [80, 443, 8080, 8443])
def test_the_four_ports_of_pages_are_not(port):
    assert port in addresses.PORTS


def test_fetch_refused_user_and_password_in_an_address():
    for url in ("http://me:secret@1.1.1.1/", "http://me@1.1.1.1/", "http://@1.1.1.1/"):
        assert refusal(url) == SENTENCE


def test_fetch_refused_address_over_2000_characters():
    asked = []
    for length in (2000, 2001):
        refusal(
            "http://a.example/".ljust(length, "x"), resolve=lambda name: asked.append(name) or []
        )
    assert asked == ["a.example"]


def test_fetch_refused_what_cannot_be_written_is_refused():
    for url in ("http://1.1.1.1/\ud800", "http://\ud800.example/", "http://a\x00b/"):
        assert refusal(url) == SENTENCE


def test_fetch_refused_name_resolving_to_loopback_is_not_called(trap):
    url = f"http://inner.example:{trap.port}/"
    assert refusal(url, resolve=lambda name: [HERE]) == SENTENCE
    assert trap.calls == 0


def test_fetch_pinned_all_answers_of_the_resolver_must_pass(trap):
    url = f"http://both.example:{trap.port}/"
    for answers in (["1.1.1.1", HERE], [HERE, "1.1.1.1"], ["2606:4700::1", "::1"]):
        assert refusal(url, resolve=lambda name, given=answers: given) == SENTENCE
    assert trap.calls == 0


def test_fetch_pinned_name_is_resolved_only_once():
    """Rebinding: a first answer that passes, and the inner address ever after."""
    with Trap() as trap, Peer(page(b"checked"), "127.0.0.2", trap.port) as peer:
        answers = iter([[peer.host], [HERE], [HERE]])
        response = fetch(
            peer.url(host="rebinding.example"),
            allowed=[peer.place],
            resolve=lambda name: next(answers),
        )
        assert response.body == b"checked"
        assert len(list(answers)) == 2
        assert (peer.calls, trap.calls) == (1, 0)


def test_fetch_pinned_name_is_checked_at_each_redirect():
    with Trap() as trap, Peer(moved("/again"), "127.0.0.2", trap.port) as peer:
        answers = iter([[peer.host], [peer.host], [HERE]])
        assert (
            refusal(
                peer.url(host="rebinding.example"),
                allowed=[peer.place],
                resolve=lambda name: next(answers),
            )
            == SENTENCE
        )
        assert (peer.calls, trap.calls) == (2, 0)


@every("status", [301, 302, 303, 307, 308])
def test_fetch_guards_redirects_to_private_addresses_are_refused(trap, status):
    with Peer(moved(trap.url(), status)) as peer:
        assert refusal(peer.url(), allowed=[peer.place]) == SENTENCE
        assert refusal(peer.url(), allowed=[peer.place], method="POST", data=b"x") == SENTENCE
    assert trap.calls == 0


@every("location", [trick for trick in TRICKS if trick.strip("/") and "\r" not in trick])
def test_fetch_guards_redirects_tricks_reach_no_loopback(trap, location):
    location = location.format(trap.port)
    with Peer(in_turn(moved(location.encode().decode("latin-1")), page())) as peer:
        try:
            end = fetch(peer.url(), allowed=[peer.place], resolve=lambda name: [HERE]).url
        except FetchError as error:
            end = f"{error.kind}: {error}"
        # Some of them are relative, so a page of the same place.
        assert end == f"refused: {SENTENCE}" or end.startswith(peer.url())
    assert trap.calls == 0


def test_fetch_guards_redirects_to_other_schemes():
    for location in ("ftp://1.1.1.1/", "file:///etc/hostname", "gopher://1.1.1.1:70/_x"):
        with Peer(moved(location)) as peer:
            assert refusal(peer.url(), allowed=[peer.place]) == SENTENCE


def test_fetch_refusal_is_the_same_text_for_any_inner_network(trap):
    """Addresses where something listens, where nothing does, and of an unknown name."""
    closed = f"http://127.0.0.2:{trap.port}/"
    said = {refusal(trap.url()), refusal(closed), refusal(f"http://10.0.0.1:{trap.port}/")}
    said |= {refusal("http://name.example/", resolve=lambda name: [])}
    said |= {refusal("http://name.example/", resolve=lambda name: ["10.0.0.1"])}
    assert said == {SENTENCE}


def test_fetch_refusal_is_the_same_time_for_any_inner_network(trap, monkeypatch):
    """Nothing that takes its time is even begun: no socket is made, and one question is asked."""
    asked = []

    def resolve(name):
        asked.append(name)
        return [HERE] if name == "there.example" else ["10.9.9.9"]

    def none(*_):
        raise AssertionError("a socket was made")

    monkeypatch.setattr(door.socket, "socket", none)
    for name in ("there.example", "elsewhere.example"):
        refusal(f"http://{name}:{trap.port}/", resolve=resolve)
    assert asked == ["there.example", "elsewhere.example"]
    refusal(trap.url(), resolve=resolve)
    assert len(asked) == 2


def test_names_are_asked_for_in_lower_case_ascii():
    asked = []
    for host in (
        "Example.ORG",
        "bücher.example",
        "例え.example",
        "Straße.example",
        "under_score.example",
    ):
        refusal(f"http://{host}/", resolve=lambda name: asked.append(name) or [])
    assert asked == [
        "example.org",
        "xn--bcher-kva.example",
        "xn--r8jz45g.example",
        "xn--strae-oqa.example",
        "under_score.example",
    ]


@every(
    "host",
    [
        "a" * 64 + ".example",
        "a." * 130 + "example",
        "-a.example",
        "a..example",
        ".example",
        "a b",
        "a\0b",
        "a,b",
        "a*b",
        "example.org.",
        "exa%6dple.org",
        "a\u202eb.example",
        "xn--\u00e9.1",
    ],
)
def test_fetch_refused_invalid_host_name_is_not_resolved(host):
    asked = []
    assert refusal(f"http://{host}/x", resolve=asked.append) == SENTENCE
    assert not asked


def test_the_system_is_asked_for_a_names_addresses():
    assert set(look_up("localhost")) & {"127.0.0.1", "::1"}


def test_a_name_that_does_not_exist_has_no_addresses():
    assert look_up("nobody.invalid") == []


# --- What an owner allows

ALLOWED = [
    ("10.0.0.0/8", "10.1.2.3", 80, True),
    ("10.0.0.0/8", "11.1.2.3", 80, False),
    ("10.0.0.0/8", "10.1.2.3", 8000, False),
    ("10.0.0.0/8:8000", "10.1.2.3", 8000, True),
    ("10.0.0.0/8:8000", "10.1.2.3", 80, False),
    ("10.1.2.3", "10.1.2.3", 443, True),
    ("10.1.2.3", "10.1.2.4", 443, False),
    ("10.1.2.3:8000", "10.1.2.3", 8000, True),
    ("10.1.2.3/8", "10.9.9.9", 80, True),
    ("fd00::/8", "fd12::1", 80, True),
    ("fd00::1", "fd00::1", 80, True),
    ("[fd00::1]", "fd00::1", 80, True),
    ("[fd00::1]:8000", "fd00::1", 8000, True),
    ("[fd00::1]:8000", "fd00::1", 80, False),
    ("0.0.0.0/0", "fd00::1", 80, False),
    ("127.0.0.0/8", "::ffff:127.0.0.1", 80, False),
    ("10.0.0.0/99", "10.0.0.1", 80, False),
    ("", "10.0.0.1", 80, False),
]  # fmt: skip


@every(("entry", "address", "port", "expected"), ALLOWED)
def test_fetch_allowed_entry_covers_its_network_and_port(entry, address, port, expected):
    assert allows(entry, address, port, ip_address(address)) is expected


@every(
    ("entry", "port", "expected"),
    [
        ("wiki.lan", 80, True),
        ("Wiki.LAN", 80, True),
        ("wiki.lan", 8000, False),
        ("wiki.lan:8000", 8000, True),
        ("lan", 80, False),
        ("other.lan", 80, False),
    ],
)
def test_fetch_allowed_entry_covers_its_own_name(entry, port, expected):
    assert allows(entry, "wiki.lan", port, ip_address("10.0.0.7")) is expected


def test_fetch_allowed_name_is_called_but_not_its_neighbours():
    with Peer(page()) as peer:
        allowed = [f"wiki.lan:{peer.port}"]
        options = {"allowed": allowed, "resolve": lambda name: [HERE]}
        assert fetch(peer.url(host="wiki.lan"), **options).status == 200
        refusal(peer.url(host="other.lan"), **options)
        refusal(peer.url(), **options)
        assert peer.calls == 1


def test_fetch_allowed_hosts_come_from_the_setting(settings):
    with Peer(page()) as peer:
        refusal(peer.url())
        settings.LINKBACK_PRIVATE_HOSTS = [peer.place]
        assert fetch(peer.url()).status == 200
        refusal(peer.url(), allowed=[])
