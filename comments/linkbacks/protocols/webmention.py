"""Webmention: reads the form that is sent to a receiver, and finds a page's endpoint.

It follows the W3C Recommendation of 12 January 2017 (https://www.w3.org/TR/webmention/), which the
section numbers in docstrings refer to. Link headers are read as RFC 8288 says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from django.utils.translation import gettext as _

from comments.linkbacks.protocols.pages import Headers, read_page
from comments.text.permalinks import MAX_LENGTH, normalise_address, resolve, same_address, shortened

_REL = "webmention"

# RFC 8288, section 3: one link of a Link header is a target and parameters. In a quoted value a
# backslash escapes the next character (RFC 9110 5.6.4).
_TARGET = re.compile(r"[\s,]*+<([^>]*+)>")
_PARAMETER = re.compile(
    r"""\s*+;[\s;]*+([^\s=;,"<>]++)\s*+(?:=\s*+(?:"((?:[^"\\]|\\.)*+)"|([^\s;,"]*+)))?+""",
    re.DOTALL,
)


class FormError(ValueError):
    """A webmention request that is refused with status 400; its text says why."""


class Pair(NamedTuple):
    """The two fields of a webmention: the page `source` mentions the page `target`."""

    source: str
    target: str


class Form(Protocol):
    """The fields of a form, such as Django's QueryDict; a name can occur several times."""

    def getlist(self, key: str) -> list[str]:
        """Return every value of that name."""


def parse_form(post: Form) -> Pair:
    """Return the two addresses of a webmention request (3.2, 3.2.1), both http or https.

    They are returned as sent, without surrounding spaces; with their fragments, unless these make
    them too long. Raises FormError.
    """
    pair = Pair(
        _address(
            post.getlist("source"),
            missing=_("The source is missing: the address of the page that mentions."),
            several=_("There is more than one source. Send one request for each."),
            too_long=_("The source address is longer than 2,000 characters."),
            no_address=_("The source is not a web address (http or https)."),
        ),
        _address(
            post.getlist("target"),
            missing=_("The target is missing: the address of the page that is mentioned."),
            several=_("There is more than one target. Send one request for each."),
            too_long=_("The target address is longer than 2,000 characters."),
            no_address=_("The target is not a web address (http or https)."),
        ),
    )
    if same_address(*pair):
        raise FormError(_("The source and the target are the same page."))
    return pair


def endpoint_from(headers: Headers, html: str, url: str) -> str | None:
    """Return the webmention endpoint of a page, or None (3.1.2).

    `url` is the page's address after redirects; `html` its text, "" if it is not HTML. Link
    headers come first, then the first `<link>` or `<a>` with that rel and an href; an empty href
    means the page itself. If the first one is not an http or https address, the page has no
    endpoint. It may be in `<noscript>`, which programs without scripts read like the rest of the
    page (HTML standard 4.12.2).
    """
    for value in headers.all("Link"):
        for target, parameters in _links(value):
            if _REL in parameters.get("rel", "").lower().split() and _is_about(url, parameters):
                return resolve(url, target)
    page = read_page(html, url)
    for node in page.nodes:
        if node.tag in ("link", "a") and _REL in node.tokens("rel") and "href" in node.attributes:
            return page.resolve(node.attributes["href"])
    return None


def _address(
    values: list[str], *, missing: str, several: str, too_long: str, no_address: str
) -> str:
    if not any(value.strip() for value in values):
        raise FormError(missing)
    if len(values) > 1:
        raise FormError(several)
    address = shortened(values[0].strip())
    if len(address) > MAX_LENGTH:
        raise FormError(too_long)
    if normalise_address(address) is None:
        raise FormError(no_address)
    return address


def _links(value: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the target and the parameters of each link of a Link header (RFC 8288 B.2).

    Text that cannot be read is skipped up to the next comma. Of equal parameters the first counts.
    """
    place = 0
    # Every target needs a ">". Stopping after the last one keeps the time linear: otherwise the
    # rest of the header would be searched again from every comma.
    while value.find(">", place) >= 0:
        link = _TARGET.match(value, place)
        if link is None:
            comma = value.find(",", place)
            if comma < 0:
                return
            place = comma + 1
            continue
        place = link.end()
        parameters: dict[str, str] = {}
        while parameter := _PARAMETER.match(value, place):
            name, quoted, bare = parameter.groups()
            unquoted = re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL) if quoted else bare
            parameters.setdefault(name.lower(), unquoted or "")
            place = parameter.end()
        yield link[1], parameters


def _is_about(url: str, parameters: dict[str, str]) -> bool:
    """Return whether a link is about this page; `anchor` can name another (RFC 8288 3.2)."""
    if "anchor" not in parameters:
        return True
    return same_address(url, resolve(url, parameters["anchor"]) or "")
