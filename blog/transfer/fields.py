"""Reading the fields of other systems' exports: times, names, addresses. Odd ones become none."""

from __future__ import annotations

import ipaddress
import re
from datetime import UTC, datetime, tzinfo
from email.utils import parsedate_to_datetime

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.utils import timezone

from blog.posts.models import YEARS
from comments.models import URL_LENGTH


def moment(gmt: str, local: str) -> datetime | None:
    """Return a time from WordPress's two columns; drafts have none in GMT."""
    return _read_moment(gmt, UTC) or _read_moment(local, timezone.get_default_timezone())


def _read_moment(text: str, zone: tzinfo) -> datetime | None:
    try:
        found = datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=zone)
    except ValueError:  # also 0000-00-00 00:00:00, WordPress's word for none
        return None
    return found if found.year in YEARS else None


def rfc_moment(text: str) -> datetime | None:
    """Return a time as RSS writes it, in GMT where it says no zone."""
    if not re.search(r" \d{4} ", text):  # WordPress writes -0001 where it has no date
        return None
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    return found if found.year in YEARS else None


def plainly(moment: datetime) -> datetime:
    """Return a moment as databases take it."""
    return datetime(*moment.timetuple()[:6], moment.microsecond, tzinfo=moment.tzinfo)


def username(login: str) -> str:
    """Return a login in the characters Django's usernames may have."""
    return re.sub(r"[^\w.@+-]+", "-", login.strip())[:150].strip("-") or "wordpress"


def email_address(text: str) -> str:
    """Return an e-mail address, "" where it is none."""
    text = text.strip()
    try:
        validate_email(text)
    except ValidationError:
        return ""
    return text if len(text) <= 254 else ""


def website(text: str) -> str | None:
    """Return a web address, "" where none was given, None where it cannot be used."""
    text = re.sub("&(?:amp|#0?38);", "&", text.strip())
    if text.lower() in {"", "http://", "https://"}:
        return ""
    if "://" not in text and "@" not in text:
        text = f"http://{text.lstrip('/')}"
    try:
        URLValidator(schemes=["http", "https"])(text)
    except ValidationError:
        return None
    return text if len(text) <= URL_LENGTH else None


def network_address(text: str) -> str | None:
    """Return an IP address, the plain one where IPv4 was written as IPv6."""
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return None if getattr(address, "scope_id", None) else str(mapped or address)
