"""What the provider says of itself and of people: asked through the one door to the network.

Only the hosts of OIDC_ISSUER and OIDC_HOSTS are called, private ones too, as the operator names
them. No redirect is followed. What was learned is kept for an hour in each process.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

from django.conf import settings

from blog.net.addresses import Deadline
from blog.net.fetch import FetchError, fetch
from blog.net.names import ascii_name
from blog.net.response import Response

from .refused import AWAY, NOT_USABLE, OTHER_SIGN_IN, Refused, shown

# Of one call: seconds and bytes. All calls of one sign-in have WHOLE seconds together.
DEADLINE, LIMIT, WHOLE = 5.0, 256 * 1024, 10.0
# Seconds for which a description and keys are kept, for which a failure is, and between two looks
# for newer keys.
KEPT, FAILED_FOR, KEYS_AGAIN_AFTER = 3600, 10, 30
# Threads of a process that may wait for the provider at a time, as the others of it serve readers,
# and seconds for which one more waits for its turn.
MOST_WAITING, TURN_WITHIN = 3, 1
_turns = threading.BoundedSemaphore(MOST_WAITING)

DESCRIPTION = "/.well-known/openid-configuration"
WANTED = "authorization_endpoint", "token_endpoint", "jwks_uri"
MORE = "userinfo_endpoint", "end_session_endpoint"
_PORTS = {"https": 443, "http": 80}

Json = dict[str, Any]


@contextlib.contextmanager
def turn() -> Iterator[Deadline]:
    """Wait for a turn to call the provider, and give the time that its calls have; or Refused."""
    if not _turns.acquire(timeout=TURN_WITHIN):
        raise Refused(AWAY, f"{MOST_WAITING} sign-ins wait for the provider already", 503)
    try:
        yield Deadline(WHOLE)
    finally:
        _turns.release()


def place_of(url: str) -> str:
    """Return host and port of an address, as the settings name hosts; "" for none of the web."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
        host = ascii_name(parts.hostname or "")
    except (ValueError, KeyError):
        return ""
    if not host or "@" in parts.netloc:
        return ""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def hosts() -> list[str]:
    """Return the hosts that may be called, each with its port."""
    scheme = urlsplit(settings.OIDC_ISSUER).scheme
    return [
        place_of(settings.OIDC_ISSUER),
        *(place_of(f"{scheme}://{h}") for h in settings.OIDC_HOSTS),
    ]


def is_ours(url: object) -> bool:
    """Whether an address is at a host of the settings, and spoken to as the issuer is."""
    same = urlsplit(settings.OIDC_ISSUER).scheme
    return isinstance(url, str) and url.startswith(f"{same}://") and place_of(url) in hosts()


class Provider:
    """The provider of the settings, as this process knows it."""

    def __init__(
        self, door: Callable[..., Response] = fetch, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.door, self.now = door, now
        self._lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        self._issuer = ""
        self._document: Json = {}
        self._keys: list[Json] = []
        self._read_at = self._keys_at = self._failed_at = float("-inf")
        self._failure: Refused | None = None

    def document(self, clock: Deadline) -> Json:
        """Return the provider's description of itself; raises Refused."""
        with self._one_at_a_time(clock):
            if self._issuer != settings.OIDC_ISSUER:
                self.forget()
                self._issuer = settings.OIDC_ISSUER
            if self.now() - self._read_at < KEPT:
                return self._document
            if self._failure and self.now() - self._failed_at < FAILED_FOR:
                raise Refused(self._failure.said, self._failure.why, self._failure.status)
            try:
                found = self._ask(self._issuer.rstrip("/") + DESCRIPTION, clock)
                self._document = checked(found)
            except Refused as error:
                self._failure, self._failed_at = error, self.now()
                raise
            self._read_at = self.now()
            return self._document

    def keys(self, clock: Deadline, *, newer: bool = False) -> list[Json]:
        """Return the keys that the provider signs with; `newer` looks whether there are others.

        Others are looked for twice a minute at most: who sends a token chooses the key it names.
        """
        address = self.document(clock)["jwks_uri"]
        with self._one_at_a_time(clock):
            age = self.now() - self._keys_at
            if age >= (KEYS_AGAIN_AFTER if newer else KEPT):
                found = self._ask(address, clock).get("keys")
                if not isinstance(found, list):
                    raise Refused(NOT_USABLE, f"{address} names no list of keys", 503)
                self._keys = [key for key in found if isinstance(key, dict)]
                self._keys_at = self.now()
            return self._keys

    def tokens(self, code: str, verifier: str, back: str, clock: Deadline) -> Json:
        """Return what the provider gives for a code: the tokens."""
        document = self.document(clock)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": verifier,
        }
        authorization = ""
        client, secret = settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET
        # Where nothing is said, this is the way (Discovery 1.0, 3).
        ways = document.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if secret and "client_secret_basic" in ways:
            pair = f"{quote_plus(client)}:{quote_plus(secret)}"  # RFC 6749 2.3.1
            authorization = "Basic " + b64encode(pair.encode()).decode()
        else:
            form |= {"client_id": client} | ({"client_secret": secret} if secret else {})
        return self._ask(
            document["token_endpoint"],
            clock,
            method="POST",
            data=urlencode(form).encode(),
            more={"content-type": "application/x-www-form-urlencoded"},
            authorization=authorization,
        )

    def said_of(self, access_token: str, clock: Deadline) -> Json:
        """Return what the provider says of a person at its userinfo endpoint."""
        address = self.document(clock).get("userinfo_endpoint")
        if not address or not access_token.isascii() or not access_token.isprintable():
            return {}
        return self._ask(address, clock, authorization=f"Bearer {access_token}")

    @contextlib.contextmanager
    def _one_at_a_time(self, clock: Deadline) -> Iterator[None]:
        try:
            mine = self._lock.acquire(timeout=clock.left())
        except TimeoutError:
            mine = False
        if not mine:
            raise Refused(AWAY, "the time for all calls of a sign-in is over", 503)
        try:
            yield
        finally:
            self._lock.release()

    def _ask(
        self,
        url: str,
        clock: Deadline,
        *,
        method: str = "GET",
        data: bytes | None = None,
        more: dict[str, str] | None = None,
        authorization: str = "",
    ) -> Json:
        """Return the JSON object at an address of the provider's; raises Refused."""
        agent = f"Postil (OpenID Connect; +{settings.SITE_URL}/)"
        try:
            answer = self.door(
                url,
                method=method,
                data=data,
                headers={"user-agent": agent, **(more or {})},
                accept="application/json",
                limit=LIMIT,
                deadline=min(DEADLINE, clock.left()),
                allowed=hosts(),
                follow=False,
                authorization=authorization,
            )
        except (FetchError, TimeoutError) as error:
            said = str(error) or "the time for all calls of a sign-in is over"
            if isinstance(error, FetchError) and error.kind == "refused":
                said = "the host does not exist"  # as the hosts of the settings may all be called
            raise Refused(AWAY, f"{url}: {said}", 503) from error
        return read(url, answer)


def read(url: str, answer: Response) -> Json:
    """Return the JSON object of an answer; raises Refused."""
    found: object = None
    with contextlib.suppress(ValueError, RecursionError):
        found = json.loads(answer.body)
    if answer.status >= 500 or answer.status == 429:
        raise Refused(AWAY, f"{url} answers {answer.status}", 503)
    if answer.status == 400 and isinstance(found, dict) and found.get("error") == "invalid_grant":
        raise Refused(OTHER_SIGN_IN, f"{url} does not take the code", 403)
    if answer.status != 200:
        error = found.get("error") if isinstance(found, dict) else None
        said = f" ({shown(error)})" if error else ""
        raise Refused(NOT_USABLE, f"{url} answers {answer.status}{said}", 503)
    if answer.truncated:
        raise Refused(NOT_USABLE, f"{url} answers with more than {LIMIT} bytes", 503)
    if not isinstance(found, dict):
        raise Refused(NOT_USABLE, f"{url} does not answer with a JSON object", 503)
    return found


def checked(document: Json) -> Json:
    """Return a provider's description, if all that is used of it leads to hosts of the settings."""
    if document.get("issuer") != settings.OIDC_ISSUER:
        said = shown(document.get("issuer"))
        why = f"the provider calls itself {said}; OIDC_ISSUER must be just that"
        raise Refused(NOT_USABLE, why, 503)
    for name in (*WANTED, *MORE):
        url = document.get(name)
        if url is None and name in MORE:
            continue
        if not is_ours(url):
            why = (
                f"the provider's {name} is {shown(url)}, which is at none of {', '.join(hosts())}; "
                "if that is right, add its host to OIDC_HOSTS"
            )
            raise Refused(NOT_USABLE, why, 503)
    return document


provider = Provider()
