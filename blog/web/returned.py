"""Reads what was sent in a form that failed, so that it can be given back to its sender.

It is read even if Django gave up reading it. Secrets are left out: passwords, one-time codes, and
all tokens except a public one.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote_plus, urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import CsrfViewMiddleware, get_token

# The most characters given back, twice the longest essay, and the most fields, as many as Django
# reads. limits.py limits the bytes of a request.
MOST_CHARACTERS, MOST_FIELDS = 1_000_000, 1_000
# Characters of a field's name; none of our fields has a longer one.
LONGEST_NAME = 200
# Bytes of each character of a name at most, percent-encoded.
LONGEST_ESCAPED = 12
# A part's head in multipart/form-data: its bytes, as many as Django takes, and what is read of it.
HEAD_BYTES = 1024
DISPOSITION = re.compile(rb"(?im)^content-disposition:[^\r\n]*")
FIELD_NAME, FILE_NAME = (
    re.compile(rb"(?i)[; \t]" + name + rb'=("[^"]+"|[^"; \t]+)') for name in (b"name", b"filename")
)
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")

CSRF = "csrfmiddlewaretoken"
SECRET = re.compile(
    r"passw|passphrase|passcode|secret|token|csrf|otp|session|signature|api.?key"
    r"|(^|[-_])(pass|code|key|pin)$"
)
# The comment form's token, which is the same for all readers and only says how old the form is.
PUBLIC = {"token"}
SPACE = re.compile(r"\s")
# Fields that people write into, whatever is in them.
WRITTEN = re.compile(r"(^|[-_])(body|text|title|standfirst|comment|message)$|^reply")


@dataclass
class Returned:
    """`texts` are to be shown and `hidden` fields to be sent along, as pairs of name and value."""

    path: str
    texts: list[tuple[str, str]] = field(default_factory=list)
    hidden: list[tuple[str, str]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    # Whether there was more of it than MOST_CHARACTERS or MOST_FIELDS.
    is_cut: bool = False
    # Whether the same form can be sent again from the page that gives it back.
    can_be_sent: bool = True


def returned(request: HttpRequest, *, send_again: bool = True) -> Returned | None:
    """Return what was sent; None if it was not a form, or nothing was written in it.

    Without `send_again`, or if the form came from another site, held a secret or is cut, it can
    only be copied, so everything typed counts as text.
    """
    if request.method != "POST" or request.content_type not in FORMS:
        return None
    fields, files, is_cut = read(request)
    public = [(name, value) for name, value in fields if not is_secret(name)]
    others = [name for name, _value in fields if is_secret(name) and name != CSRF]
    kept, is_long = within_bounds(public)
    is_cut = is_cut or is_long
    found = Returned("/" + request.get_full_path().lstrip("/"), files=files, is_cut=is_cut)
    found.can_be_sent = send_again and not (is_cut or others or from_another_site(request))
    if others:
        # Beside a password, a short value may be another secret in the wrong field.
        found.texts = [(name, value) for name, value in kept if "\n" in value or is_body(name)]
    elif found.can_be_sent:
        found.texts = [pair for pair in kept if is_text(*pair)]
        found.hidden = [pair for pair in kept if not is_text(*pair)]
        if CSRF in dict(fields) and (token := own_token(request)):
            found.hidden.append((CSRF, token))
    else:
        found.texts = [(name, value) for name, value in kept if is_typed(name, value)]
    return found if found.texts or found.hidden else None


def is_secret(name: str) -> bool:
    return name not in PUBLIC and SECRET.search(name.lower()) is not None


def is_body(name: str) -> bool:
    return WRITTEN.search(name) is not None


def is_text(name: str, value: str) -> bool:
    """Whether a person wrote this, and would want to see it."""
    is_button = name.startswith("_")
    return is_body(name) or (not is_button and SPACE.search(value.strip()) is not None)


def is_typed(name: str, value: str) -> bool:
    """Whether a person may have typed this, if only a word."""
    return bool(value.strip()) and not name.startswith("_") and not name.endswith("_FORMS")


def within_bounds(fields: Iterable[tuple[str, str]]) -> tuple[list[tuple[str, str]], bool]:
    """Return the fields as far as they may be given back, and whether that is not all."""
    kept: list[tuple[str, str]] = []
    left = MOST_CHARACTERS
    for name, value in fields:
        if len(name) + len(value) > left:
            return [*kept, (name[:left], value[: max(0, left - len(name))])], True
        kept.append((name, value))
        left -= len(name) + len(value)
    return kept, False


def own_token(request: HttpRequest) -> str:
    """Return a token for the form where the browser has the cookie it belongs to, else ""."""
    if settings.CSRF_COOKIE_NAME not in request.COOKIES:
        return ""
    if "CSRF_COOKIE" not in request.META:  # the middleware was not reached
        CsrfViewMiddleware(lambda request: None).process_request(request)
    return str(get_token(request))


def from_another_site(request: HttpRequest) -> bool:
    """Whether a browser says that another site's page sent this; no page can forge either header"""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin")
    host = request.META.get("HTTP_HOST") or request.META["SERVER_NAME"]
    return origin is not None and urlsplit(origin).netloc != host


# --- Reading ----------------------------------------------------------------------------------


def read(request: HttpRequest) -> tuple[list[tuple[str, str]], list[str], bool]:
    """Return the fields of a form, in order, the names of its files, and whether there are more.

    Django takes up to a third of a second for a form that is made to take long, so it is not asked
    where it has not read the form yet.
    """
    fields, files = [], []
    if {"_post", "_files"} <= vars(request).keys():
        fields = [(name, value) for name, values in request.POST.lists() for value in values]
        files = [file.name or "" for _name, all_ in request.FILES.lists() for file in all_]
    if not fields and not files:  # too many fields, too large, broken, or not read yet
        body = body_of(request)
        if request.content_type == FORMS[0]:
            fields = list(split_urlencoded(body))
        else:
            fields, files = split_multipart(body, request.content_params.get("boundary", ""))
    known = [(name, value) for name, value in fields if len(name) <= LONGEST_NAME]
    return known[:MOST_FIELDS], files[:MOST_FIELDS], len(known) > MOST_FIELDS


def body_of(request: HttpRequest) -> bytes:
    """Return the bytes of a body that Django gave up reading; none where they are gone."""
    for source in (lambda: request.body, lambda: rewound(request), lambda: request.read()):
        try:
            if body := source():
                return bytes(body)
        except Exception:  # noqa: S112 - whatever kept Django from reading it
            continue
    return b""


def rewound(request: HttpRequest) -> bytes:
    """Return what limits.py put there as a whole; other servers' streams cannot be rewound."""
    stream = request.META["wsgi.input"]
    stream.seek(0)
    return bytes(stream.read())


def split_urlencoded(body: bytes) -> Iterable[tuple[str, str]]:
    """Yield the fields of a body, one more than are given back."""
    for part in body.split(b"&", MOST_FIELDS + 1)[: MOST_FIELDS + 1]:
        name, _equals, value = part.partition(b"=")
        if name and len(name) <= LONGEST_NAME * LONGEST_ESCAPED:
            yield unescaped(name), unescaped(value)


def unescaped(text: bytes) -> str:
    return unquote_plus(text.decode("ascii", "replace"))


def split_multipart(body: bytes, boundary: str) -> tuple[list[tuple[str, str]], list[str]]:
    """Return the fields of a body, one more than are given back, and the names of its files.

    Heads are read as browsers write them: strangers can send thousands, and each is looked at by
    two plain patterns.
    """
    fields, files = [], []
    if not boundary:
        return [], []
    line = b"--" + boundary.encode("ascii", "replace")
    for part in body.split(line, MOST_FIELDS + 2)[1 : MOST_FIELDS + 2]:
        end = part.find(b"\r\n\r\n", 0, HEAD_BYTES)
        head = DISPOSITION.search(part, 0, max(0, end))
        name = head and FIELD_NAME.search(head[0])
        if not (head and name):
            continue
        if file := FILE_NAME.search(head[0]):
            files.append(unquoted(file[1]))
        else:
            value = part[end + 4 :].removesuffix(b"\r\n")
            fields.append((unquoted(name[1]), value.decode("utf-8", "replace")))
    return fields, files


def unquoted(text: bytes) -> str:
    """Return a name as it was before a browser wrote it into a head (HTML standard, 4.10.22.7)."""
    written = text.strip(b'"').decode("utf-8", "replace")
    return written.replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n")
