"""The envelope: one message from one node to another, signed and then sealed.

    {"format":"comity-envelope-v1","from":"cv","id":"...","kind":"demo","receive_key":"...","sent_at":"...", ...}
    <HPKE ciphertext of a signed statement of type comity/message/v1>

* The first line, a canonical JSON header, is readable by whoever carries the envelope; all else is sealed.
* The header is bound into the key schedule (HPKE `info`) and repeated in the signed text: neither can be swapped.
* Who sealed does not matter; who signed does. The signature is inside, so that a carrier does not see who wrote what.
* A message that is sent again is sealed again, to the receiver's present key, and says the same text with the same
  `sent_at`: its digest is the same. Another text under the same id is taken for a forgery (`inbox.judge`).
* Opening checks in one fixed order, cheapest first, and nothing is parsed before its sender is known.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography.exceptions import InvalidTag

from comity.authorities.statement import Sign, Statement, Verified, signed, verify_all
from comity.canon import JsonObject, NotAMoment, NotCanonical, TooLarge, canonical, moment, parse_object, stamp
from comity.errors import N_, ComityError
from comity.exchange.card import KindsDiffer, NodeCard, NodeKind
from comity.exchange.suite import suite_in_force
from comity.exchange.wire import CLOCK_SKEW_MAX, COURIER_AGE_MAX, NODE, REFERENCE, Fields, RecordBroken

MESSAGE: Final = "comity/message/v1"
FORMAT: Final = "comity-envelope-v1"
ENVELOPE_BYTES_MAX: Final = 4 * 1024 * 1024
HEADER_BYTES_MAX: Final = 4 * 1024

_SUITE_NAME: Final = re.compile(r"[a-z0-9+.-]{1,80}")
_SUBJECT: Final = re.compile(r"[a-z][a-z0-9_./-]{0,59}")
_HEADER_NAMES: Final = ("format", "id", "from", "to", "kind", "suite", "receive_key", "sent_at")
_BOUND_NAMES: Final = ("id", "from", "to", "kind", "sent_at")
_BODY_NAMES: Final = (*_BOUND_NAMES, "subject", "content")


class EnvelopeTooLarge(ComityError):
    """More bytes than one envelope may have."""

    code = "exchange.envelope_too_large"
    sentence = N_("the envelope has {found} bytes where at most {limit} are taken")
    hint = N_("Files travel as handed-over items, not inside a message.")


class HeaderBroken(ComityError):
    """The first line is no header."""

    code = "exchange.header_broken"
    sentence = N_("the envelope's header cannot be read: {why}")


class NotTheAddressee(ComityError):
    """The envelope is for another node."""

    code = "exchange.not_the_addressee"
    sentence = N_("the envelope is for node {to}, and this is {own}")


class PeerUnknown(ComityError):
    """The sender is no node that was paired with."""

    code = "exchange.peer_unknown"
    sentence = N_("node {node} is not paired with this node")
    hint = N_("Pair the two nodes: exchange cards and read the fingerprints aloud.")


class ReceiveKeyUnknown(ComityError):
    """The envelope is sealed to a key that is not, or no longer, ours."""

    code = "exchange.receive_key_unknown"
    sentence = N_("this node has no receive key {key} for an envelope of {sent_at}")
    hint = N_("Fetch this node's current card, write the message anew and send it.")


class EnvelopeDoesNotOpen(ComityError):
    """The ciphertext was altered, or sealed to another key or under another header."""

    code = "exchange.envelope_does_not_open"
    sentence = N_("envelope {id} from node {sender} does not open: it was altered, or is not for the key that it names")


class HeaderAndBodyDiffer(ComityError):
    """The signed text says something else than the header."""

    code = "exchange.header_and_body_differ"
    sentence = N_("the header of envelope {id} and the signed text in it differ in {names}")


class EnvelopeFromTheFuture(ComityError):
    """The envelope was sent later than now, by more than clocks may differ."""

    code = "exchange.envelope_from_the_future"
    sentence = N_("the envelope says that it was sent at {sent_at}, and it is {now}")
    hint = N_("Compare the clocks of the two nodes.")


class EnvelopeTooOld(ComityError):
    """The envelope was under way for longer than envelopes may be."""

    code = "exchange.envelope_too_old"
    sentence = N_("the envelope was sent at {sent_at}, more than {days} days before {now}")
    hint = N_("Ask the sender to write the message anew.")


@dataclass(frozen=True)
class Message:
    """What a node wants to say: a random reference, what it is about (such as `letter`), and the content.

    `written_at` is the time that it says it was sent at, the same at every attempt; None for a message written now.
    """

    id: str
    subject: str
    content: JsonObject
    written_at: datetime | None = None


@dataclass(frozen=True)
class Header:
    """The envelope's first line; `sender` is spelled `from` on the wire."""

    id: str
    sender: str
    to: str
    kind: NodeKind
    suite: str
    receive_key: str
    sent_at: datetime

    def as_record(self) -> JsonObject:
        """The header as JSON."""
        return {
            "format": FORMAT,
            "id": self.id,
            "from": self.sender,
            "to": self.to,
            "kind": self.kind.value,
            "suite": self.suite,
            "receive_key": self.receive_key,
            "sent_at": stamp(self.sent_at),
        }

    @classmethod
    def from_record(cls, record: JsonObject) -> "Header":
        """Read `as_record` back; raises `RecordBroken` or `NotAMoment`."""
        fields = Fields.of(record, record="envelope header", names=_HEADER_NAMES)
        fields.shaped("format", re.compile(re.escape(FORMAT)))
        return cls(
            id=fields.shaped("id", REFERENCE),
            sender=fields.shaped("from", NODE),
            to=fields.shaped("to", NODE),
            kind=NodeKind(fields.shaped("kind", re.compile("|".join(NodeKind)))),
            suite=fields.shaped("suite", _SUITE_NAME),
            receive_key=fields.shaped("receive_key", REFERENCE),
            sent_at=fields.moment("sent_at"),
        )


@dataclass(frozen=True)
class Sent:
    """What the sender keeps of a message, to compare the receipt with; `digest` is that of the signed text."""

    id: str
    sender: str
    to: str
    digest: str
    sent_at: datetime


@dataclass(frozen=True)
class Sealed:
    """An envelope ready to send."""

    sent: Sent
    data: bytes


@dataclass(frozen=True)
class Received:
    """An opened envelope: everything in it was checked. Only `open_envelope` makes one."""

    message: Verified
    header: Header

    @property
    def id(self) -> str:
        return self.header.id

    @property
    def sender(self) -> str:
        return self.header.sender

    @property
    def subject(self) -> str:
        return str(self.message.body["subject"])

    @property
    def content(self) -> JsonObject:
        content: JsonObject = self.message.body["content"]
        return content

    @property
    def digest(self) -> str:
        """The name by which receipts and records cite the message."""
        return self.message.statement.digest


Decrypt = Callable[[str, bytes, bytes], bytes]
"""Opens a ciphertext: (id of the receive key, ciphertext, info) to plaintext.

The caller keeps the private halves. It raises `InvalidTag` as HPKE does, or `ReceiveKeyUnknown` for a destroyed half.
"""


def seal_envelope(message: Message, *, to: NodeCard, sender: NodeCard, sign: Sign, at: datetime) -> Sealed:
    """The message signed by `sender` (with `sign`) and sealed to the newest receive key of `to`.

    Raises `KindsDiffer`, `CardNotInForce`, `NoReceiveKey`, `SuiteNotInForce`, `NotCanonical` or `EnvelopeTooLarge`.
    """
    assert REFERENCE.fullmatch(message.id), "references are ours"
    assert _SUBJECT.fullmatch(message.subject), "subjects are ours"
    if to.kind is not sender.kind:
        raise KindsDiffer(node=to.node, found=to.kind.value, own=sender.kind.value)
    to.in_force(at=at)
    key = to.receive_key(at=at)
    suite = suite_in_force(key.suite, at=at)
    header = Header(
        id=message.id,
        sender=sender.node,
        to=to.node,
        kind=sender.kind,
        suite=suite.name,
        receive_key=key.id,
        sent_at=moment(stamp(message.written_at or at)),
    )
    record = header.as_record()
    body = {name: record[name] for name in _BOUND_NAMES} | {"subject": message.subject, "content": message.content}
    statement = signed(Statement(type=MESSAGE, body=body), key=sender.signing_key, sign=sign)
    line = canonical(record)
    plaintext = statement.to_bytes()
    length = len(line) + 1 + len(plaintext) + suite.overhead_bytes
    if length > ENVELOPE_BYTES_MAX:
        raise EnvelopeTooLarge(found=length, limit=ENVELOPE_BYTES_MAX)
    ciphertext = suite.seal(plaintext, public=key.public, info=_info(line))
    sent = Sent(id=header.id, sender=sender.node, to=to.node, digest=statement.digest, sent_at=header.sent_at)
    return Sealed(sent=sent, data=line + b"\n" + ciphertext)


def open_envelope(
    data: bytes, *, own: NodeCard, decrypt: Decrypt, peers: Mapping[str, NodeCard], at: datetime
) -> Received:
    """The message in an envelope for `own` from one of `peers`; every check passed, in the order of the code.

    `peers` are admitted cards by node. Raises the refusals of this module, those of `KindsDiffer`, `CardNotInForce`,
    `suite_in_force`, and for the sealed text `NotCanonical`, `StatementBroken`, `RecordBroken` and as `verify_all`.
    """
    if len(data) > ENVELOPE_BYTES_MAX:
        raise EnvelopeTooLarge(found=len(data), limit=ENVELOPE_BYTES_MAX)
    line, header = _header(data)
    if header.to != own.node:
        raise NotTheAddressee(to=header.to, own=own.node)
    if header.kind is not own.kind:
        raise KindsDiffer(node=header.sender, found=header.kind.value, own=own.kind.value)
    if header.sender not in peers:
        raise PeerUnknown(node=header.sender)
    peer = peers[header.sender]
    peer.in_force(at=at)
    suite_in_force(header.suite, at=at)
    _hold_receive_key(header, own, at=at)
    try:
        plaintext = decrypt(header.receive_key, data[len(line) + 1 :], _info(line))
    except InvalidTag as closed:
        raise EnvelopeDoesNotOpen(id=header.id, sender=header.sender) from closed
    statement = Statement.from_bytes(plaintext, limit=ENVELOPE_BYTES_MAX)
    (verified,) = verify_all(statement, type=MESSAGE, keys=[peer.signing_key])
    _hold_body(header, verified)
    _hold_age(header, at=at)
    return Received(message=verified, header=header)


def _info(line: bytes) -> bytes:
    return FORMAT.encode() + b"\n" + line


def _header(data: bytes) -> tuple[bytes, Header]:
    line, found, _ = data[: HEADER_BYTES_MAX + 1].partition(b"\n")
    if not found:
        raise HeaderBroken(why=f"no line ends within {HEADER_BYTES_MAX} bytes")
    try:
        return line, Header.from_record(parse_object(line, limit=HEADER_BYTES_MAX))
    except (NotCanonical, TooLarge, NotAMoment, RecordBroken) as broken:
        raise HeaderBroken(why=str(broken)) from broken


def _hold_receive_key(header: Header, own: NodeCard, *, at: datetime) -> None:
    """Our card lists the key, for that suite, and it was in use while an envelope may have been under way."""
    for key in own.receive_keys:
        in_use = key.from_ <= at + CLOCK_SKEW_MAX and at < key.until + COURIER_AGE_MAX
        if (key.id, key.suite) == (header.receive_key, header.suite) and in_use:
            return
    raise ReceiveKeyUnknown(key=header.receive_key, sent_at=stamp(header.sent_at))


def _hold_body(header: Header, verified: Verified) -> None:
    fields = Fields.of(verified.body, record="message", names=_BODY_NAMES)
    fields.shaped("subject", _SUBJECT)
    fields.object("content")
    record = header.as_record()
    differing = [name for name in _BOUND_NAMES if fields.values[name] != record[name]]
    if differing:
        raise HeaderAndBodyDiffer(id=header.id, names=", ".join(differing))


def _hold_age(header: Header, *, at: datetime) -> None:
    age: timedelta = at - header.sent_at
    if age < -CLOCK_SKEW_MAX:
        raise EnvelopeFromTheFuture(sent_at=stamp(header.sent_at), now=stamp(at))
    if age > COURIER_AGE_MAX:
        raise EnvelopeTooOld(sent_at=stamp(header.sent_at), days=COURIER_AGE_MAX.days, now=stamp(at))
