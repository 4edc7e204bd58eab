"""The one signed-statement format: canonical JSON and a list of signatures over it.

Letters, authorisations, custody records, receipts, directory entries and node cards are statements.

    {"body": {...}, "signatures": [{"context": {...}, "key": "<key id>", "value": "<base64>"}], "type": "comity/letter/v1"}

* What is signed: `comity-statement-v1`, a line feed, then the canonical JSON of `{"body", "context", "type"}`.
* `context` is empty for a node. For an official it names office, mandate, nonce and expiry, so that one assertion
  can neither be used for another text nor in another office.
* A signature is only ever checked with the key record that the verifier already trusts.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from comity.authorities.keys import PublicKey, b64, unb64
from comity.canon import JsonObject, canonical, parse_object, sha256_hex
from comity.errors import N_, ComityError

STATEMENT_BYTES_MAX: Final = 4 * 1024 * 1024
SIGNATURES_MAX: Final = 16
_DOMAIN: Final = b"comity-statement-v1\n"


class StatementBroken(ComityError):
    """Bytes are not a statement."""

    code = "authorities.statement_broken"
    sentence = N_("this is not a signed statement: {why}")


class WrongStatement(ComityError):
    """A statement of one type was handed in where another is read."""

    code = "authorities.wrong_statement"
    sentence = N_("a statement of type {found} was handed in where {expected} is read")


class SignerMissing(ComityError):
    """A signature that the reader needs is not there."""

    code = "authorities.signer_missing"
    sentence = N_("the {type} carries no signature by key {key}")
    hint = N_("Ask for the copy that this signer has signed.")


@dataclass(frozen=True)
class Signature:
    """One signature: the key's id, the bytes, and (for officials) what the signature is bound to."""

    key: str
    value: bytes
    context: JsonObject = field(default_factory=dict)


@dataclass(frozen=True)
class Statement:
    """A typed text with the signatures over it; equality is equality of the text and of the signatures."""

    type: str
    body: JsonObject
    signatures: tuple[Signature, ...] = ()

    def text(self, context: JsonObject | None = None) -> bytes:
        """The exact bytes that a signature under `context` covers."""
        return _DOMAIN + canonical({"body": self.body, "context": context or {}, "type": self.type})

    @property
    def digest(self) -> str:
        """SHA-256 (hexadecimal) of the text without context: the name by which other records cite this statement."""
        return sha256_hex(self.text())

    def signed_with(self, signature: Signature) -> "Statement":
        """The same text with one more signature."""
        return replace(self, signatures=(*self.signatures, signature))

    def to_bytes(self) -> bytes:
        """The statement as canonical JSON."""
        return canonical(self.as_json())

    def as_json(self) -> JsonObject:
        """The statement as a JSON value, to stand inside another document."""
        return {
            "body": self.body,
            "signatures": [{"context": s.context, "key": s.key, "value": b64(s.value)} for s in self.signatures],
            "type": self.type,
        }

    @classmethod
    def from_bytes(cls, data: bytes, *, limit: int = STATEMENT_BYTES_MAX) -> "Statement":
        """Read a statement without believing it; raises `NotCanonical`, `TooLarge` or `StatementBroken`."""
        return cls.from_json(parse_object(data, limit=limit))

    @classmethod
    def from_json(cls, value: object) -> "Statement":
        """As `from_bytes`, for a value that was parsed as part of another document."""
        match value:
            case {"type": str(kind), "body": dict(body), "signatures": list(listed), **rest} if not rest:
                pass
            case _:
                raise StatementBroken(why="expected exactly body, signatures and type")
        if len(listed) > SIGNATURES_MAX:
            raise StatementBroken(why=f"{len(listed)} signatures where at most {SIGNATURES_MAX} are read")
        return cls(type=kind, body=body, signatures=tuple(_signature(one) for one in listed))


def _signature(value: object) -> Signature:
    match value:
        case {"key": str(key), "value": str(text), "context": dict(context), **rest} if not rest:
            return Signature(key=key, value=unb64(text), context=context)
        case _:
            raise StatementBroken(why="a signature has exactly context, key and value")


@dataclass(frozen=True)
class Verified:
    """A statement whose signature by `key` was checked. Only `verify` makes one."""

    statement: Statement
    key: PublicKey
    context: JsonObject

    @property
    def body(self) -> JsonObject:
        """The text's body."""
        return self.statement.body


def verify(statement: Statement, *, type: str, key: PublicKey) -> Verified:  # noqa: A002 - the format's own word
    """Hold that `statement` is of `type` and signed by `key`.

    Raises `WrongStatement`, `SignerMissing` or `SignatureDoesNotVerify`.
    """
    if statement.type != type:
        raise WrongStatement(found=statement.type[:60], expected=type)
    by_key = [signature for signature in statement.signatures if signature.key == key.id]
    if len(by_key) != 1:
        raise SignerMissing(type=type, key=key.id)
    key.verify(by_key[0].value, statement.text(by_key[0].context))
    return Verified(statement=statement, key=key, context=by_key[0].context)


def verify_all(statement: Statement, *, type: str, keys: Iterable[PublicKey]) -> tuple[Verified, ...]:  # noqa: A002
    """Hold that every one of `keys` signed, and nobody else did; raises as `verify`, and `StatementBroken`."""
    verified = tuple(verify(statement, type=type, key=key) for key in keys)
    strangers = {signature.key for signature in statement.signatures} - {one.key.id for one in verified}
    if strangers:
        raise StatementBroken(why=f"signatures by keys nobody asked for: {', '.join(sorted(strangers))}")
    return verified


Sign = Callable[[bytes], bytes]
"""Signs bytes with a key that the caller keeps; the pure layer never sees the key."""


def signed(statement: Statement, *, key: PublicKey, sign: Sign, context: JsonObject | None = None) -> Statement:
    """The statement with the signature that `sign` makes over its text; `key` names the public half."""
    bound = context or {}
    return statement.signed_with(Signature(key=key.id, value=sign(statement.text(bound)), context=bound))
