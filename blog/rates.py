"""How often something may be done: the networks it is counted by, and how long to wait."""

import ipaddress
from datetime import timedelta
from typing import Any

from django.utils import timezone


def network_of(address: str) -> str:
    """Return the network an address belongs to: /24 of IPv4, /64 of IPv6, which one house has."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    return str(ipaddress.ip_network(f"{parsed}/{24 if parsed.version == 4 else 64}", strict=False))


def wait_for(rows: Any, rate: tuple[int, int] | None, time: str = "created_at") -> int:
    """Return how many seconds until one more of these rows, by their `time`, keeps to the rate."""
    if rate is None:
        return 0
    count, period = rate
    now, span = timezone.now(), timedelta(seconds=period)
    since = now - span
    # What lies further ahead was there before the clock was set back, and says nothing of today.
    times = rows.filter(**{f"{time}__gt": since, f"{time}__lt": now + span}).order_by(f"-{time}")
    newest = list(times.values_list(time, flat=True)[:count])
    if len(newest) < count:
        return 0
    return max(1, round(float((newest[-1] - since).total_seconds())))
