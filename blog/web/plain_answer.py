"""Answers in plain text that are made without Django, for nobody to keep."""

from collections.abc import Callable
from typing import Any


def say(
    environ: dict[str, Any],
    start_response: Callable[..., Any],
    status: str,
    *more: tuple[str, str],
    words: str = "",
) -> list[bytes]:
    """Answer with `words`, or else those of the status."""
    body = f"{words or status[4:]}\n".encode()
    headers = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "private, no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    start_response(status, [*headers, *more])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
