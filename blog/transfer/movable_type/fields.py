"""What the fields of Movable Type's form mean: dates, tags, and the patterns of its addresses."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from typing import NamedTuple

from django.utils.translation import gettext as _

from blog.lib.listing import listed
from blog.posts.models import YEARS

from .reading import MovableTypeError

_DATE = re.compile(
    r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?:[ \t,]{1,9}(\d{1,2}):(\d{2})(?::(\d{2}))?"
    r"[ \t]{0,9}([AaPp]\.?[Mm]\.?)?)?"
)
_TAG = re.compile(
    r"""[ \t]{0,9}(?:"([^"]{1,500})"|'([^']{1,500})'(?=[ \t]{0,9}(?:,|\Z))|([^,"]{1,500}))"""
)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?.{0,10})?")


def moment(said: str, zone: tzinfo) -> datetime | None:
    """Return a date by the clock of a zone; it may have 12 or 24 hours. None if it is none."""
    said = said.strip()
    if _ISO.fullmatch(said):
        return _iso(said, zone)
    found = _DATE.fullmatch(said)
    if not found:
        return None
    month, day, year, hour, minute, second = (int(each or 0) for each in found.groups()[:6])
    half = (found[7] or "").lower()[:1]
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        at = datetime(year, month, day, hour, minute, second, tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if at.year in YEARS else None


def _iso(said: str, zone: tzinfo) -> datetime | None:
    try:
        at = datetime.fromisoformat(said)
        at = (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if at.year in YEARS else None


def tags_in(said: str) -> list[str]:
    """Return the tags of a line: parted by commas, those of several words in quotes."""
    found = _TAG.findall(said)
    return [*dict.fromkeys(filter(None, (" ".join("".join(each).split()) for each in found)))]


# --- Addresses ------------------------------------------------------------------------------

# What Movable Type offered for single entries, in the order of its later versions.
USUAL = ("%y/%m/%-f", "%y/%m/%f", "%y/%m/%-b/%i", "archives/%y/%m/%f")
# Names as in the patterns of other programs.
_NAMES = {
    ":year": "%y",
    ":month": "%m",
    ":day": "%d",
    ":basename": "%b",
    ":title": "%b",
    ":categories": "%c",
    ":category": "%c",
}
_SIGN = re.compile(r"%([-_]?)([a-zA-Z])")
_KNOWN = frozenset("ymdhnsjbfxicCI")


class Said(NamedTuple):
    """What an address is made of."""

    basename: str
    category: str
    at: datetime | None  # by the blog's own clock


def checked(pattern: str) -> str:
    """Return a pattern in Movable Type's signs; raises MovableTypeError for one it cannot fill."""
    for name, sign in _NAMES.items():
        pattern = re.sub(rf"{name}(?![a-z_])", sign, pattern)
    unknown = [found[0] for found in _SIGN.finditer(pattern) if found[2] not in _KNOWN]
    if unknown or not re.search(r"%[-_]?[bf]", pattern):
        raise MovableTypeError(
            _(
                "The pattern “%(pattern)s” cannot be filled: an export has no %(sign)s. Use signs"
                " such as %(usual)s."
            )
            % {
                "pattern": pattern[:200],
                "sign": listed(unknown) or _("address without a name (%b or %f)"),
                "usual": listed(USUAL),
            }
        )
    return pattern


def filled(pattern: str, said: Said) -> str:
    """Return the address that a pattern gives; "" where an entry lacks what it asks for."""
    missing = False

    def value(found: re.Match[str]) -> str:
        nonlocal missing
        made = _value(found[2], said)
        missing = missing or made is None
        made = made or ""
        return made.replace("_", "-") if found[1] == "-" else made

    address = _SIGN.sub(value, pattern)
    return "" if missing else "/" + re.sub("/{2,}", "/", address).lstrip("/")


def _value(sign: str, said: Said) -> str | None:
    """Return what a sign stands for; None where it is not known."""
    if sign in "ymdhnsj":
        form = {"y": "%Y", "n": "%M", "h": "%H", "s": "%S"}.get(sign, f"%{sign}")
        return said.at.strftime(form) if said.at else None
    if sign in "bf":
        name = said.basename
        return (name + (".html" if sign == "f" else "")) if name else None
    if sign in "cC":
        return dirified(said.category) or None
    return {"x": ".html", "i": "index.html", "I": "index"}[sign]


def dirified(name: str) -> str:
    """Return a name as Movable Type writes it in addresses."""
    return re.sub(r"\s+", "_", re.sub(r"[^\w\s/-]", "", name.lower()).strip())
