"""Tokens of single sign-on: one that counts, and every way in which one is wrong in one point."""

import base64
import hmac
import json
import warnings
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from comity.registry import deadline, doors, sign_on
from comity.registry.clock import Clock
from comity.registry.limits import SIGN_ON_SECONDS_MAX
from comity.registry.sign_on import SignOnRefused
from trickling import Leaping, trickling

SUBJECT = "julia@court"
RSA = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}, private=True)
OTHER = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}, private=True)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    SMALL = RSAKey.generate_key(1024, {"kid": "one", "use": "sig"}, private=True)
CURVE = ECKey.generate_key("P-256", {"kid": "two", "use": "sig"}, private=True)
WAY = sign_on.Trip(state="s", nonce="the nonce", verifier="v")
HERE = doors.Provider(name="x", issuer="https://login.example", client_id="comity-ut", client_secret="")


def now() -> int:
    """This second, asked anew for each token: the module is loaded long before its tests run."""
    return int(Clock().now().timestamp())


def claims(**changed: Any) -> dict[str, Any]:
    at = now()
    usual = {
        "iss": "https://login.example",
        "sub": SUBJECT,
        "aud": "comity-ut",
        "nonce": "the nonce",
        "iat": at,
        "exp": at + 300,
    }
    return {name: value for name, value in (usual | changed).items() if value is not None}


def token(*, key: Any = RSA, alg: str = "RS256", header: dict[str, Any] | None = None, **changed: Any) -> str:
    head = {"alg": alg, "kid": key.kid} | (header or {})
    return jwt.encode(head, claims(**changed), key, algorithms=[alg])


def url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unsigned() -> str:
    return ".".join(url64(json.dumps(one).encode()) for one in ({"alg": "none", "kid": "one"}, claims())) + "."


def with_secret(secret: bytes) -> str:
    """A token under HS256, by hand: the library would not lend itself to it."""
    text = ".".join(url64(json.dumps(one).encode()) for one in ({"alg": "HS256", "kid": "one"}, claims()))
    return f"{text}.{url64(hmac.digest(secret, text.encode(), 'sha256'))}"


def keys_of(*keys: Any) -> dict[str, Any]:
    return {"keys": [one.as_dict(private=False) for one in keys]}


BAD_TOKENS: dict[str, Callable[[], str]] = {
    "another key": lambda: token(key=OTHER),
    "no signature": unsigned,
    "HS256 with the public key": lambda: with_secret(RSA.as_pem(private=False)),
    "HS256 with the client's name": lambda: with_secret(b"comity-ut"),
    "its own key in the header": lambda: token(key=OTHER, header={"jwk": OTHER.as_dict(private=False)}),
    "another issuer": lambda: token(iss="https://elsewhere.example"),
    "the issuer with a slash": lambda: token(iss="https://login.example/"),
    "no issuer": lambda: token(iss=None),
    "another audience": lambda: token(aud="another"),
    "no audience": lambda: token(aud=None),
    "a second audience and no party": lambda: token(aud=["comity-ut", "another"]),
    "another party": lambda: token(aud=["comity-ut", "another"], azp="another"),
    "another nonce": lambda: token(nonce="other"),
    "no nonce": lambda: token(nonce=None),
    "run out": lambda: token(iat=now() - 500, exp=now() - 61),
    "no end": lambda: token(exp=None),
    "from the future": lambda: token(iat=now() + 200, exp=now() + 300),
    "not yet": lambda: token(nbf=now() + 200),
    "too old": lambda: token(iat=now() - 3600),
    "no moment": lambda: token(iat=None),
    "a moment that is none": lambda: token(iat="now"),
    "nobody": lambda: token(sub=None),
    "an empty name": lambda: token(sub=""),
    "a long name": lambda: token(sub="x" * 256),
    "a name with a line feed": lambda: token(sub="julia\n@court"),
    "no token": lambda: "x.y.z",
    "empty": lambda: "",
}


def test_a_token_counts_under_each_algorithm_with_a_public_key_and_within_the_skew():
    assert sign_on.claimed(token(), HERE, WAY, keys=keys_of(RSA)) == SUBJECT
    assert sign_on.claimed(token(key=CURVE, alg="ES256"), HERE, WAY, keys=keys_of(RSA, CURVE)) == SUBJECT
    assert sign_on.claimed(token(alg="PS256"), HERE, WAY, keys=keys_of(RSA)) == SUBJECT
    late = token(iat=now() + 30, exp=now() + 300)
    assert sign_on.claimed(late, HERE, WAY, keys=keys_of(RSA)) == SUBJECT
    assert sign_on.claimed(token(aud=["comity-ut"]), HERE, WAY, keys=keys_of(RSA)) == SUBJECT


@pytest.mark.parametrize("name", BAD_TOKENS)
def test_a_token_that_is_wrong_in_one_point_is_refused(name: str):
    with pytest.raises(SignOnRefused):
        sign_on.claimed(BAD_TOKENS[name](), HERE, WAY, keys=keys_of(RSA))


def test_weak_secret_and_foreign_keys_of_a_provider_check_nothing():
    secret = OctKey.import_key(b"s" * 32, {"kid": "one"})
    bad: list[dict[str, Any]] = [
        keys_of(SMALL),
        {"keys": [secret.as_dict(private=True)]},
        {"keys": [RSA.as_dict(private=False) | {"use": "enc"}]},
        {"keys": [RSA.as_dict(private=False) | {"alg": "HS256"}]},
        {"keys": []},
        {},
    ]
    for keys in bad:
        signer, alg = (SMALL, "RS256") if keys == keys_of(SMALL) else (RSA, "RS256")
        with pytest.raises(SignOnRefused):
            sign_on.claimed(token(key=signer, alg=alg), HERE, WAY, keys=keys)
    with pytest.raises(SignOnRefused):
        sign_on.claimed(token(key=secret, alg="HS256"), HERE, WAY, keys={"keys": [secret.as_dict(private=True)]})


def test_a_provider_that_answers_byte_by_byte_has_no_longer_than_another():
    with trickling(b"HTTP/1.1 200 OK\r\nX: ") as url, deadline.timed_by(watch := Leaping(seconds=0.5)):
        slow = doors.Provider(name="x", issuer=url, client_id="comity-ut", client_secret="")
        with pytest.raises(sign_on.ProviderDidNotAnswer):
            sign_on.endpoints(slow)
        assert SIGN_ON_SECONDS_MAX < watch.now <= SIGN_ON_SECONDS_MAX + 1
