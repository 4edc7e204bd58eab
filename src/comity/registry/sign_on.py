"""Single sign-on: OpenID Connect, authorization code with PKCE, as a second way to open a session.

* The provider is the one that `node.toml` names; its own word on issuer, keys and addresses is taken from that address only.
* A trip has a state, a nonce and a code verifier of its own (`Trip`), which only the browser that began it carries.
* A token counts when its issuer, audience, nonce and times are right and its signature is by a key of the provider, under
  an algorithm with a public key that stands in `ALGORITHMS`. What the token says of its algorithm decides nothing.
* Times are read by the machine's own clock: a demonstration's clock is its own, the provider's is the world's.

OpenID Connect Core 1.0, section 3.1.3.7; RFC 7636; RFC 8725; RFC 9207.
"""

import json
import secrets
import threading
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from comity.errors import N_, ComityError
from comity.registry import deadline
from comity.registry.clock import Clock, stopwatch
from comity.registry.doors import Provider, is_safe
from comity.registry.limits import (
    SIGN_ON_AGE_SECONDS_MAX,
    SIGN_ON_BYTES_MAX,
    SIGN_ON_SECONDS_MAX,
    SIGN_ON_SKEW_SECONDS_MAX,
)

ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519")
"""Signatures with a public key. HS256 and `none` are not among them, and no token puts one there."""

SCOPE: Final = "openid"
TOKEN_CHARACTERS_MAX: Final = 16 * 1024
ANSWER_CHARACTERS_MAX: Final = 4096
ANSWER_FIELDS_MAX: Final = 20
ENDPOINTS_SECONDS: Final = 300.0
"""How long what a provider says of itself is believed before it is asked again."""

ASKING_MAX: Final = 4
"""Threads that ask a provider at one time: a slow one must not hold those that answer the desks."""

_asking: Final = threading.BoundedSemaphore(ASKING_MAX)
_told: Final[dict[str, tuple[float, "Endpoints"]]] = {}
_KEY_KINDS: Final = frozenset({"RSA", "EC", "OKP"})
_RSA_BITS_MIN: Final = 2048


class SignOnRefused(ComityError):
    """The provider did not say who this is, or not in a way that counts."""

    code = "registry.sign_on_refused"
    sentence = N_("single sign-on did not open a session: {why}")
    hint = N_("Try again, or sign in with your passkey.")


class ProviderDidNotAnswer(ComityError):
    """The provider of single sign-on could not be asked."""

    code = "registry.provider_did_not_answer"
    sentence = N_("the provider of single sign-on cannot be used now: {why}")
    hint = N_("Sign in with your passkey; it needs no provider.")


@dataclass(frozen=True)
class Endpoints:
    """Where a provider is asked, as its own configuration document says."""

    authorize: str
    token: str
    keys: str
    names_itself: bool
    """Whether its answers name it (RFC 9207)."""


@dataclass(frozen=True)
class Trip:
    """One way to the provider and back: what only the browser that began it knows."""

    state: str
    nonce: str
    verifier: str


def trip() -> Trip:
    """A new trip, with 256 bits for each of its parts."""
    return Trip(state=secrets.token_urlsafe(32), nonce=secrets.token_urlsafe(32), verifier=secrets.token_urlsafe(48))


def address(provider: Provider, way: Trip, *, back: str) -> str:
    """Where the browser is sent; raises `ProviderDidNotAnswer`."""
    return str(
        prepare_grant_uri(
            endpoints(provider).authorize,
            client_id=provider.client_id,
            response_type="code",
            redirect_uri=back,
            scope=SCOPE,
            state=way.state,
            nonce=way.nonce,
            code_challenge=create_s256_code_challenge(way.verifier),
            code_challenge_method="S256",
        )
    )


def subject(provider: Provider, way: Trip, *, answer: str, back: str) -> str:
    """Who the provider says that the browser's person is; `answer` is the query with which the browser came back.

    Raises `SignOnRefused` or `ProviderDidNotAnswer`.
    """
    asked = endpoints(provider)
    code = _code(answer, provider, way, asked)
    sent = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "code_verifier": way.verifier,
        "client_id": provider.client_id,
    }
    login = (provider.client_id, provider.client_secret) if provider.client_secret else None
    told = _asked("POST", asked.token, data=sent, login=login)
    token = told.get("id_token")
    if not isinstance(token, str) or len(token) > TOKEN_CHARACTERS_MAX:
        raise SignOnRefused(why="no token came back")
    return claimed(token, provider, way, keys=_asked("GET", asked.keys), access=told.get("access_token"))


def claimed(token: str, provider: Provider, way: Trip, *, keys: Mapping[str, Any], access: object = None) -> str:
    """The subject of a token that counts; raises `SignOnRefused`."""
    try:
        read = jwt.decode(token, _public(keys), algorithms=list(ALGORITHMS))
        claims = CodeIDToken(
            read.claims,
            read.header,
            options={
                "iss": {"essential": True, "value": provider.issuer},
                "aud": {"essential": True, "value": provider.client_id},
                "nonce": {"essential": True, "value": way.nonce},
            },
            params={
                "nonce": way.nonce,
                "client_id": provider.client_id,
                "access_token": access if isinstance(access, str) else None,
            },
        )
        now = int(Clock().now().timestamp())
        claims.validate(now=now, leeway=SIGN_ON_SKEW_SECONDS_MAX)
    except (JoseError, ValueError, KeyError, TypeError, RecursionError) as broken:
        raise SignOnRefused(why=str(broken)[:200] or type(broken).__name__) from broken
    if now - claims["iat"] > SIGN_ON_AGE_SECONDS_MAX + SIGN_ON_SKEW_SECONDS_MAX:
        raise SignOnRefused(why="the token is too old")
    found = claims["sub"]
    if not isinstance(found, str) or not 0 < len(found) <= 255 or not found.isascii() or not found.isprintable():  # noqa: PLR2004 - OIDC Core, section 2
        raise SignOnRefused(why="the token names nobody")
    return found


def endpoints(provider: Provider) -> Endpoints:
    """What the provider says of itself (OpenID Connect Discovery 1.0), asked every few minutes; raises `ProviderDidNotAnswer`."""
    until, kept = _told.get(provider.issuer, (0.0, None))
    if kept is not None and stopwatch() < until:
        return kept
    fresh = _discovered(provider)
    _told[provider.issuer] = (stopwatch() + ENDPOINTS_SECONDS, fresh)
    return fresh


def forget() -> None:
    """Ask each provider anew what it says of itself."""
    _told.clear()


def _discovered(provider: Provider) -> Endpoints:
    told = _asked("GET", provider.issuer.rstrip("/") + "/.well-known/openid-configuration")
    if told.get("issuer") != provider.issuer:
        raise ProviderDidNotAnswer(why="it calls itself by another name than node.toml")
    found = [told.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    if not all(isinstance(one, str) and is_safe(one) for one in found):
        raise ProviderDidNotAnswer(why="it names an address that is not reached over https")
    authorize, token, keys = (str(one) for one in found)
    names = told.get("authorization_response_iss_parameter_supported") is True
    return Endpoints(authorize=authorize, token=token, keys=keys, names_itself=names)


def _code(answer: str, provider: Provider, way: Trip, asked: Endpoints) -> str:
    """The code in an answer that belongs to this trip and comes from this provider."""
    if len(answer) > ANSWER_CHARACTERS_MAX:
        raise SignOnRefused(why="the answer is too long")
    try:
        given = parse_qsl(answer, keep_blank_values=True, max_num_fields=ANSWER_FIELDS_MAX)
    except ValueError as broken:
        raise SignOnRefused(why="the answer says too much") from broken
    parts = dict(given)
    if len(parts) != len(given):
        raise SignOnRefused(why="the answer says something twice")
    if not secrets.compare_digest(parts.get("state", "").encode(), way.state.encode()):
        raise SignOnRefused(why="the answer belongs to another browser or another try")
    if ("iss" in parts or asked.names_itself) and parts.get("iss") != provider.issuer:
        raise SignOnRefused(why="the answer comes from another provider")
    if "error" in parts or not parts.get("code"):
        raise SignOnRefused(why=f"the provider says {parts.get('error', 'nothing')[:60]}")
    return parts["code"]


def _public(keys: Mapping[str, Any]) -> KeySet:
    """The keys of a provider that can check a signature and nothing else."""
    listed = keys.get("keys")
    if not isinstance(listed, list):
        raise SignOnRefused(why="the provider has no keys")
    good = [one for one in listed if isinstance(one, dict) and one.get("kty") in _KEY_KINDS and _signs(one)]
    if not good:
        raise SignOnRefused(why="the provider has no key that signs")
    return KeySet.import_key_set({"keys": good})


def _signs(key: Mapping[str, Any]) -> bool:
    """Whether a key is meant for signatures, under an algorithm of ours, and is long enough."""
    if key.get("use", "sig") != "sig" or ("alg" in key and key["alg"] not in ALGORITHMS):
        return False
    return key["kty"] != "RSA" or len(urlsafe_b64decode(str(key.get("n", "")) + "==")) * 8 >= _RSA_BITS_MIN


def _asked(
    method: str, url: str, *, data: Mapping[str, str] | None = None, login: tuple[str, str] | None = None
) -> dict[str, Any]:
    """A JSON object from the provider, within bounds of time and size, from this address and no other."""
    auth = httpx.BasicAuth(*login) if login else None
    if not _asking.acquire(blocking=False):
        raise ProviderDidNotAnswer(why="others are asking it")
    got = bytearray()
    try:
        with (
            deadline.within(SIGN_ON_SECONDS_MAX),
            deadline.client(seconds=SIGN_ON_SECONDS_MAX) as client,
            client.stream(method, url, data=data, auth=auth, headers={"Accept": "application/json"}) as answer,
        ):
            for piece in answer.iter_bytes():
                got += piece
                if len(got) > SIGN_ON_BYTES_MAX:
                    raise ProviderDidNotAnswer(why="its answer is too long")
            status = answer.status_code
    except (httpx.HTTPError, httpx.InvalidURL) as broken:
        raise ProviderDidNotAnswer(why=type(broken).__name__) from broken
    finally:
        _asking.release()
    if status != 200:  # noqa: PLR2004 - OK
        raise ProviderDidNotAnswer(why=f"it answered {status}")
    try:
        told = json.loads(bytes(got))
    except (ValueError, RecursionError) as broken:
        raise ProviderDidNotAnswer(why="its answer is no JSON") from broken
    if not isinstance(told, dict):
        raise ProviderDidNotAnswer(why="its answer is no object")
    return told
