"""Each section of both specifications, and each line of our own checklist, has a test named so.

A test of a section begins with its number: `p` for Pingback 1.0, `w` for the W3C Recommendation
Webmention, `x` for XML-RPC. What is our own choice begins with its subject: `link`, `fetch`,
`abuse`, `sending`. Left out is what asks nothing of a program: P1, W1, W2, W5.1 and the appendices.

Two recommendations are not followed. W3.1.4 would notify every page an essay links to of each
comment on the essay. W5.2 would follow a target's cache headers, but W3.1.4 asks to discover the
endpoint for each notice; a target is fetched once for each.
"""

import re
from pathlib import Path

from inputs import every

LINES = {
    # Pingback 1.0
    "P2 pages that take pingbacks are valid": "every_page_and_the_admins_are_valid_html",
    "P2.1 HTTP header: absolute, one, on GET and HEAD": "p2_1",
    "P2.2 link element: exactly so, one, as the header": "p2_2",
    "P2.3 autodiscovery algorithm": "p2_3",
    "P3 XML-RPC interface: the call, what a source is, success is one string": (
        "p3_the_call p3_a_hyperlink p3_other_addresses p3_a_success"
    ),
    "P3 fault codes": "p3_faults",
    "P3 fault 0, generic": "p3_fault_0",
    "P3 fault 16, the source does not exist": "p3_fault_16",
    "P3 fault 17, the source has no link": "p3_fault_17",
    "P3 fault 32, the target does not exist; drafts are not given away": "p3_fault_32",
    "P3 fault 33, the target cannot be one": "p3_fault_33",
    "P3 fault 48, registered before": "p3_fault_48",
    "P3 fault 49, access denied": "p3_fault_49",
    "P3 fault 50, trouble upstream": "p3_fault_50",
    "P3 what is echoed is escaped and short": "p3_echoed",
    "P4 conformance of a user agent": "p4",
    "P5 the example": "p5_alice p5_bob",
    "P errata: limits on the size of a source and the rate": "fetch_size fetch_deadline",
    # XML-RPC
    "X values with and without a type, CDATA, references": "x_xml_rpc_strings x_a_fault_code",
    "X encodings": "x_an_encoding p3_a_declared_encoding",
    "X not well-formed": "x_32700",
    "X not a call": "x_32600",
    "X unknown method; nothing is listed or bundled": "x_32601",
    "X wrong parameters, addresses of at most 2,000 characters": "x_32602",
    "X faults are a 200 answer in XML, without a cookie": "x_faults",
    "X not POST": "x_405",
    "X packed bodies": "x_415",
    "X no DTD, no entity, 64 KiB, depth 20": "x_hostile x_limits",
    # Webmention
    "W3.1.1 a source that mentions the target": "w3_1_1",
    "W3.1.2 discovery, by senders and of ours": "w3_1_2 w3_1_2_rocks p2_1_the_headers_of_an_essay",
    "W3.1.3 the sender notifies": "w3_1_3",
    "W3.1.4 updated posts": "w3_1_4",
    "W3.1.5 deleted posts": "w3_1_5",
    "W3.2 receiving, the status page": "w3_2_a_webmention w3_2_its_status_page",
    "W3.2.1 request verification": "w3_2_1",
    "W3.2.2 webmention verification": "w3_2_2",
    "W3.2.3 error responses": "w3_2_3",
    "W3.2.4 updating": "w3_2_4 w3_2_4_rocks_update w3_2_4_rocks_delete",
    "W4.1 preventing abuse": "w4_1 abuse_shown",
    "W4.2 limits on GET requests": "w4_2",
    "W4.3 no notices to loopback": "w4_3",
    "W4.4 cross-site request forgery": "w4_4",
    "W4.5 protected resources": "w4_5",
    # What counts as a link
    "Real elements only": "link_elements",
    "Addresses are compared resolved and normalised, old permalinks followed": "link_compared",
    "Charset: header, meta, UTF-8 with replacement": "link_charset",
    "gzip, deflate, br": "link_coding",
    "Types that are no source": "link_type",
    # The fetch
    "10 s for everything": "fetch_deadline",
    "1 MiB on the wire and decoded, 64 KiB besides, 5 redirects": "fetch_size w4_2",
    "Resets and short bodies end in a clean refusal": "fetch_ends",
    "One fetch a mention, no meta refresh": "fetch_once",
    "No credentials, no cookies, no proxy; the agent says who calls": "fetch_identity",
    "Refused before connecting": "fetch_refused",
    "All answers pass, the checked one is called, again at each redirect": "fetch_pinned",
    "The refusal reads and takes the same": "fetch_refusal_is_the_same",
    "One guard: source, redirects, target, endpoint, what a page names": (
        "fetch_refusal_is_the_same fetch_guards_redirects w4_5 w4_3 fetch_once_nothing_the_page"
    ),
    "The parser meets hostile HTML": "fetch_parser",
    "What an owner allows": "fetch_allowed",
    # Abuse
    "One sender: 10 a minute": "abuse_sender",
    "One source host: 10 a minute": "abuse_host",
    "The whole site: bounded": "abuse_site",
    "Past the limit: 49, or 429 with Retry-After": "abuse_past_the_limit",
    "Forged forwarding headers": "abuse_forged",
    "Readers never wait for a source": "abuse_readers",
    "32 identical pings, and both protocols at once": "abuse_32",
    "5,000 pings from one host": "abuse_5000",
    "Shown only when approved": "w3_2_2_a_page_that_links_here_waits_in_the_queue",
    "Lengths, control characters, escaping": "abuse_shown",
    # Sending
    "Each linked address once, of the rendered essay, not to ourselves": "sending_once",
    "Webmention, else pingback, never both": "sending_by_one_protocol",
    "Redirects 307 and 308 are kept as POST": "sending_redirects w3_1_3_redirects",
    "Retries": "sending_retries",
    "Now, at its time, never for imported essays": "sending_on_time",
}
TESTS = [
    name
    for module in Path(__file__).parent.glob("test_*.py")
    for name in re.findall(r"^ *def test_(\w+)\(", module.read_text(), re.MULTILINE)
]


def begins(name, key):
    return name == key or name.startswith(f"{key}_")


def begins_with_any(name):
    return any(begins(name, key) for keys in LINES.values() for key in keys.split())


@every("line", LINES)
def test_each_section_has_a_test(line):
    for key in LINES[line].split():
        assert any(begins(name, key) for name in TESTS), key


def test_no_test_names_an_unknown_section():
    sections = {"_".join(re.findall(r"[PW]?\d", line.split()[0])).lower() for line in LINES}
    named = {number for name in TESTS for number in re.findall(r"^[pw]\d(?:_\d)*(?=_)", name)}
    assert named <= sections
    assert [name for name in TESTS if name.startswith("x_") and not begins_with_any(name)] == []
