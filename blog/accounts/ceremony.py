"""What is asked of a browser's passkeys, and whether its answer is right.

Of what the standard asks (Web Authentication Level 3, sections 7.1 and 7.2) Yubico's library does
the reading and the signatures. Challenges are kept nowhere until they were answered: each says when
it was made, and is signed for one purpose, person, session and browser.
"""

import json
import secrets
import struct
import time

from django.core.exceptions import ValidationError
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import gettext as _

from blog.site.reading import site as current_site

from .models import Passkey, UsedChallenge
from .passkey import CHALLENGE_AGE
from .where import host, origin

# What a challenge is for: to add a passkey, to sign in with nothing else, as a second step, and in
# the place of a password that is asked for once more.
ADD, ALONE, STEP, CONFIRM = "add", "alone", "step", "confirm"
# Those in which a passkey stands for the password too, so its device has to check who holds it.
VERIFIED = {ALONE, CONFIRM}
# Characters of an answer; the longest key in use, of RSA, makes some three thousand.
LONGEST = 16_000
LONGEST_ID = 1023  # bytes, as the standard has it
# ES256, EdDSA and RS256, which all devices have one of.
ALGORITHMS = -7, -8, -257
HEAD = struct.Struct(">Q16s")


def new_challenge(request, purpose, user=None):
    head = HEAD.pack(int(time.time() * 1000), secrets.token_bytes(16))
    return head + proof(head, request, purpose, user)


def proof(head, request, purpose, user):
    """Return what only this site can add to a challenge's head, for this browser."""
    browser = request.META.get("CSRF_COOKIE", "")
    session = "" if purpose == ALONE else request.session.session_key
    bound = json.dumps([purpose, user.pk if user else None, session, browser])
    key = salted_hmac("accounts.passkey", bound.encode() + head, algorithm="sha256")
    return key.digest()


def options_to_add(request, user):
    """Return what `navigator.credentials.create` is called with, its bytes in base64url."""
    keys = list(Passkey.objects.filter(user=user))
    name = user.get_full_name() or user.get_username()
    return {
        "rp": {"id": host(), "name": current_site().title},
        "user": {"id": handle_of(keys, user), "name": user.get_username(), "displayName": name},
        "challenge": urlsafe_base64_encode(new_challenge(request, ADD, user)),
        "pubKeyCredParams": [{"type": "public-key", "alg": alg} for alg in ALGORITHMS],
        "timeout": int(CHALLENGE_AGE.total_seconds() * 1000),
        "excludeCredentials": [descriptor(key) for key in keys if key.is_of_here],
        # An older key has no room for its person's name, or no PIN: it still is a second step.
        "authenticatorSelection": {"residentKey": "preferred", "userVerification": "preferred"},
        "attestation": "none",
    }


def options_to_use(request, purpose, user=None):
    """Return what `navigator.credentials.get` is called with, its bytes in base64url."""
    keys = Passkey.objects.of_here().filter(user=user) if user else []
    return {
        "rpId": host(),
        "challenge": urlsafe_base64_encode(new_challenge(request, purpose, user)),
        "timeout": int(CHALLENGE_AGE.total_seconds() * 1000),
        "allowCredentials": [descriptor(key) for key in keys],
        "userVerification": "required" if purpose in VERIFIED else "preferred",
    }


def descriptor(key):
    found = {"type": "public-key", "id": key.credential_id}
    return found | ({"transports": key.transports.split()} if key.transports else {})


def handle_of(keys, user):
    """Return what stands for a person in their passkeys, which says nothing of them.

    A device keeps one passkey for it, so one that was removed here is replaced there.
    """
    made = salted_hmac("accounts.passkey.handle", str(user.pk), algorithm="sha256").digest()
    return keys[0].handle if keys else urlsafe_base64_encode(made)


def library():
    """Return the library. It takes 8 MB, and few processes ever see a passkey."""
    import fido2.server  # noqa: PLC0415 - costly
    import fido2.webauthn  # noqa: PLC0415

    return fido2


def server():
    """Return the library's checks, for our origin alone: it would take subdomains as well."""
    own = origin()
    entity = library().webauthn.PublicKeyCredentialRpEntity(id=host(), name=host())
    return library().server.Fido2Server(entity, verify_origin=lambda named: named == own)


def read(text, kind):
    """Return a browser's answer as the library's class of this name; refuses what is none."""
    try:
        if len(text) > LONGEST:
            raise ValueError
        given = json.loads(text)
        answer = getattr(library().webauthn, kind).from_dict(given)
        data = answer.response.client_data
        sound = isinstance(data.origin, str) and isinstance(data.challenge, bytes)
        if not (sound and given["type"] == "public-key" and 0 < len(answer.raw_id) <= LONGEST_ID):
            raise ValueError
    # Readers of broken JSON, base64 or CBOR fail in many ways, few of them by ValueError.
    except Exception as error:
        raise ValidationError(
            _("The browser sent no passkey that can be read. Load this page again, then try again.")
        ) from error
    return answer


def check_challenge(answer, request, purpose, user):
    """Refuse an answer to a challenge that is not one of ours, for this, or is too old."""
    data = answer.response.client_data
    if data.origin != origin() or data.cross_origin:
        raise ValidationError(
            _("This passkey was used at another address. Passkeys work at %(site)s alone.")
            % {"site": origin()},
            code="origin",
        )
    head, proved = data.challenge[: HEAD.size], data.challenge[HEAD.size :]
    right = len(head) == HEAD.size and request.META.get("CSRF_COOKIE")
    if not (right and constant_time_compare(proved, proof(head, request, purpose, user))):
        raise ValidationError(
            _("This was begun in another window, or as somebody else. Load this page again."),
            code="challenge",
        )
    if time.time() - HEAD.unpack(head)[0] / 1000 > CHALLENGE_AGE.total_seconds():
        raise ValidationError(
            _("More than five minutes went by, so the passkey was not taken. Try again."),
            code="late",
        )


def use_up(answer):
    if not UsedChallenge.objects.use(answer.response.client_data.challenge):
        raise ValidationError(
            _("This answer of a passkey was used already, and works once. Try again."), code="used"
        )


def state_of(answer):
    """Return what the library would have kept of the challenge, which was checked before."""
    challenge = urlsafe_base64_encode(answer.response.client_data.challenge)
    return {"challenge": challenge, "user_verification": None}


def added(text, request, user, name):
    """Return the passkey that a browser made, not saved yet; raises ValidationError."""
    answer = read(text, "RegistrationResponse")
    check_challenge(answer, request, ADD, user)
    try:
        made = server().register_complete(state_of(answer), answer)
        data = made.credential_data
        if data.credential_id != answer.raw_id or data.public_key[3] not in ALGORITHMS:
            raise ValueError
    except Exception as error:  # as in read()
        raise refused() from error
    use_up(answer)
    return Passkey(
        user=user,
        name=name,
        credential_id=urlsafe_base64_encode(data.credential_id),
        key=urlsafe_base64_encode(data),
        handle=handle_of(Passkey.objects.filter(user=user)[:1], user),
        host=host(),
        sign_count=made.counter,
        transports=transports_in(text),
    )


def transports_in(text):
    """Return how a browser says it reached the device, as far as the words are known."""
    said = json.loads(text)["response"].get("transports")
    words = {"usb", "nfc", "ble", "smart-card", "hybrid", "internal"}
    return " ".join(sorted(each for each in words if isinstance(said, list) and each in said))


def refused():
    return ValidationError(
        _("This passkey did not pass, so nothing was done. Try again, or use another way."),
        code="refused",
    )


def key_of(answer, user=None):
    """Return the passkey an answer names, one of this person's if one is given."""
    named = Passkey.objects.of_here().filter(credential_id=urlsafe_base64_encode(answer.raw_id))
    if user:
        named = named.filter(user=user)
    key = named.select_related("user").first()
    given = answer.response.user_handle
    if key is None or (given is not None and urlsafe_base64_encode(given) != key.handle):
        raise ValidationError(
            _(
                "This passkey is not known here. Perhaps it was removed, or is somebody else’s. "
                "Take another one, or another way to sign in."
            ),
            code="unknown",
        )
    return key


def check(answer, key, request, purpose, user=None):
    """Refuse an answer that is not right; else count the passkey's use, and use up the answer.

    Runs in a transaction. The counter comes last, for only who has the key can make it wrong.
    """
    check_challenge(answer, request, purpose, user)
    try:
        data = library().webauthn.AttestedCredentialData(urlsafe_base64_decode(key.key))
        server().authenticate_complete(state_of(answer), [data], answer)
    except Exception as error:  # as in read()
        raise refused() from error
    given = answer.response.authenticator_data
    if purpose in VERIFIED and not given.is_user_verified():
        raise ValidationError(
            _(
                "This passkey’s device did not check that it is you, by a PIN, a finger or a face. "
                "Without that it is a second step only: give your password first."
            ),
            code="unverified",
        )
    use_up(answer)
    if not Passkey.objects.count_up(key.pk, given.counter):
        raise ValidationError(
            _(
                "This passkey’s counter did not grow, so there may be a copy of it, and it was "
                "refused. Sign in another way, remove it, and add a new one."
            ),
            code="copied",
        )
