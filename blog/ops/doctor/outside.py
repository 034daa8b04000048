"""Checks the site from outside, at SITE_URL, through any proxies in front of it.

The address is the owner's own, often on this machine, so blog/net/fetch.py, which is
for strangers' addresses, would refuse it and is not used.
"""

import http.client
import json
import ssl
import time
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.lib.base_path import home
from blog.lib.listing import listed
from blog.lib.progress import reason
from blog.ops import serving
from blog.ops.health import ALIVE, doctors_word

from . import BROKEN, LOOK, OK, Finding
from .here import clock_finding

# Seconds for each step of a visit, and bytes that are read of an answer.
STEP, ENOUGH = 5, 65_536
# An address for documentation (RFC 5737), sent as if a visitor claimed to come from it.
CLAIMED = "192.0.2.1"
# A certificate with fewer days left was not renewed, which is usually done at thirty.
SOON = 14


class Visit(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    body: bytes
    ends: float | None  # when the certificate does, in seconds since 1970


def visit(scheme: str, host: str, path: str, **headers: str) -> Visit:
    """Ask for a page, following nothing; raises OSError or HTTPException."""
    secure = scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    line = kind(host, timeout=STEP)
    try:
        line.connect()
        ends = None
        if secure:
            given: Any = line.sock.getpeercert()
            ends = float(ssl.cert_time_to_seconds(given["notAfter"]))
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        line.request("GET", path, headers=named)
        answer = line.getresponse()
        return Visit(answer.status, answer.headers, answer.read(ENOUGH), ends)
    finally:
        line.close()


def site():
    """Look at the site by SITE_URL, or where `serve` listens if it took another port than PORT."""
    served = serving.addresses()
    urls = [home()]
    if is_direct(urlsplit(settings.SITE_URL)) and settings.PORT not in dict(map(reversed, served)):
        urls = [served_url(*each) for each in served] or urls
    for url in urls:
        yield from visited(url, served)
        if url != home():
            said = _("The site is served at %(here)s, but its links lead to %(site)s.")
            said %= {"here": url, "site": home()}
            yield Finding("site", LOOK, said, _("Set PORT or SITE_URL, and restart the site."))


def served_url(host, port):
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}{settings.BASE_PATH}"


def visited(url, served):
    """Say what an address answers with."""
    parts = urlsplit(url)
    try:
        answer = visit(
            *(parts.scheme, parts.netloc, parts.path + ALIVE),
            X_Postil_Doctor=doctors_word(),
            X_Forwarded_For=CLAIMED,
        )
    except ssl.SSLCertVerificationError as error:
        said = _("The certificate of %(site)s cannot be trusted: %(why)s.")
        said %= {"site": url, "why": error.verify_message.rstrip(".")}
        yield Finding("site", BROKEN, said, _("Have the proxy renew it, and send its whole chain."))
        return
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        said = _("Nobody answers at %(site)s: %(why)s.")
        said %= {"site": url, "why": reason(error) or type(error).__name__}
        yield Finding("site", BROKEN, said, what_to_start(served))
        return
    yield from what_arrived(url, answer)
    if answer.ends is not None:
        yield certificate(answer.ends)
        if parts.port in (None, 443):
            yield redirect(parts.hostname)
    if date := answer.headers["Date"]:
        try:
            differs = parsedate_to_datetime(date) - timezone.now()
        except (ValueError, TypeError):
            return
        yield clock_finding(_("the web server’s"), differs)


def what_to_start(served):
    """Return what to do where nobody answers."""
    if not served:
        return _(
            "Start the site and the proxy; see that the name leads here, and correct SITE_URL."
        )
    here = listed(served_url(*each) for each in served)
    said = _("The site runs at %s: have the proxy lead there, and see that the name leads here.")
    return said % here


def what_arrived(url, answer):
    """Check how the visit reached the application, which reports that to the doctor only."""
    try:
        seen = json.loads(answer.body)
        scheme, host, peer = seen["scheme"], seen["host"], seen["peer"]
        forwarded, is_proxy = seen["forwarded"], seen["is_proxy"]
    except (ValueError, TypeError, KeyError):
        said = _("At %(site)s something else answers, with %(status)d.")
        said %= {"site": url, "status": answer.status}
        todo = _(
            "See that the name and the proxy lead to this site, hand on the path /healthz and the "
            "header X-Postil-Doctor, and that all its machines have one SECRET_KEY and one clock."
        )
        yield Finding("site", BROKEN, said, todo)
        return
    wrong = list(what_proxies_get_wrong(url, scheme, host, peer, forwarded, is_proxy))
    yield from wrong
    if not wrong:
        said = _("%s leads here, and the site sees scheme, name and address of its readers.")
        yield Finding("site", OK, said % url)


def what_proxies_get_wrong(url, scheme, host, peer, forwarded, is_proxy):
    parts = urlsplit(url)
    wrote = forwarded != CLAIMED
    if wrote and not is_proxy:
        said = _("A proxy at %s stands in front and is not believed: all readers look like one.")
        yield Finding("proxy", BROKEN, said % peer, _("Set TRUSTED_PROXIES=%s") % peer)
    elif scheme != parts.scheme:
        said = _("Readers come by %(one)s, but the site sees %(other)s.")
        said %= {"one": parts.scheme, "other": scheme}
        todo = _("Have the proxy send X-Forwarded-Proto, and name it in TRUSTED_PROXIES.")
        yield Finding("proxy", BROKEN, said, todo)
    if is_proxy and not wrote:
        said = _("From %s the site believes whatever address a visitor claims.") % peer
        todo = _("Have the proxy add to X-Forwarded-For, or keep others from this port.")
        # On this machine it may be this very visit, past the proxy.
        yield Finding("proxy", LOOK if is_direct(parts) else BROKEN, said, todo)
    if host != parts.netloc:
        said = _("Readers ask for %(one)s, but the site hears %(other)s.")
        said %= {"one": parts.netloc, "other": host}
        yield Finding("proxy", BROKEN, said, _("Have the proxy hand on the header Host."))


def is_direct(parts):
    """Whether an address is the server's own port, with no proxy in front."""
    ports = {settings.PORT, *(port for _host, port in serving.addresses())}
    return parts.scheme == "http" and parts.port in ports


def certificate(ends):
    days = int((ends - time.time()) // 86400)
    said = ngettext(
        "Its certificate holds for %(count)s day.",
        "Its certificate holds for %(count)s days.",
        days,
    ) % {"count": days}
    if days >= SOON:
        return Finding("https", OK, said)
    return Finding("https", LOOK, said, _("See why the proxy does not renew it."))


def redirect(host, port=80):
    """Check that http redirects to https."""
    try:
        answer = visit("http", f"{host}:{port}", "/", Host=host)
    except (OSError, http.client.HTTPException) as error:
        said = _("Nobody answers by http, port 80: %s.") % (reason(error) or type(error).__name__)
        todo = _("Have the proxy lead from there to https: people type names without it.")
        return Finding("https", LOOK, said, todo)
    to = answer.headers["Location"] or ""
    if answer.status in (301, 302, 307, 308) and to.startswith(f"https://{host}"):
        return Finding("https", OK, _("http redirects to https."))
    said = _("http does not redirect to https, but answers %(status)s.")
    said %= {"status": answer.status}
    return Finding(
        "https", BROKEN, said, _("Have the proxy lead there, or send X-Forwarded-Proto.")
    )
