"""A key as phones and USB keys hold it, in Python: it signs what a browser would send.

Each part of an answer can be changed, as a forger or a broken device would.
"""

import json
from hashlib import sha256
from secrets import token_bytes, token_hex

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import AttestedCredentialData

from blog.accounts.models import Passkey, RecoveryCode

PASSWORD = "a margin, wide enough"
PRESENT, VERIFIED, HAS_KEY = 1, 4, 64
ORIGIN = "http://localhost:8000"
LOGIN, ALONE, STEP = "/admin/login/", "/admin/passkey/", "/admin/second-step/"
PASSKEYS, ADD = "/admin/passkeys/", "/admin/passkeys/add/"


class Authenticator:
    def __init__(self):
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.id, self.count, self.handle = token_bytes(16), 0, None

    def client_data(self, kind, options, origin):
        data = {"type": f"webauthn.{kind}", "challenge": options["challenge"], "origin": origin}
        return json.dumps(data | {"crossOrigin": False}).encode()

    def data(self, flags, host):
        return sha256(host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def made(self, options, origin=ORIGIN, flags=PRESENT | VERIFIED, key_id=None):
        """Return what `navigator.credentials.create` gives, as the script sends it."""
        self.handle = options["user"]["id"]
        key = cbor.encode(ES256.from_cryptography_key(self.private.public_key()))
        number = key_id or self.id
        data = self.data(flags | HAS_KEY, options["rp"]["id"])
        data += bytes(16) + len(number).to_bytes(2, "big") + number + key
        attested = {"fmt": "none", "attStmt": {}, "authData": data}
        return self.sent(
            clientDataJSON=self.client_data("create", options, origin),
            attestationObject=cbor.encode(attested),
        )

    def used(self, options, origin=ORIGIN, flags=PRESENT | VERIFIED, host=None, kind="get"):
        """Return what `navigator.credentials.get` gives, as the script sends it."""
        self.count += 1
        client_data = self.client_data(kind, options, origin)
        data = self.data(flags, host or options["rpId"])
        signed = data + sha256(client_data).digest()
        signature = self.private.sign(signed, ec.ECDSA(hashes.SHA256()))
        return self.sent(
            clientDataJSON=client_data,
            authenticatorData=data,
            signature=signature,
            userHandle=websafe_decode(self.handle),
        )

    def sent(self, **response):
        number = websafe_encode(self.id)
        response = {name: websafe_encode(value) for name, value in response.items()}
        return json.dumps(
            {"id": number, "rawId": number, "type": "public-key", "response": response}
        )


def holder(user, host="localhost"):
    """Return a device with a passkey that the account has."""
    device = Authenticator()
    device.handle = websafe_encode(bytes([user.pk % 256] * 32))
    public = ES256.from_cryptography_key(device.private.public_key())
    RecoveryCode.objects.renew(user)
    Passkey.objects.create(
        user=user,
        name="Phone",
        host=host,
        handle=device.handle,
        credential_id=websafe_encode(device.id),
        key=websafe_encode(AttestedCredentialData.create(bytes(16), device.id, public)),
    )
    return device


def visitor():
    """Return a browser with the cookie of forms, which its challenges are for."""
    me = Client()
    me.cookies["postil_csrf"] = token_hex(16)
    return me


def half_way(name="owner", **more):
    me = visitor()
    me.post(LOGIN, {"username": name, "password": PASSWORD} | more)
    return me


def signed_in(user):
    me = visitor()
    me.force_login(user)
    return me


def options(me, purpose, **given):
    return me.post(f"{ALONE}{purpose}/", given)


def add(me, device, name="Phone", origin=ORIGIN, **given):
    asked = options(me, "add", **{"password": PASSWORD} | given).json()
    return me.post(ADD, {"name": name, "passkey_token": device.made(asked, origin)})


def alone(me, device, **changes):
    asked = options(me, "alone").json()
    return me.post(ALONE, {"passkey_token": device.used(asked, **changes)})


def step(me, device, **changes):
    asked = options(me, "step").json()
    return me.post(STEP, {"passkey_token": device.used(asked, **changes)})


def is_in(me):
    return me.get("/admin/jsi18n/").status_code == 200  # the cheapest page of the admin
