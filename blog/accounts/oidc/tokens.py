"""Reads a provider's token: who signed it, for whom, when and for which sign-in.

joserfc verifies signatures. Which algorithms and keys it may take for that is decided here: keys
are public, so none of them may be used as a shared secret (RFC 8725 3.1).
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterable
from typing import Any

from .refused import NOT_PROVEN, OTHER_SIGN_IN, OTHER_TIME, Refused, shown

Json = dict[str, Any]

# The kind of key that each algorithm takes; no other algorithm is taken.
ALGORITHMS = {
    **dict.fromkeys(["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"], "RSA"),
    **dict.fromkeys(["ES256", "ES384", "ES512"], "EC"),
    **dict.fromkeys(["EdDSA", "Ed25519"], "OKP"),
}
LARGEST = 64 * 1024  # characters of a token
SHORTEST_KEY = 2048  # bits of RSA (RFC 7518 3.3)
MOST_KEYS = 50
# Of a key, what it is; what it may be used for is looked at by `fitting`.
PUBLIC_PARTS = {"kty", "n", "e", "crv", "x", "y"}
# Seconds by which clocks may differ.
LEEWAY = 60
_TOKEN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
# What a token of the back channel names itself by (Back-Channel Logout 1.0, 2.4).
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"


def not_proven(why: str) -> Refused:
    return Refused(NOT_PROVEN, why)


def decoded(part: str) -> Json:
    """Return the JSON object of one part of a token."""
    try:
        found = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise not_proven("the token holds no JSON object")
    return found


def signed(raw: object, keys: Callable[[bool], list[Json]]) -> Json:
    """Return what a token says, if one of the provider's keys signed it; raises Refused.

    `keys` returns the known keys, or looks for newer ones, as keys change.
    """
    if not isinstance(raw, str) or len(raw) > LARGEST or not _TOKEN.fullmatch(raw):
        raise not_proven("the token does not have three parts")
    header = decoded(raw.split(".")[0])
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise not_proven(f"the token is signed by {shown(algorithm)}, which is not taken")
    if "crit" in header:
        raise not_proven("the token asks for something that is not known here")
    for newer in (False, True):
        for key in fitting(keys(newer), algorithm, header.get("kid")):
            if is_signed_by(raw, key, algorithm):
                return decoded(raw.split(".")[1])
    raise not_proven("none of the provider's keys signed the token")


def fitting(keys: Iterable[Json], algorithm: str, kid: object) -> list[Json]:
    """Return the keys that may have signed by this algorithm, under this name if there is one."""
    found = [
        key
        for key in keys
        if key.get("kty") == ALGORITHMS[algorithm]
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and (kid is None or key.get("kid", kid) == kid)
    ]
    return found[:MOST_KEYS]


def is_signed_by(raw: str, key: Json, algorithm: str) -> bool:
    # It is there wherever OIDC_ISSUER is set (env.needs), and takes 15 MB; most sites never use it.
    from joserfc import jws  # noqa: PLC0415
    from joserfc.errors import JoseError  # noqa: PLC0415
    from joserfc.jwk import JWKRegistry  # noqa: PLC0415

    public = {name: value for name, value in key.items() if name in PUBLIC_PARTS}
    if key["kty"] == "RSA" and (len(str(key.get("n", ""))) * 6 < SHORTEST_KEY):
        return False
    try:
        jws.deserialize_compact(raw, JWKRegistry.import_key(public), algorithms=[algorithm])
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, ArithmeticError):
        return False
    return True


def check(claims: Json, *, issuer: str, client: str, now: float) -> None:
    """Raise Refused for a token of another issuer, for another site, or of another time."""
    if claims.get("iss") != issuer:
        raise not_proven(f"the token is of the issuer {shown(claims.get('iss'))}")
    audience = claims.get("aud")
    audience = audience if isinstance(audience, list) else [audience]
    if client not in audience:
        raise not_proven(f"the token is for {shown(audience)}")
    if (len(audience) > 1 and "azp" not in claims) or claims.get("azp", client) != client:
        raise not_proven(f"the token was asked for by {shown(claims.get('azp'))}")
    if not text_of(claims, "sub") and not text_of(claims, "sid"):
        raise not_proven("the token names nobody")
    issued, expires = time_of(claims, "iat"), time_of(claims, "exp")
    if expires + LEEWAY <= now:
        raise Refused(OTHER_TIME, f"the token ran out {now - expires:.0f} seconds ago")
    begins = time_of(claims, "nbf") if "nbf" in claims else issued
    if max(issued, begins) - LEEWAY > now:
        raise Refused(OTHER_TIME, f"the token is from {max(issued, begins) - now:.0f} s ahead")


def check_sign_in(claims: Json, nonce: str) -> None:
    """Raise Refused for a token that was not made for the sign-in with this nonce."""
    if not text_of(claims, "sub"):
        raise not_proven("the token names nobody")
    if claims.get("nonce") != nonce:
        raise Refused(OTHER_SIGN_IN, "the token has the nonce of another sign-in")


def text_of(claims: Json, name: str, longest: int = 255) -> str:
    """Return a claim that is a line of text of a usable length; else ""."""
    found = claims.get(name)
    usable = isinstance(found, str) and len(found) <= longest and found.isprintable()
    return str(found) if usable else ""


def time_of(claims: Json, name: str) -> float:
    """Return a claim that is a time; raises Refused where it is none."""
    found = claims.get(name)
    is_number = isinstance(found, int | float) and not isinstance(found, bool)
    if not is_number or not abs(found) < 1e12:  # which NaN is not either
        raise not_proven(f"the token's {name} is not a time")
    return float(found)
