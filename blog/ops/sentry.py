"""Errors, sent to Sentry where SENTRY_DSN is set: where the code broke, and nothing personal.

What is sent is named here, part by part. All else that the SDK knows stays: addresses, headers,
cookies, queries, forms, values of variables, the machine's name, what was logged before.
"""

import logging
import re
from typing import Any

import sentry_sdk
from django.conf import settings
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.integrations.dedupe import DedupeIntegration
from sentry_sdk.integrations.excepthook import ExcepthookIntegration
from sentry_sdk.integrations.logging import LoggingIntegration

from blog import __version__
from blog.lib.logs import now_at

SENT = ("event_id", "timestamp", "level", "logger", "platform", "release", "sdk", "exception")
# Characters of what an error says that are sent.
LONGEST = 2000
# An e-mail address, or an IP address of either kind.
ADDRESS = re.compile(
    r"[^\s<>\"'@]{1,64}@[^\s<>\"'@]{1,255}|\b\d{1,3}(?:\.\d{1,3}){3}\b|[0-9a-fA-F]{0,4}:[0-9a-fA-F:]*:[0-9a-fA-F.]*"
)


def begin() -> None:
    """Send errors that are logged, or that end a process, from now on."""
    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        release=f"postil@{__version__}",
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[
            LoggingIntegration(level=None, event_level=logging.ERROR),
            ExcepthookIntegration(),
            DedupeIntegration(),
            AtexitIntegration(callback=lambda *_waiting: None),
        ],
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        before_send=stripped,
    )


def stripped(event: Any, hint: Any) -> Any:
    """Return an event with what is named here alone."""
    sent = {name: event[name] for name in SENT if name in event}
    for failed in (sent.get("exception") or {}).get("values") or ():
        failed["value"] = ADDRESS.sub("…", (failed.get("value") or "")[:LONGEST])
    if said := event.get("logentry"):
        # The sentence in the code, not what was put into it.
        sent["logentry"] = {"message": said.get("message", "")}
    if at := now_at.get():
        sent["tags"] = {at.kind: at.id}
    return sent
