"""How a setting is read from the environment: parsed, or refused with a sentence that names it.

settings.py says which settings there are. A parser here takes a variable's text, and raises one of
the errors that `read` knows where it cannot be used.
"""

import importlib.util
import ipaddress
import re
import zoneinfo
from collections.abc import Callable, Collection
from email.utils import formataddr, parseaddr
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import environ
from django.conf import global_settings
from django.core.exceptions import ImproperlyConfigured

from .whereabouts import to_install

environment = environ.Env()
# The names of the variables that were read and are set.
given: set[str] = set()


def text(name: str, default: str = "") -> str:
    """Return variable `name` as it stands, or `default` where it is unset."""
    said = str(environment.str(name, default=default))
    if name in environment.ENVIRON and said.strip():
        given.add(name)
    return said


def read(name: str, default: Any, parse: Callable[[str], Any], wanted: str) -> Any:
    """Return variable `name` through `parse`, or `default` where it is unset or empty.

    Raises ImproperlyConfigured with a sentence that names the variable, shows what stood there
    and says what is `wanted`.
    """
    given = text(name).strip()
    if not given:
        return default
    try:
        return parse(given)
    except (ValueError, TypeError, KeyError, OSError, ImproperlyConfigured) as error:
        # What stands before an @ may be a password, so such a value is not repeated.
        instead = "" if "@" in given else f", not {given!r}"
        raise ImproperlyConfigured(f"{name} must be {wanted}{instead}.") from error


def between(low: int, high: int) -> Callable[[str], int]:
    """Return a parser for a whole number from `low` to `high`."""

    def parse(text: str) -> int:
        number = int(text)
        if not low <= number <= high:
            raise ValueError(text)
        return number

    return parse


def one_of(*words: str) -> Callable[[str], str]:
    """Return a parser for one of these words; any other raises KeyError."""
    return {word: word for word in words}.__getitem__


def parse_bool(text: str) -> bool:
    """Return what a person means by on or off; anything unclear raises KeyError."""
    words = {"true": True, "on": True, "yes": True, "1": True}
    words |= {"false": False, "off": False, "no": False, "0": False}
    return words[text.lower()]


def parse_site_url(text: str) -> str:
    """Return an http(s) address without its last slash; the site lives at a host's root."""
    parts = urlsplit(text)
    extra = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
    # Asking for the port raises ValueError where it cannot be one.
    if parts.scheme not in ("http", "https") or not parts.hostname or extra or parts.port == 0:
        raise ValueError(text)
    return f"{parts.scheme}://{parts.netloc}"


def parse_http_url(text: str) -> str:
    """Return an address of the web as it stands."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(text)
    return text


def parse_headers(text: str) -> dict[str, str]:
    """Return header fields by name, written `Name: value | Name: value`."""
    pairs = [part.partition(":") for part in text.split("|")]
    if not all(name.strip() and colon and text.isprintable() for name, colon, _ in pairs):
        raise ValueError(text)
    return {name.strip(): value.strip() for name, _, value in pairs}


def parse_path(text: str) -> str:
    """Return one part of an address, without the slashes around it."""
    part = text.strip("/")
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,49}", part):
        raise ValueError(text)
    return part


def base_path_beside(*own: str) -> Callable[[str], str]:
    """Return a parser for the path a site lives below, which begins with none of these parts."""

    def parse(text: str) -> str:
        if text == "/":
            return ""
        parts = text.removeprefix("/").removesuffix("/").split("/")
        # A year would be taken for one of the archive's.
        is_taken = parts[0] in own or parts[0].isdecimal()
        if is_taken or len(text) > 100 or not all(map(_PATH_PART.fullmatch, parts)):
            raise ValueError(text)
        return "/" + "/".join(parts)

    return parse


_PATH_PART = re.compile(r"[A-Za-z0-9~][A-Za-z0-9._~-]*")


def cookie_names_below(path: str) -> str:
    """Return what the names of cookies begin with, another for each path a site may live below."""
    return f"postil_{path[1:].replace('/', '.')}_" if path else "postil_"


def parse_token(text: str) -> str:
    """Return a secret word that a header can hold, not one that is quickly guessed."""
    if not re.fullmatch(r"[A-Za-z0-9._~+/=-]{16,200}", text):
        raise ValueError(text)
    return text


def parse_time_zone(text: str) -> str:
    """Return the name of a time zone that is known here."""
    return zoneinfo.ZoneInfo(text).key


def parse_language(text: str) -> str:
    """Return the code of a language that Django speaks, in lower case."""
    code = text.lower()
    if code not in dict(global_settings.LANGUAGES):
        raise ValueError(text)
    return code


RATE = "a rate such as 5/m, 100/h or 1000/d, or none"


def parse_rate(text: str) -> tuple[int, int] | None:
    """Return how many in how many seconds; None for no limit."""
    if text.lower() == "none":
        return None
    count, _, unit = text.partition("/")
    if int(count) < 1:
        raise ValueError(text)
    return int(count), {"s": 1, "m": 60, "h": 3600, "d": 86400}[unit.strip().lower()]


def split_list(text: str) -> list[str]:
    """Return the parts of a list written with commas; a list of nothing raises ValueError."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts:
        raise ValueError(text)
    return parts


def parse_networks(text: str) -> list[Any]:
    """Return IP networks; a bare address is a network of one."""
    return [ipaddress.ip_network(part, strict=False) for part in split_list(text)]


def mailbox(name: str, address: str) -> str:
    """Return how a sender is written in a header: its name cleaned of control characters."""
    return formataddr((" ".join("".join(c for c in name if c.isprintable()).split()), address))


def parse_mailbox(text: str) -> str:
    """Return an address, with or without a name before it."""
    name, address = parseaddr(text)
    local, _, domain = address.rpartition("@")
    if not (local and domain) or any(c.isspace() or not c.isprintable() for c in address):
        raise ValueError(text)
    return mailbox(name, address)


def url_of(
    parse: Callable[..., dict[str, Any]], schemes: Collection[str]
) -> Callable[[str], dict[str, Any]]:
    """Return a parser that reads a URL by one of django-environ's `*_url_config`."""

    def parsed(text: str) -> dict[str, Any]:
        if urlsplit(text).scheme not in schemes:
            raise ValueError(text)
        return parse(text)

    return parsed


def parse_cache(text: str) -> dict[str, Any]:
    """Return Django's CACHES entry for an address; Valkey is spoken to as Redis is."""
    scheme, mark, rest = text.partition("://")
    names = {"valkey": "redis", "valkeys": "rediss"}
    return dict(environ.Env.cache_url_config(names.get(scheme, scheme) + mark + rest))


def parse_media_storage(text: str) -> dict[str, Any]:
    """Return Django's STORAGES entry for `s3://bucket/folder?endpoint_url=…&region_name=…`.

    Who asks, boto3 reads from AWS_ACCESS_KEY_ID and its companions, as for backups.
    """
    parts = urlsplit(text)
    options = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
    wrong = set(options) - {"endpoint_url", "region_name"}
    if parts.scheme != "s3" or not parts.hostname or wrong or parts.fragment or "@" in text:
        raise ValueError(text)
    if "endpoint_url" in options:
        parse_http_url(options["endpoint_url"])
    place = {"bucket_name": parts.netloc, "location": parts.path.strip("/")}
    return {"BACKEND": "blog.media.bucket.MediaBucket", "OPTIONS": place | options}


def connection_of(database: dict[str, Any], pool: int | None) -> dict[str, Any]:
    """Return how Django connects to a database: entries to add to that of its address.

    `pool` is the number of connections to PostgreSQL that the threads of a process share.
    """
    if database["ENGINE"] == "django.db.backends.sqlite3":
        options: dict[str, Any] = {
            # A writer takes its lock at once and waits for it: nobody meets "database is locked".
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # WAL lets readers go on while someone writes. FULL has the disk keep what is answered
            # for: with NORMAL a disk that fails, or a power cut, takes back the last minutes.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        }
        return {"CONN_MAX_AGE": None, "OPTIONS": options}
    needs("psycopg", "psycopg[binary,pool]", "postgres", "DATABASE_URL")
    # A machine that is gone says nothing; so many seconds or milliseconds later it counts as gone
    # (libpq, 34.1.2). Of a process that hangs, blog/lib/database.py knows.
    options = {
        "connect_timeout": 5,
        "tcp_user_timeout": 15_000,
        "keepalives_idle": 15,
        "keepalives_interval": 5,
        "keepalives_count": 3,
    } | database.get("OPTIONS", {})
    if pool:
        # Seconds a request waits for a free one; the pool keeps them, so a thread must not.
        options["pool"] = {"min_size": 1, "max_size": pool, "timeout": 10}
    age = 0 if pool else None
    return {"CONN_MAX_AGE": age, "CONN_HEALTH_CHECKS": True, "OPTIONS": options}


def needs(module: str, package: str, extra: str, variable: str) -> None:
    """Raise ImproperlyConfigured, with what to do, where a package is not installed."""
    if not importlib.util.find_spec(module):
        raise ImproperlyConfigured(
            f"For {variable} {package} is needed: {to_install(package, extra)}"
        )
