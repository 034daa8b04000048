"""Pingback 1.0 on the wire, section by section: calls, answers and faults."""

import re
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inputs import SIGNS, every
from quick import within

from blog.markup import one_line
from comments.linkbacks.protocols import pingback
from comments.linkbacks.protocols.pingback import Fault, PingbackCall, parse_answer, parse_call
from comments.linkbacks.protocols.xmlrpc import MAX_BYTES, MAX_DEPTH

SOURCE, TARGET = "https://elsewhere.example/on?a=1&b=2", "https://blog.example/margins/"
PING = "<methodName>pingback.ping</methodName>"


def _value(text):
    return f"<param><value><string>{text.replace('&', '&amp;')}</string></value></param>"


BOTH = _value(SOURCE) + _value(TARGET)


def _call(params=BOTH, method=PING, head="", encoding="utf-8"):
    whole = f"{head}<methodCall>{method}<params>{params}</params></methodCall>"
    return whole.encode(encoding)


def _fault(body, content_type="text/xml"):
    with pytest.raises(Fault) as caught:
        parse_call(body, content_type)
    assert str(caught.value)
    return caught.value.code


# Pingback 1.0, section 3: the call


def test_p3_the_call_names_source_then_target():
    assert parse_call(_call(), "text/xml") == PingbackCall(SOURCE, TARGET)


def test_p3_what_this_client_writes_this_server_reads():
    assert parse_call(pingback.render_call(SOURCE, TARGET), "text/xml") == (SOURCE, TARGET)


@every("content_type", ["text/xml; charset=UTF-8", "application/xml", "Text/XML"])
def test_p3_both_types_of_xml_are_taken(content_type):
    assert parse_call(_call(), content_type).source == SOURCE


@every("content_type", ["", "text/plain", "application/json"])
def test_p3_other_types_are_no_call(content_type):
    assert _fault(_call(), content_type) == -32600


@every(
    "params",
    [
        f"<param><value>{SOURCE.replace('&', '&#38;')}</value></param>" + _value(TARGET),
        f"<param><value><![CDATA[{SOURCE}]]></value></param>" + _value(TARGET),
        "\n<param> <value>\n<string>\n"
        + SOURCE.replace("&", "&#x26;")
        + "\n</string> </value> </param>"
        + _value(TARGET),
    ],
)
def test_x_xml_rpc_strings_in_several_spellings(params):
    assert parse_call(_call(params), "text/xml") == (SOURCE, TARGET)


@every(
    "body",
    [
        b"\xef\xbb\xbf" + _call(),
        _call(head='<?xml version="1.0" encoding="UTF-16"?>', encoding="utf-16"),
        _call(encoding="utf-16-be"),
        _call(head='<?xml version="1.0" encoding="iso-8859-1"?>', encoding="latin-1"),
        _call(head="<?xml version='1.0' encoding='Shift_JIS'?>", encoding="cp932"),
    ],
)
def test_p3_a_declared_encoding_is_read(body):
    assert parse_call(body, "text/xml") == (SOURCE, TARGET)


def test_p3_header_encoding_goes_before_the_documents():
    params = _value("https://elsewhere.example/caf\xe9") + _value(TARGET)
    body = _call(params, head='<?xml version="1.0" encoding="UTF-8"?>', encoding="latin-1")
    assert parse_call(body, "text/xml; charset=latin1").source.endswith("/café")


@every("name", ["utf-7", "unicode_escape", "idna", "rot13", "zip", "x", "\x00"])
def test_x_an_encoding_unknown_to_the_web_is_refused(name):
    assert _fault(_call(head=f'<?xml version="1.0" encoding="{name}"?>')) == -32700
    assert _fault(_call(), f"text/xml; charset={name}") in (-32700, -32600)


# XML-RPC's own faults


@every(
    "body", [b"", b"x", b"<methodCall>", _call() + b"<a/>", _call()[:-5], b"\xff" + _call(), b"\0"]
)
def test_x_32700_what_is_not_well_formed(body):
    assert _fault(body) == -32700


@every("body", [b"<a/>", b"<methodCall/>", b"<methodResponse/>"])
def test_x_32600_not_a_call(body):
    assert _fault(body) == -32600


@every(
    "name",
    [
        "system.multicall",
        "system.listMethods",
        "pingback.extensions.getPingbacks",
        "",
        "wp.getPost",
    ],
)
def test_x_32601_any_other_method(name):
    assert _fault(_call(method=f"<methodName>{name}</methodName>")) == -32601


@every(
    "params",
    [
        "",
        _value(SOURCE),
        _value(SOURCE) + _value(TARGET) + _value(TARGET),
        _value(SOURCE) + "<param><value><int>1</int></value></param>",
        _value(SOURCE) + "<param><value><array><data/></array></value></param>",
        _value(SOURCE) + "<param><value>x<string>y</string></value></param>",
        _value(SOURCE) + "<param/>",
        _value(SOURCE) + "<value>x</value>",
        _value(SOURCE) + _value(TARGET + "x" * 2000),
    ],
)
def test_x_32602_other_parameters(params):
    assert _fault(_call(params)) == -32602


# Pingback 1.0, section 3: fault codes


def test_p3_faults_have_the_codes_of_the_specification():
    codes = (
        pingback.GENERIC,
        pingback.NO_SOURCE,
        pingback.NO_LINK,
        pingback.NO_TARGET,
        pingback.NOT_A_TARGET,
        pingback.ALREADY_REGISTERED,
        pingback.ACCESS_DENIED,
        pingback.UPSTREAM,
    )
    assert codes == (0, 16, 17, 32, 33, 48, 49, 50)


@every("source", ["", "elsewhere.example", "ftp://a.example/", "javascript:1", "//"])
def test_p3_fault_16_source_must_be_a_web_address(source):
    assert _fault(_call(_value(source) + _value(TARGET))) == 16


@every("target", ["", "/margins/", "mailto:a@b.example", "http://[::1"])
def test_p3_fault_33_target_must_be_a_web_address(target):
    assert _fault(_call(_value(SOURCE) + _value(target))) == 33


def test_p3_fault_0_a_page_that_links_to_itself():
    assert _fault(_call(_value(TARGET) + _value(TARGET + "#note"))) == 0


@every("code", sorted(pingback.SENTENCES))
def test_p3_faults_have_sentences_and_survive_the_wire(code):
    with pytest.raises(Fault) as caught:
        parse_answer(pingback.render_fault(Fault(code)), pingback.CONTENT_TYPE)
    assert caught.value.code == code
    assert str(caught.value) == str(pingback.SENTENCES[code])


def test_p3_echoed_text_is_escaped_and_short():
    body = pingback.render_fault(Fault(17, "<b>&\x00\x0b\ud800\uffff</b> " + "x" * 5000))
    assert b"&lt;b&gt;&amp;" in body
    assert len(body) < 600


# The client's side


def test_p3_a_success_is_one_string():
    body = pingback.render_success("Thank you: <here>")
    assert body.count(b"<string>") == 1
    assert parse_answer(body) == "Thank you: <here>"


@every("value", ["<value/>", "<value><boolean>1</boolean></value>", "<value><struct/></value>", ""])
def test_p3_a_success_of_another_type_is_a_success(value):
    body = f"<methodResponse><params><param>{value}</param></params></methodResponse>"
    assert parse_answer(body.encode()) == ""


@every("body", [b"", b"<html>busy</html>", b"<methodResponse/>", b"<!DOCTYPE x><methodResponse/>"])
def test_p3_fault_50_invalid_answer_is_worth_a_retry(body):
    with pytest.raises(Fault) as caught:
        parse_answer(body)
    assert caught.value.code == pingback.UPSTREAM


@every(
    ("code", "read"),
    [
        ("<int>48</int>", 48),
        ("<i4> 49 </i4>", 49),
        ("17", 17),
        ("<string>33</string>", 33),
        ("<int>many</int>", 0),
        ("<int>" + "9" * 5000 + "</int>", 0),
        ("", 0),
    ],
)
def test_x_a_fault_code_is_read_in_any_type(code, read):
    member = f"<member><name>faultCode</name><value>{code}</value></member>"
    body = (
        f"<methodResponse><fault><value><struct>{member}</struct></value></fault></methodResponse>"
    )
    with pytest.raises(Fault) as caught:
        parse_answer(body.encode())
    assert caught.value.code == read


# Hostile bodies


BOMB = "".join(
    f'<!ENTITY x{level} "{f"&x{level - 1};" * 10}">' for level in range(1, 10)
)  # a billion, from a thousand characters
HOSTILE = {
    "a harmless document type": _call(head="<!DOCTYPE methodCall>"),
    "entities that multiply": _call(
        _value("A") + _value("B"), head=f'<!DOCTYPE a [<!ENTITY x0 "lol">{BOMB}]>'
    ).replace(b"A", b"&x9;"),
    "one long entity often": _call(
        _value("A" * 9000), head=f'<!DOCTYPE a [<!ENTITY x "{"y" * 20000}">]>'
    ).replace(b"A", b"&x;"),
    "an external entity": _call(
        _value("A"), head='<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    ).replace(b"A", b"&x;"),
    "an external subset": _call(head='<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd">'),
    "a parameter entity": _call(
        head='<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:9/">%x;]>'
    ),
    "an entity nobody declared": _call(_value("A") + _value(TARGET)).replace(b"A", b"&nbsp;"),
    "five million bytes": _call(_value("a" * 5_000_000) + _value(TARGET)),
    "one byte more than allowed": b"<a>" + b"x" * (MAX_BYTES - 6) + b"</a>",
    "ten thousand deep": b"<a>" * 10_000 + b"</a>" * 10_000,
    "nine thousand deep, within the size": b"<a>" * 9000 + b"</a>" * 9000,
    "one deeper than allowed": b"<a>" * (MAX_DEPTH + 1) + b"</a>" * (MAX_DEPTH + 1),
    "many attributes": b"<a "
    + " ".join(f"a{number}=''" for number in range(6000)).encode()
    + b"/>",
    "many instructions": b"<?a?>" * 12_000,
}


@every("name", HOSTILE)
def test_x_hostile_body_is_refused_early(name):
    code = within(0.1, _fault, HOSTILE[name])
    assert code == (-32600 if name == "many attributes" else -32700)


def test_x_hostile_no_body_takes_50_mb_of_memory():
    tracemalloc.start()
    try:
        for body in HOSTILE.values():
            before, _ = tracemalloc.get_traced_memory()
            tracemalloc.reset_peak()
            _fault(body)
            assert tracemalloc.get_traced_memory()[1] - before < 50_000_000
    finally:
        tracemalloc.stop()


def test_x_limits_are_64_kib_and_20_levels():
    assert (MAX_BYTES, MAX_DEPTH) == (64 * 1024, 20)


def test_x_hostile_maximum_depth_is_read():
    assert _fault(b"<a>" * MAX_DEPTH + b"</a>" * MAX_DEPTH) == -32600


def test_x_hostile_body_of_maximum_size_is_read():
    body = _call(head="<!--" + "x" * (MAX_BYTES - len(_call()) - 7) + "-->")
    assert len(body) == MAX_BYTES
    assert parse_call(body, "text/xml").target == TARGET


MARKUP = st.text('<>/&;!?[]"= \nmethodCallparamsvaluestring\x00é\ud800', max_size=200)


@given(
    st.binary(max_size=300) | MARKUP.map(lambda text: text.encode("utf-8", "replace")),
    st.text(SIGNS),
)
def test_x_hostile_no_body_raises_anything_but_a_fault(body, content_type):
    for content in (content_type, "text/xml", f"text/xml; charset={content_type}"):
        try:
            parse_call(body, content)
        except Fault as fault:
            assert fault.code in pingback.SENTENCES  # noqa: PT017  either outcome is right
        try:
            parse_answer(body, content)
        except Fault as fault:
            assert str(fault)  # noqa: PT017


@given(st.text(st.characters(), max_size=300))
def test_p3_any_sentence_survives_the_wire(sentence):
    shown = re.sub("[\x00-\x1f\ufffe\uffff]", "", one_line(sentence)[: pingback.MAX_SENTENCE])
    assert parse_answer(pingback.render_success(sentence)) == one_line(shown)
