"""What a browser hands over for a passkey: a registration (a new key) and an assertion (a signature), read without belief.

* A registration proves that the key is fresh, was made for this site, on a device that asked for its person, as ES256.
* An assertion is brought into the one spelling in which signatures are kept; whether it holds is `PublicKey.verify`'s.
* Challenges have domains of their own: what signs in is never a signature over a statement, and the other way round.
"""

import base64
import hashlib
import json
from dataclasses import dataclass
from functools import cache
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from webauthn import verify_registration_response
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException

from comity.authorities.keys import OFFICIAL, KeyRecordBroken, PublicKey
from comity.canon import JsonObject, canonical
from comity.errors import N_, ComityError

LOGIN: Final = b"comity-login-v1\n"
ENROLMENT: Final = b"comity-enrolment-v1\n"
FURTHER: Final = b"comity-further-passkey-v1\n"
ANSWER_CHARACTERS_MAX: Final = 16 * 1024
CREDENTIAL_BYTES_MAX: Final = 1023
"""WebAuthn, section 4: a credential id has at most so many bytes."""
_SIGNED_PARTS: Final = ("authenticatorData", "clientDataJSON", "signature")
_MADE_PARTS: Final = ("attestationObject", "clientDataJSON")


class PasskeyAnswerBroken(ComityError):
    """What the browser sent for a passkey cannot be used."""

    code = "authorities.passkey_answer_broken"
    sentence = N_("the answer of the passkey cannot be used: {why}")
    hint = N_("Try again with your passkey, on this node's own page.")


@dataclass(frozen=True)
class Passkey:
    """A new passkey: the name by which its device finds it (base64url), and its public key."""

    credential: str
    key: PublicKey


def challenge(text: bytes) -> bytes:
    """What a passkey is asked to sign for a text: its SHA-256."""
    return hashlib.sha256(text).digest()


def url64(data: bytes) -> str:
    """Bytes as base64url without padding, as browsers have them."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


@cache
def nobodys(rp_id: str, origin: str) -> PublicKey:
    """A key that nobody has, made anew with each process: what is checked against it costs as much, and never holds."""
    point = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    halves = (point.x.to_bytes(32, "big"), point.y.to_bytes(32, "big"))
    public = b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20" + halves[0] + b"\x22\x58\x20" + halves[1]
    return PublicKey(algorithm=OFFICIAL, public=public, rp_id=rp_id, origin=origin)


def software_credential(key: PublicKey) -> str:
    """The name of a software passkey: the hash of its key."""
    return url64(hashlib.sha256(key.public).digest())


def assertion(typed: str) -> tuple[str, bytes]:
    """The credential that an assertion names, and the assertion in its one spelling; raises `PasskeyAnswerBroken`."""
    name, response = _parts(typed, parts=_SIGNED_PARTS)
    return name, canonical(_answer(name, response))


def registered(typed: str, *, text: bytes, rp_id: str, origin: str) -> Passkey:
    """The passkey that was made for this text on this site; raises `PasskeyAnswerBroken`."""
    name, response = _parts(typed, parts=_MADE_PARTS)
    try:
        made = verify_registration_response(
            credential=_answer(name, response),
            expected_challenge=challenge(text),
            expected_rp_id=rp_id,
            expected_origin=origin,
            require_user_verification=True,
            supported_pub_key_algs=[COSEAlgorithmIdentifier.ECDSA_SHA_256],
        )
        key = PublicKey(algorithm=OFFICIAL, public=made.credential_public_key, rp_id=rp_id, origin=origin)
        key.hold_official()
    except (WebAuthnException, KeyRecordBroken, ValueError, KeyError, TypeError, RecursionError) as broken:
        # py_webauthn and its readers raise all of these on hostile bytes
        raise PasskeyAnswerBroken(why=str(broken)[:200]) from broken
    if not 0 < len(made.credential_id) <= CREDENTIAL_BYTES_MAX or url64(made.credential_id) != name:
        raise PasskeyAnswerBroken(why="it is made under another name than it says")
    return Passkey(credential=name, key=key)


def _parts(typed: str, *, parts: tuple[str, ...]) -> tuple[str, JsonObject]:
    if len(typed) > ANSWER_CHARACTERS_MAX:
        raise PasskeyAnswerBroken(why="it is too long")
    try:
        given = json.loads(typed)
        name, response = given["id"], {part: given["response"][part] for part in parts}
    except (ValueError, KeyError, TypeError, RecursionError) as broken:
        raise PasskeyAnswerBroken(why="it has not the form of one") from broken
    if not all(isinstance(one, str) and one.isascii() for one in (name, *response.values())):
        raise PasskeyAnswerBroken(why="it has not the form of one")
    return name, response


def _answer(name: str, response: JsonObject) -> JsonObject:
    return {"clientExtensionResults": {}, "id": name, "rawId": name, "response": response, "type": "public-key"}
