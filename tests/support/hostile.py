"""Hostile input: texts, numbers and requests made to break the comment form."""

import json
from urllib.parse import quote_from_bytes

BOUNDARY = "postil"
FORM = "application/x-www-form-urlencoded"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
FIELDS = ("body", "name", "email", "url", "subject", "remember", "parent", "token")

# By kind. Each goes into each field in turn.
TEXTS = {
    "nulls": ["\0", "a\0b", "\0" * 1000 + "x"],
    "lone surrogates": ["\ud800", "a\udfffb", "\udc00\ud800 x"],
    "overrides": ["\u202elive", "\u2066" * 50 + "x", "a\u200f\u202e\u2069b", "\u202e</article>"],
    "controls": ["".join(map(chr, range(1, 32))) + "x", "\x1b[31mred\x7f", "a\x85b\u2028c\u2029d"],
    "not characters": ["x\ufffe\uffff\U0010ffff", "\ufeff" * 100 + "x", "\ue000\uf8ff"],
    "heaps of marks": ["a" + "\u0301" * 50, "a" + "\u0301\u0316" * 150_000, "\u0489" * 3000 + "a"],
    "unseen": ["\u200b\u200d\u2060", "x" + "\ufe0f" * 3000, "\u3164\u115f\u00ad", "\u2800"],
    "long": ["x" * 1_000_000, "x\n" * 300_000, "é" * 5001, "😀" * 100_000],
    "links": [
        "http://a.example/ " * 10_000,
        "[a](http://b.example) " * 10_000,
        "<http://a.example>" * 200,
        "http://" * 600,
    ],
    "deep quotes": [">" * 4990 + "x", "> " * 2000, "> " * 20 + "x", "> > \n" * 900],
    "deep lists": ["\n".join("    " * n + "- x" for n in range(30)), "- " * 2000, "1. " * 1500],
    "deep emphasis": ["*" * 4999 + "x", "**_" * 1500, "_" * 4999, "~~*" * 1500 + "x"],
    "deep brackets": ["[" * 4999, "![" * 2000, "[a](" * 1200, "(" * 4999, "[" * 2000 + "]" * 2000],
    "code": ["```\n", "`" * 4999, "~~~~\n</code></pre></article>", "    </pre></article>"],
    "ends": [
        "</p></div></article></section></main></body></html>",
        "</textarea></form><h1>Mine</h1>",
        "</title></style><script>alert(1)</script>",
        "\"'><article id=comments><h1>",
    ],
    "beginnings": [
        "<!-- ",
        "<![CDATA[ ",
        "<plaintext>",
        "<textarea><title><style>",
        "<table><tr><td><select><option>",
        "<svg><desc><math><mi>",
        "<template><noscript><frameset>",
        "<form id=form><section><header>",
    ],
    "scripts": ["<script>x</script>", "<img src=x onerror=x>", "[x](javascript:x)", "![](data:,x)"],
    "entities": ["&lt;/article&gt;", "&#0;&#xd800;&#x202e;", "&amp;" * 900, "&", "&#60;h1>"],
    "names": ['<p id="form" name=token>', "x {#comments}", "# x {: #content }", "[x]: #form"],
    "templates": ["{{ request }}{% debug %}", "{% endblock %}{# x", "%(over)s %s %d {0} ${x}"],
    "queries": ["'; DROP TABLE comments_comment; --", '" OR ""="', "\\", "%", "*:*"],
    "headers": ["a\r\nSet-Cookie: x=1\r\n\r\n<html>", "\r\r\n\n", "x\r\n.\r\nMAIL FROM:"],
    "numbers": ["1e309", "NaN", "-0", "9" * 5000, "٣", "0x10", "1_0", "1.0", " 1 ", "²"],
    "addresses": [
        "http://[::1",
        "http://" + "a." * 900 + "com",
        "https://x:y@host:99999/",
        "http://\u202egro.elpmaxe",
        "//a.example",
        "http://a.example/" + "%" * 1900,
        "a" * 250 + "@example.org",
        "x@[127.0.0.1]",
        "a@b@c.example",
    ],
    "marks": [":)", "…", "-", "***", "---", "\\*", "<", ">", "|a|\n|-|\n|b|"],
}


def encode(text):
    """Return the bytes of a text; a lone surrogate in the form UTF-8 forbids."""
    return text.encode("utf-8", "surrogatepass")


def urlencoded(pairs):
    """Return a form's bytes; values are text, or bytes that stand as they are."""
    parts = []
    for name, value in pairs:
        raw = value if isinstance(value, bytes) else quote_from_bytes(encode(value)).encode()
        parts.append(encode(name) + b"=" + raw)
    return b"&".join(parts)


def multipart(pairs, end=f"--{BOUNDARY}--\r\n", kind=""):
    """Return a form's bytes; `kind` is added to the head of each part."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{kind}\r\n\r\n'.encode()
        + (value if isinstance(value, bytes) else encode(value))
        + b"\r\n"
        for name, value in pairs
    ]
    return b"".join(parts) + end.encode()


def texts():
    """Yield a name, and the one field that is changed with its text."""
    for kind, variants in TEXTS.items():
        for number, text in enumerate(variants):
            for field in FIELDS:
                yield f"{kind} {number} in {field}", {field: text}


def requests(innocent, others):
    """Yield a name, a content type and the bytes of each request that is broken in its form.

    `innocent` is a form that is fine, as pairs; `others` are numbers of comments that cannot be
    answered, by what they are.
    """
    plain = dict(innocent)
    whole = multipart(innocent)

    parents = ["", "-1", "0", "1", str(2**31), str(2**63 - 1), str(2**63), str(2**64), "9" * 400]
    parents += ["1,2", "[1]", '{"id": 1}', "1 OR 1=1", "None", "true", "1\0", "\ud8001"]
    for parent in parents:
        yield f"parent {parent[:9]!a}", FORM, urlencoded([*innocent, ("parent", parent)])
    for what, number in others.items():
        for parent in (str(number), f" {number}", f"{number}.0", f"+{number}"):
            yield f"parent {what} {parent}", FORM, urlencoded([*innocent, ("parent", parent)])
        both = [*innocent, ("parent", "1"), ("parent", str(number))]
        yield f"parent {what} twice", MULTIPART, multipart(both)
        yield f"parent {what} as list", FORM, urlencoded([*innocent, ("parent[]", str(number))])

    for name in plain:
        left = [pair for pair in innocent if pair[0] != name]
        for kind, form in ((FORM, urlencoded), (MULTIPART, multipart)):
            yield f"{kind} without {name}", kind, form(left)
            yield f"{kind} {name} twice", kind, form([*innocent, (name, "other")])
            yield f"{kind} {name} first empty", kind, form([(name, ""), *innocent])
            yield f"{kind} {name} last empty", kind, form([*innocent, (name, "")])
            yield f"{kind} {name} as list", kind, form([*left, (f"{name}[]", plain[name])])
            yield f"{kind} {name} in capitals", kind, form([*left, (name.upper(), plain[name])])
        for file in ('; filename="x.txt"', '; filename=""', "; filename*=UTF-8''%ff", "; filename"):
            head = f"{file}\r\nContent-Type: text/html"
            upload = multipart([(name, "<h1>file</h1>")], kind=head)
            yield f"{name} as a file{file}", MULTIPART, multipart(left, end="") + upload
    yield "nothing", FORM, b""
    yield "nothing in parts", MULTIPART, b""
    yield "every field empty", FORM, urlencoded([(name, "") for name in FIELDS])
    for count in (900, 1001, 20_000):
        many = [*innocent, *((f"x{number}", "") for number in range(count))]
        yield f"{count} fields", FORM, urlencoded(many)
        yield f"{count} parts", MULTIPART, multipart(many)
    yield "3 MB", FORM, urlencoded([*innocent, ("body", "x" * 3_000_000)])
    yield "3 MB in parts", MULTIPART, multipart([*innocent, ("body", "x" * 3_000_000)])

    broken = [b"%", b"%4", b"%zz", b"%u0041", b"%00", b"a%0", b"%ff%fe", b"%c0%af", b"%e0%80%af"]
    broken += [b"%ed%a0%80", b"%f8%88%80%80%80", b"%f4%90%80%80", b"\xff\xfe", b"\xc0\xaf", b"\0"]
    for value in broken:
        for name in ("body", "name", "parent", "token"):
            left = [pair for pair in innocent if pair[0] != name]
            yield f"{name}={value!r}", FORM, urlencoded([*left, (name, value)])
            yield f"{name}={value!r} in a part", MULTIPART, multipart([*left, (name, value)])

    as_json = json.dumps(plain).encode()
    kinds = [
        "",
        "text/plain",
        "application/json",
        "text/xml",
        "multipart/mixed",
        "*/*",
        ";",
        "\xff",
    ]
    kinds += [FORM.upper(), f"{FORM};", "multipart/form-data", "multipart/form-data; boundary="]
    kinds += ["multipart/form-data; boundary=other", f"multipart/form-data; boundary={'x' * 300}"]
    kinds += ['multipart/form-data; boundary="pos', "multipart/form-data; boundary=p\xf6stil"]
    for kind in kinds:
        for what, body in (("form", urlencoded(innocent)), ("parts", whole), ("JSON", as_json)):
            yield f"{what} as {kind[:50]!a}", kind, body
    charsets = "hex base64 rot13 zlib undefined idna punycode utf-7 utf-16 utf-32 unicode_escape "
    charsets += "raw_unicode_escape latin-1 utf-8-sig cp037 none x"
    twisted = [*innocent, ("body", "+2AA- \\ud800"), ("name", "+2AA-\\ud800"), ("token", "+2AA-")]
    for charset in charsets.split():
        yield f"form in {charset}", f"{FORM}; charset={charset}", urlencoded(innocent)
        yield f"parts in {charset}", f"{MULTIPART}; charset={charset}", whole
        yield f"twisted in {charset}", f"{MULTIPART}; charset={charset}", multipart(twisted)

    for size in range(0, len(whole), 61):
        yield f"parts cut at {size}", MULTIPART, whole[:size]
    for end in (
        "",
        "--postil",
        "--postil-",
        "--postil--",
        "--postil\r\n",
        "--post\r\n",
        "\r\n" * 9,
    ):
        yield f"parts ending in {end!r}", MULTIPART, multipart(innocent, end=end)
    heads = ["; name=parent", "\r\nContent-Transfer-Encoding: base64", "\r\nContent-Length: -1"]
    heads += ["\r\nContent-Type: text/plain; charset=hex", "\r\nX: " + "x" * 9000, "\r\n\r\n", "\0"]
    heads += ["\r\nContent-Disposition: attachment", "; filename*=hex''00", "\n", '"; x="']
    heads += ["\r\nContent-Transfer-Encoding: quoted-printable", "\r\n: x", "; " * 2000]
    for head in heads:
        yield f"parts with {head[:40]!r}", MULTIPART, multipart(innocent, kind=head)
