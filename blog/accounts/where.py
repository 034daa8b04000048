"""Where passkeys work: at one address, that of SITE_URL, if browsers keep any for it."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

# What browsers read as an IPv4 address ends so, such as 0x7f.1 (WHATWG, "ends in a number").
NUMBER = re.compile(r"(?:\d+|0x[0-9a-f]*)\Z")
DEFAULT_PORTS = {"http": 80, "https": 443}


def host():
    """Return the host that passkeys belong to, as browsers spell it."""
    name = urlsplit(settings.SITE_URL).hostname
    try:
        return name if name.isascii() else name.encode("idna").decode()
    except UnicodeError:
        return name


def origin():
    """Return the only origin that a passkey may be used at, as browsers spell it."""
    parts = urlsplit(settings.SITE_URL)
    is_default = parts.port in (None, DEFAULT_PORTS[parts.scheme])
    return f"{parts.scheme}://{host()}" + ("" if is_default else f":{parts.port}")


def why_none():
    """Return in a sentence why there are no passkeys at this address; "" where there are."""
    name = host()
    if is_address(name):
        return _(
            "Browsers keep passkeys for a name and not for an address such as %(host)s, so they "
            "need a SITE_URL such as https://blog.example.org, or http://localhost:8000 on your "
            "own machine."
        ) % {"host": name}
    is_local = name == "localhost" or name.endswith(".localhost")
    if not (settings.SITE_URL.startswith("https://") or is_local):
        return _(
            "Browsers keep passkeys only for sites that speak https, and SITE_URL is %(url)s."
        ) % {"url": settings.SITE_URL}
    return ""


def is_address(name):
    if NUMBER.match(name.removesuffix(".").rsplit(".", 1)[-1]):
        return True
    try:
        return bool(ip_address(name))
    except ValueError:
        return False
