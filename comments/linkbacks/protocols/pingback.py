"""Pingback 1.0: reads and writes calls, answers and faults, and finds a page's pingback server.

It follows Pingback 1.0 (http://www.hixie.ch/specs/pingback/pingback) and the XML-RPC specification
(http://xmlrpc.com/spec.md). `pingback.ping` is the only method: `system.multicall`, which bundles
calls, made other blogs fetch fifty pages for one request.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from blog.markup import one_line
from comments.linkbacks.protocols import xmlrpc
from comments.linkbacks.protocols.pages import Headers
from comments.text.permalinks import MAX_LENGTH, normalise_address, same_address, shortened

CONTENT_TYPE = "text/xml; charset=utf-8"

# Pingback 1.0, section 3, "fault codes".
GENERIC = 0
NO_SOURCE = 16
NO_LINK = 17
NO_TARGET = 32
NOT_A_TARGET = 33
ALREADY_REGISTERED = 48
ACCESS_DENIED = 49
UPSTREAM = 50
# "Specification for Fault Code Interoperability" of the XML-RPC developers.
NOT_WELL_FORMED = -32700
NOT_A_CALL = -32600
NO_SUCH_METHOD = -32601
WRONG_PARAMETERS = -32602

SENTENCES: Mapping[int, str | Promise] = {
    GENERIC: _("The pingback was not taken."),
    NO_SOURCE: _("The source page does not exist."),
    NO_LINK: _("The source page has no link to the target page."),
    NO_TARGET: _("The target page does not exist."),
    NOT_A_TARGET: _("The target page takes no pingbacks."),
    ALREADY_REGISTERED: _("This pingback was registered before."),
    ACCESS_DENIED: _("You may not send pingbacks here now."),
    UPSTREAM: _("The source page could not be read."),
    NOT_WELL_FORMED: _("The request is not well-formed XML of a fitting size."),
    NOT_A_CALL: _("The request is not an XML-RPC call."),
    NO_SUCH_METHOD: _("The only method here is pingback.ping."),
    WRONG_PARAMETERS: _("pingback.ping takes two texts: the source and the target address."),
}

# Characters of a sentence that is sent, or that another server answered.
MAX_SENTENCE = 200

# Pingback 1.0, 2.3 prescribes this expression and these four entities.
_LINK = re.compile(r'<link rel="pingback" href="([^"]+)" ?/?>')
_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"'}


class Fault(Exception):
    """An XML-RPC fault: its code, and a sentence for people."""

    def __init__(self, code: int, sentence: str | Promise = "") -> None:
        super().__init__(code, sentence)
        self.code = code
        self.sentence = sentence or SENTENCES.get(code, SENTENCES[GENERIC])

    def __str__(self) -> str:
        return str(self.sentence)


class PingbackCall(NamedTuple):
    """The parameters of `pingback.ping`: the page `source` links to the page `target`."""

    source: str
    target: str


def parse_call(body: bytes, content_type: str) -> PingbackCall:
    """Return the addresses of a `pingback.ping` call, both http or https.

    `content_type` is the request's header. Raises Fault: NOT_WELL_FORMED, NOT_A_CALL (also for
    another type), NO_SUCH_METHOD, WRONG_PARAMETERS; NO_SOURCE or NOT_A_TARGET if that is not a web
    address; GENERIC if both are the same page.
    """
    if xmlrpc.media_type(content_type) not in xmlrpc.TYPES:
        raise Fault(NOT_A_CALL, _("Send the call as text/xml."))
    root = _parse(body, content_type)
    method = root.find("methodName")
    if root.tag != "methodCall" or method is None:
        raise Fault(NOT_A_CALL)
    if method.text.strip() != "pingback.ping":
        raise Fault(NO_SUCH_METHOD)
    params = root.find("params")
    if params is None or [param.tag for param in params.children] != ["param", "param"]:
        raise Fault(WRONG_PARAMETERS)
    call = PingbackCall(*(shortened(_string_of(param).strip()) for param in params.children))
    if max(map(len, call)) > MAX_LENGTH:
        raise Fault(WRONG_PARAMETERS, _("An address is longer than 2,000 characters."))
    if normalise_address(call.source) is None:
        raise Fault(NO_SOURCE, _("The source is not a web address (http or https)."))
    if normalise_address(call.target) is None:
        raise Fault(NOT_A_TARGET, _("The target is not a web address (http or https)."))
    if same_address(*call):
        raise Fault(GENERIC, _("The source and the target are the same page."))
    return call


def render_call(source: str, target: str) -> bytes:
    """Return the body of a `pingback.ping` call, to be sent as CONTENT_TYPE."""
    params = "".join(map(_param, (source, target)))
    return _document(
        f"<methodCall><methodName>pingback.ping</methodName><params>{params}</params></methodCall>"
    )


def render_success(sentence: str) -> bytes:
    """Return the answer to a ping that was accepted: one string (Pingback 1.0, 3)."""
    return _document(
        f"<methodResponse><params>{_param(_short(sentence))}</params></methodResponse>"
    )


def render_fault(fault: Fault) -> bytes:
    """Return the answer to a ping that was refused, in the active language."""
    return _document(
        "<methodResponse><fault><value><struct>"
        f"<member><name>faultCode</name><value><int>{fault.code}</int></value></member>"
        "<member><name>faultString</name>"
        f"<value><string>{xmlrpc.text(_short(str(fault)))}</string></value></member>"
        "</struct></value></fault></methodResponse>"
    )


def parse_answer(body: bytes, content_type: str = "") -> str:
    """Return the sentence in a server's answer, cut to MAX_SENTENCE; often empty.

    Raises Fault with the server's code and sentence, or UPSTREAM if the answer is not XML-RPC,
    because another try may succeed.
    """
    try:
        root = xmlrpc.parse(body, content_type)
    except xmlrpc.NotXML:
        raise Fault(UPSTREAM, _("The answer is not XML-RPC.")) from None
    struct, param = root.find("fault", "value", "struct"), root.find("params", "param")
    if root.tag != "methodResponse" or (struct is None and param is None):
        raise Fault(UPSTREAM, _("The answer is not XML-RPC."))
    if struct is not None:
        raise _fault_in(struct)
    # The specification asks for a string, but an answer with another value is a success too.
    value = param and param.find("value")
    return _short((value and _text_of(value)) or "")


def endpoint_from(headers: Headers, html: str) -> str | None:
    """Return the pingback server of a page, or None (Pingback 1.0, 2.3).

    The X-Pingback header comes before the element, and the first of several counts. `html` is the
    page's text, "" if it is not HTML. Only absolute http and https addresses are returned.
    """
    for value in headers.all("X-Pingback"):
        first = value.strip().partition(", ")[0]  # some libraries join several headers to one
        if first:
            return first if normalise_address(first) else None
    found = _LINK.search(html)
    if found is None:
        return None
    address = re.sub("&(?:amp|lt|gt|quot);", lambda entity: _ENTITIES[entity[0]], found[1])
    return address if normalise_address(address) else None


def _parse(body: bytes, content_type: str) -> xmlrpc.Element:
    try:
        return xmlrpc.parse(body, content_type)
    except xmlrpc.NotXML:
        raise Fault(NOT_WELL_FORMED) from None


def _string_of(param: xmlrpc.Element) -> str:
    text = _text_of(param.children[0]) if [c.tag for c in param.children] == ["value"] else None
    if text is None:
        raise Fault(WRONG_PARAMETERS)
    return text


def _text_of(value: xmlrpc.Element) -> str | None:
    """Return the text of a value, None if it is not a string; a value without a type is one."""
    if not value.children:
        return value.text
    [first, *others] = value.children
    if others or first.tag != "string" or first.children or value.text.strip():
        return None
    return first.text


def _fault_in(struct: xmlrpc.Element) -> Fault:
    members: dict[str, str] = {}
    for member in struct.children:
        name, value = member.find("name"), member.find("value")
        if name is not None and value is not None:
            inner = value.children[0] if value.children else value
            members[name.text.strip()] = inner.text.strip()
    code = re.fullmatch(r"[+-]?[0-9]{1,10}", members.get("faultCode", ""))
    return Fault(int(code[0]) if code else GENERIC, _short(members.get("faultString", "")))


def _short(sentence: str) -> str:
    return one_line(sentence)[:MAX_SENTENCE]


def _param(words: str) -> str:
    return f"<param><value><string>{xmlrpc.text(words)}</string></value></param>"


def _document(root: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{root}\n'.encode()
