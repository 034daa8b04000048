"""A provider in the test's own hands, behind the door to the network: it signs what a test says."""

import base64
import json
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from joserfc import jws
from joserfc.jwk import RSAKey

from blog.accounts.oidc.provider import provider
from blog.net.response import Headers, Response

ISSUER, CLIENT, BEGIN = "https://login.example.org/realm", "margin", "/admin/oidc/"
# Making keys takes a fraction of a second each.
KEY, OTHER_KEY = RSAKey.generate_key(2048), RSAKey.generate_key(2048)


def public(key, **more):
    return key.as_dict(private=False) | {"kid": "one", "use": "sig"} | more


def part(given):
    text = given if isinstance(given, bytes) else json.dumps(given).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def sign(claims, key=KEY, **header):
    header = {"alg": "RS256", "kid": "one"} | header
    body = json.dumps(claims).encode()
    return jws.serialize_compact(header, body, key, algorithms=[header["alg"]])


class OwnProvider:
    """Answers in the place of the network; `asked` has each address with what was sent there."""

    def __init__(self):
        self.document = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/auth",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
        }
        self.keys, self.asked, self.changes, self.userinfo = [public(KEY)], [], {}, {}
        self.make = sign

    def door(self, url, **given):
        self.asked.append((url.rpartition("/")[2], given))
        said = {
            "openid-configuration": lambda: self.document,
            "keys": lambda: {"keys": self.keys},
            "token": lambda: {"access_token": "at-secret", "id_token": self.make(self.claims())},
            "userinfo": lambda: self.userinfo,
        }[url.rpartition("/")[2]]()
        return Response(url, 200, Headers([]), json.dumps(said).encode(), False)

    def claims(self):
        now = int(time.time())
        given = {"iss": ISSUER, "aud": CLIENT, "sub": "lou", "iat": now, "exp": now + 300}
        given |= {"nonce": self.query["nonce"], "email": "lou@example.org", "email_verified": True}
        return {name: said for name, said in (given | self.changes).items() if said is not None}

    def begin(self, by, at=BEGIN):
        begun = by.get(at)
        assert begun.status_code == 302, begun.text
        found = parse_qs(urlsplit(begun["Location"]).query)
        self.query = {name: values[0] for name, values in found.items()}

    def come(self, by=None, begin=BEGIN, **changes):
        """Sign in with a token whose claims have these changes; None takes one away."""
        by, self.changes = by or Client(), changes
        self.begin(by, begin)
        return self.back(by)

    def back(self, by, **more):
        return by.get(f"{BEGIN}back/", {"code": "c0de", "state": self.query["state"]} | more)


@pytest.fixture
def own(settings, monkeypatch):
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID = ISSUER, CLIENT
    settings.OIDC_CLIENT_SECRET, settings.OIDC_NAME = "s:cret", "Example Org"
    made = OwnProvider()
    provider.forget()
    monkeypatch.setattr(provider, "door", made.door)
    yield made
    provider.forget()
