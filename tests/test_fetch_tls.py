"""The certificate is checked for the host name, although a fixed address is connected to."""

import ssl

import pytest
import trustme
from peers import (
    HERE,
    PATIENCE,
    Peer,
    fields,
    moved,
    page,
)

from blog.net import fetch as door
from blog.net.fetch import FetchError, fetch


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def secure(authority, tmp_path, monkeypatch):
    """Make a server's context with a certificate for a name, by an authority that is trusted."""
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    door._tls.cache_clear()

    def secure(*names, by=authority, **options):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        by.issue_cert(*names, **options).configure_cert(context)
        return context

    yield secure
    door._tls.cache_clear()


def over_tls(peer, host="blog.example", **options):
    return fetch(
        peer.url("/a", scheme="https", host=host),
        allowed=[f"{host}:{peer.port}"],
        resolve=lambda name: [HERE],
        deadline=PATIENCE,
        **options,
    )


def test_fetch_pinned_tls_is_verified_for_the_host_name(secure):
    with Peer(page(), tls=secure("blog.example")) as peer:
        assert over_tls(peer).body == b"<p>Here."
    assert fields(peer.requests[0])[1]["host"] == f"blog.example:{peer.port}"


def test_host_name_is_sent_to_the_server(secure):
    context, names = secure("blog.example"), []
    context.sni_callback = lambda connection, name, context: names.append(name)
    with Peer(page(), tls=context) as peer:
        over_tls(peer)
    assert names == ["blog.example"]


def test_certificate_for_an_ip_address_is_accepted(secure):
    with Peer(page(), tls=secure(HERE)) as peer:
        assert over_tls(peer, host=HERE).status == 200


def test_fetch_pinned_a_certificate_for_another_name_is_refused(secure):
    for names in (["other.example"], [HERE], ["*.blog.example"]):
        with Peer(page(), tls=secure(*names)) as peer:
            with pytest.raises(FetchError) as caught:
                over_tls(peer)
            assert (caught.value.kind, peer.requests) == ("protocol", [])


def test_fetch_pinned_a_certificate_by_a_stranger_is_refused(secure):
    with Peer(page(), tls=secure("blog.example", by=trustme.CA())) as peer:
        with pytest.raises(FetchError) as caught:
            over_tls(peer)
        assert (caught.value.kind, peer.requests) == ("protocol", [])


def test_a_server_that_speaks_no_tls_is_refused():
    with Peer(page()) as peer, pytest.raises(FetchError) as caught:
        over_tls(peer)
    assert caught.value.kind == "protocol"


def test_from_https_to_http_is_followed_and_said(secure):
    with Peer(page()) as plain, Peer(moved(plain.url()), tls=secure("blog.example")) as peer:
        response = fetch(
            peer.url(scheme="https", host="blog.example"),
            allowed=["127.0.0.0/8:" + str(plain.port), f"blog.example:{peer.port}"],
            resolve=lambda name: [HERE],
        )
    assert response.url == plain.url()
