"""Sends one notice: tells a page elsewhere that one of our essays links to it.

The steps are those of both specifications: fetch the target (Webmention 3.1.2, Pingback 1.0 2.3),
find its webmention endpoint or else its pingback server, and send the notice to that one only. The
target is fetched with GET, because an answer to HEAD can be wrong. Every request goes through
fetch(), so an address that is not public is never called, not even after a redirect.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal, NamedTuple
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from blog.markup import one_line
from blog.net.fetch import REDIRECTS, FetchError, fetch
from blog.net.response import Response
from comments.linkbacks.protocols import pingback, webmention
from comments.linkbacks.protocols.pages import HTML_TYPES
from comments.text.permalinks import resolve

# Seconds for fetching the target, and the same again for its endpoint; redirects are included.
NOTICE_SECONDS = 10.0
ANSWER_BYTES = 64 * 1024  # bytes that are read of an endpoint's answer
_SAID = 200  # characters of an answer that are kept

# sent: the endpoint will verify it later; accepted: it has verified it; refused: the endpoint or
# the page refuses it; none: the page has no endpoint; later: try again.
Verdict = Literal["sent", "accepted", "refused", "none", "later"]
Protocol = Literal["webmention", "pingback"]

# Errors of fetch() after which another try may succeed. The others stay: "refused" means that the
# address is not public.
_PASSING = {"unreachable", "timeout", "protocol"}
# Webmention 3.1.2 says only that an endpoint may redirect. 303 means that the notice was taken and
# where its result is (RFC 9110 15.4.4). After the others the POST is repeated at the new address,
# because a GET would not send the notice.
_MOVED = {301, 302, 307, 308}
_SEEN_TO = 303
# RFC 6585 4. WordPress sends it as a fault code, with HTTP status 200, to a pingback that comes
# within 15 seconds of another one from any sender (wp_check_comment_flood).
_TOO_MANY = 429


class Outcome(NamedTuple):
    """The result of a notice. `status` is the HTTP status, `rest` the seconds to wait."""

    verdict: Verdict
    why: str = ""
    status: int | None = None
    protocol: Protocol | None = None
    endpoint: str = ""
    rest: float = 0.0


def notify(source: str, target: str, by: Protocol | None = None) -> Outcome:
    """Tell `target` that `source` links to it, has changed, or no longer links to it.

    `by` names the only protocol to use: a page keeps the protocol of its first notice. Raises
    nothing.
    """
    try:
        page = fetch(target, deadline=NOTICE_SECONDS)
    except FetchError as error:
        return _unreached(error)
    if page.status >= 400:
        return _turned_down(page, Outcome("refused"))
    # Types other than HTML name their endpoint by header only.
    is_html = page.content_type in HTML_TYPES or not page.content_type
    html = page.text() if is_html else ""
    if by != "pingback" and (found := webmention.endpoint_from(page.headers, html, page.url)):
        return _send_webmention(found, source, target)
    if by != "webmention" and (found := pingback.endpoint_from(page.headers, html)):
        return _send_pingback(found, source, target)
    return Outcome("none", _("The page takes no such notices."), page.status)


def _send_webmention(endpoint: str, source: str, target: str) -> Outcome:
    outcome = Outcome("sent", protocol="webmention", endpoint=endpoint)
    body = urlencode({"source": source, "target": target}).encode()
    try:
        answer = _post(endpoint, body, "application/x-www-form-urlencoded", "*/*")
    except FetchError as error:
        return _unreached(error, outcome)
    if not 200 <= answer.status < 300:
        return _turned_down(answer, outcome)
    # Webmention 3.2: 201 and 202 mean that it will be verified later, 200 that it was verified.
    later = answer.status in (201, 202)
    return outcome._replace(verdict="sent" if later else "accepted", status=answer.status)


def _send_pingback(endpoint: str, source: str, target: str) -> Outcome:
    outcome = Outcome("accepted", protocol="pingback", endpoint=endpoint)
    body = pingback.render_call(source, target)
    try:
        answer = _post(endpoint, body, pingback.CONTENT_TYPE, "text/xml, application/xml")
    except FetchError as error:
        return _unreached(error, outcome)
    if not 200 <= answer.status < 300:
        return _turned_down(answer, outcome)
    outcome = outcome._replace(status=answer.status)
    try:
        pingback.parse_answer(answer.body, answer.headers.get("content-type"))
    except pingback.Fault as fault:
        if fault.code == pingback.ALREADY_REGISTERED:
            return outcome._replace(why=_("It knew already."))
        passing = fault.code in (pingback.UPSTREAM, _TOO_MANY)
        why = _answers(f"{fault.code} {fault}")
        return outcome._replace(verdict="later" if passing else "refused", why=why)
    return outcome


def _post(endpoint: str, body: bytes, content_type: str, accept: str) -> Response:
    """Return an endpoint's answer after its redirects; at most ANSWER_BYTES bytes of it."""
    end = time.monotonic() + NOTICE_SECONDS
    headers = {"content-type": content_type}
    for _step in range(REDIRECTS + 1):
        answer = fetch(
            endpoint,
            method="POST",
            data=body,
            headers=headers,
            accept=accept,
            limit=ANSWER_BYTES,
            deadline=max(0.01, end - time.monotonic()),
            follow=False,
        )
        location = answer.headers.get("location")
        if answer.status == _SEEN_TO and (there := resolve(answer.url, location)):
            left = max(0.01, end - time.monotonic())
            return fetch(there, accept=accept, limit=ANSWER_BYTES, deadline=left)
        if answer.status not in _MOVED or not location:
            return answer
        moved = resolve(answer.url, location)
        if moved is None:
            return answer
        endpoint = moved
    raise FetchError("redirects", _("The page was moved too many times."))


def _unreached(error: FetchError, outcome: Outcome | None = None) -> Outcome:
    outcome = outcome or Outcome("refused")
    verdict: Verdict = "later" if error.kind in _PASSING else "refused"
    return outcome._replace(verdict=verdict, why=str(error))


def _turned_down(answer: Response, outcome: Outcome) -> Outcome:
    """Return what an error answer means: after 429 and 5xx we try again, after others not."""
    passing = answer.status == _TOO_MANY or answer.status >= 500
    said = ""
    # Only these are short enough to show; an HTML page is not.
    if answer.content_type in ("text/plain", "application/json"):
        said = one_line(answer.text())[:_SAID]
    return outcome._replace(
        verdict="later" if passing else "refused",
        why=_answers(f"{answer.status} {said}"),
        status=answer.status,
        rest=_rest(answer) if passing else 0.0,
    )


def _answers(said: str) -> str:
    why: str = _("It answers “%(answer)s”.") % {"answer": said.rstrip(" .")}
    return why


def _rest(answer: Response) -> float:
    """Return the seconds of a Retry-After header (RFC 9110 10.2.3), 0 without one."""
    value = answer.headers.get("retry-after").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return 0.0
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())
