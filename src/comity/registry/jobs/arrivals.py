"""Take in one envelope: open, check every signature, and let it take effect exactly once.

The order is the envelope's: length, header, addressee, kind, peer, decryption, signature. Only after that is the
content parsed. What a known peer signed and we refuse becomes a log entry (rate-limited); noise becomes nothing.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from django.db import DataError, IntegrityError

from comity.authorisations.covering import Standing
from comity.authorities.standing import read_standing
from comity.authorities.statement import Statement
from comity.canon import Json, JsonObject, canonical, sha256_hex
from comity.errors import N_, ComityError
from comity.exchange import inbox
from comity.exchange.envelope import Received
from comity.exchange.receipt import read_receipt
from comity.exchange.wire import REFERENCE
from comity.law import Edition, replay
from comity.ledger.entry import Entry as LogEntry
from comity.letters.dossier import authorised_to_send, read_authorisation, read_event, read_letter
from comity.letters.emergency import hold_emergency, hold_validation
from comity.letters.forms import carried
from comity.letters.letter import Letter
from comity.letters.life import Step
from comity.registry import introductions, post, work
from comity.registry.act import current
from comity.registry.actions import arrivals as effects
from comity.registry.actions import mandates
from comity.registry.introductions import Introduced, introduced
from comity.registry.jobs import cards, competence, endings, hand_overs, log_keys, refusals, things, witnesses
from comity.registry.limits import MESSAGES_PER_MINUTE_MAX
from comity.registry.models import InboxRow, LetterRow, OutboxRow
from comity.registry.queries.people import known
from comity.registry.rows import RECEIPT, Inbound

PEOPLE_MAX: Final = 32
"""Entries that travel with a message, and what became of their mandates."""


class Taken(StrEnum):
    """What became of an envelope that was not refused."""

    RECEIVED = "received"
    DUPLICATE = "duplicate"


class TooManyMessages(ComityError):
    """A peer sends more than this node takes in."""

    code = "registry.too_many_messages"
    sentence = N_("node {sender} sent more than {limit} messages within a minute")
    hint = N_("They stay in its outbox and are sent again.")


class ContentBroken(ComityError):
    """A message says it is about something, and holds something else."""

    code = "registry.content_broken"
    sentence = N_("the {subject} message cannot be read: {why}")


def take_in(data: bytes, *, at: datetime) -> Taken:
    """Let an envelope take effect; raises the first refusal, and then nothing of it stays here."""
    received = post.open_sealed(data, at=at)
    stored = InboxRow.objects.filter(sender=received.sender, message=received.id).first()
    try:
        outcome = inbox.judge(received, stored_digest=stored.digest if stored else None)
        if outcome is inbox.Outcome.DUPLICATE:
            return _again(received, at=at)
        _hold_quota(received, at=at)
        witnesses.hold_not_quarantined(received.sender, subject=received.subject, content=received.content)
        _READERS.get(received.subject, _unknown)(received, at=at)
    except IntegrityError:
        # the same message in another thread was faster; anything else that is unique stands here already
        if InboxRow.objects.filter(sender=received.sender, message=received.id).exists():
            return Taken.DUPLICATE
        refusal = ContentBroken(subject=received.subject[:30], why="it repeats what another message brought")
        refusals.note_message(refusal, peer=received.sender, at=at)
        raise refusal from None
    except DataError as unkept:
        refusal = ContentBroken(subject=received.subject[:30], why="it holds a text that no table takes")
        refusals.note_message(refusal, peer=received.sender, at=at)
        raise refusal from unkept
    except (TooManyMessages, witnesses.PeerQuarantined):
        raise  # not logged: the log must not grow with the flood, and what waits is asked for again
    except ComityError as refusal:
        refusals.note_message(refusal, peer=received.sender, at=at)
        raise
    return Taken.RECEIVED


def _hold_quota(received: Received, *, at: datetime) -> None:
    minute = InboxRow.objects.filter(sender=received.sender, received_at__gt=at - timedelta(minutes=1)).count()
    if minute >= MESSAGES_PER_MINUTE_MAX:
        raise TooManyMessages(sender=received.sender, limit=MESSAGES_PER_MINUTE_MAX)


def _again(received: Received, *, at: datetime) -> Taken:
    """The peer did not hear of our receipt: sign and send it once more."""
    work.reopen(kind=RECEIPT, about=f"{received.sender}/{received.id}", at=at)
    return Taken.DUPLICATE


def _letter(received: Received, *, at: datetime) -> None:
    content = _exactly(
        received, {"letter", "authorisation", "verdict", "officials"}, optional=frozenset({"validation"})
    )
    people = _people(received, content)
    us = current()
    who = known({received.sender: introductions.statements(people)}, viewer=us.machine("post"))
    proven = read_letter(Statement.from_json(content["letter"]), known=who)
    letter = proven.record
    authorisation = read_authorisation(Statement.from_json(content["authorisation"]), letter=letter, known=who)
    _hold_for_us(letter)
    _hold_verdict(letter, content["verdict"])
    hold_emergency(letter, authorisation.record, verdict=content["verdict"])
    validation = None
    if "validation" in content:
        validation = read_authorisation(Statement.from_json(content["validation"]), letter=letter, known=who)
        hold_validation(validation.record, authorisation)
    reasons = authorised_to_send(
        letter,
        digest=proven.digest,
        authorisation=authorisation.record,
        at=received.header.sent_at,
        standing=Standing(validated_at=validation.record.decided_at if validation else None),
    )
    effects.receive_letter(
        _inbound(received),
        proven,
        authorisation=authorisation,
        validation=validation,
        verdict=content["verdict"],
        people=people,
        reasons=reasons,
        actor=us.machine("post"),
        at=at,
    )


def _hold_for_us(letter: Letter) -> None:
    us = current()
    if us.id not in {delivery.node for delivery in letter.deliveries} or letter.to_state != us.state:
        raise ContentBroken(subject="letter", why=f"it is not delivered to node {us.id} of {us.state}")


def _hold_verdict(letter: Letter, verdict: Json) -> None:
    """The letter's own verdict carries it, and says what the law says wherever this node holds the same edition."""
    if sha256_hex(canonical(verdict)) != letter.grounding.verdict:
        raise ContentBroken(subject="letter", why="its verdict is not the one that the letter cites")
    edition = Edition.packaged()
    if letter.grounding.edition == edition.hash:
        replay(verdict, edition)
    try:
        carried(letter, verdict=verdict)
    except (KeyError, TypeError, AttributeError) as broken:
        raise ContentBroken(subject="letter", why=f"its verdict is none: {broken!r}"[:200]) from broken


def _event(received: Received, *, at: datetime) -> None:
    content = _exactly(received, {"event", "officials"}, optional=frozenset({"authorisation"}))
    people = _people(received, content)
    us = current()
    who = known({received.sender: introductions.statements(people)}, viewer=us.machine("post"))
    proven = read_event(Statement.from_json(content["event"]), known=who)
    recognition = None
    if "authorisation" in content:
        if proven.record.step is not Step.RECOGNISE:
            raise ContentBroken(subject="event", why=f"to {proven.record.step.value} rests on no authorisation")
        row = LetterRow.objects.filter(digest=proven.record.letter, peer=received.sender).first()
        if row is None:
            raise ContentBroken(subject="event", why="it is about a letter that we do not share")
        letter = Letter.from_body(Statement.from_bytes(bytes(row.statement)).body)
        recognition = read_authorisation(Statement.from_json(content["authorisation"]), letter=letter, known=who)
    effects.receive_event(
        _inbound(received), proven, recognition=recognition, people=people, actor=us.machine("post"), at=at
    )


def _receipt(received: Received, *, at: datetime) -> None:
    content = _exactly(received, {"receipt", "entry"})
    statement = Statement.from_json(content["receipt"])
    row = _sent(str(statement.body.get("message")), to=received.sender)
    if row is None:
        raise ContentBroken(subject="receipt", why="this node sent no such message")
    card = post.peer(received.sender)
    receipt = read_receipt(statement, peer=card, sent=post.seal(row, to=card, at=at).sent, at=at)
    entry = LogEntry.from_bytes(canonical(content["entry"]))
    if entry.leaf_hash.hex() != receipt.leaf_hash:
        raise ContentBroken(subject="receipt", why="the entry that came with it is not the one that it names")
    effects.record_receipt(
        _inbound(received),
        receipt,
        statement=statement,
        their_entry=entry,
        actor=current().machine("post"),
        at=at,
    )


def _sent(message: str, *, to: str) -> OutboxRow | None:
    """The message that this node sent; a text without the shape of one cannot even be looked up (NUL)."""
    if not REFERENCE.fullmatch(message):
        return None
    return OutboxRow.objects.filter(message=message, peer=to).first()


def _transfer(received: Received, *, at: datetime) -> None:
    content = _exactly(
        received, {"transfer", "custody", "key", "receive_key", "officials"}, optional=frozenset({"flags"})
    )
    hand_overs.offered(_inbound(received), content, people=_people(received, content), at=at)


def _accepted(received: Received, *, at: datetime) -> None:
    content = _exactly(received, {"transfer", "officials"})
    hand_overs.accepted(_inbound(received), content, people=_people(received, content), at=at)


def _competence(received: Received, *, at: datetime) -> None:
    content = _exactly(received, {"entry", "officials"})
    competence.arrived(_inbound(received), content, people=_people(received, content), at=at)


def _standing(received: Received, *, at: datetime) -> None:
    """What became of a mandate of the sender: signatures are judged by it from now on, also those that came before."""
    statement = Statement.from_json(_exactly(received, {"standing"})["standing"])
    whose, _ = read_standing(statement, node=received.sender, node_key=post.peer(received.sender).signing_key)
    mandates.receive_standing(_inbound(received), whose, statement, actor=current().machine("post"), at=at)


def _validation(received: Received, *, at: datetime) -> None:
    content = _exactly(received, {"validation", "officials"})
    endings.validated(_inbound(received), content, people=_people(received, content), at=at)


def _lapse(received: Received, *, at: datetime) -> None:
    content = _exactly(received, {"lapse", "officials"})
    endings.lapsed(_inbound(received), content, people=_people(received, content), at=at)


def _exhibit(received: Received, *, at: datetime) -> None:
    content = _exactly(received, {"exhibit", "custody", "officials"}, optional=frozenset({"flags"}))
    things.offered(_inbound(received), content, people=_people(received, content), at=at)


def _exhibit_accepted(received: Received, *, at: datetime) -> None:
    content = _exactly(received, {"exhibit", "officials"})
    things.accepted(_inbound(received), content, people=_people(received, content), at=at)


def _erasure(received: Received, *, at: datetime) -> None:
    content = _exactly(received, {"erasure", "officials"})
    endings.erased(_inbound(received), content, people=_people(received, content), at=at)


def _finding(received: Received, *, at: datetime) -> None:
    """A peer shows what it saw of a log: this node's own, or another's."""
    content = _exactly(received, {"kind", "finding"})
    witnesses.arrived(_inbound(received), content["kind"], content["finding"], at=at)


def _log_key(received: Received, *, at: datetime) -> None:
    """A peer's log signs with a new key from now on."""
    log_keys.arrived(_inbound(received), received.content, at=at)


def _card(received: Received, *, at: datetime) -> None:
    """A peer renewed its card."""
    cards.arrived(_inbound(received), received.content, at=at)


def _unknown(received: Received, *, at: datetime) -> None:  # noqa: ARG001 - a reader like the others
    raise ContentBroken(subject=received.subject[:30], why="this node reads no such messages")


Reader = Callable[..., None]
_READERS: Final[Mapping[str, Reader]] = MappingProxyType(
    {
        "card": _card,
        "competence": _competence,
        "letter": _letter,
        "event": _event,
        "receipt": _receipt,
        "standing": _standing,
        "transfer": _transfer,
        "transfer-accepted": _accepted,
        "validation": _validation,
        "lapse": _lapse,
        "log-finding": _finding,
        "log-key": _log_key,
        "erasure": _erasure,
        "exhibit": _exhibit,
        "exhibit-accepted": _exhibit_accepted,
    }
)


def _inbound(received: Received) -> Inbound:
    return Inbound(sender=received.sender, message=received.id, digest=received.digest, subject=received.subject)


def _exactly(received: Received, names: set[str], optional: frozenset[str] = frozenset()) -> JsonObject:
    content = received.content
    if not names <= set(content) <= names | optional:
        raise ContentBroken(subject=received.subject, why=f"expected exactly {', '.join(sorted(names))}")
    return content


def _people(received: Received, content: JsonObject) -> tuple[Introduced, ...]:
    listed = content["officials"]
    if not isinstance(listed, list) or len(listed) > PEOPLE_MAX:
        raise ContentBroken(subject=received.subject, why=f"at most {PEOPLE_MAX} officials are read")
    return introduced([Statement.from_json(one) for one in listed], home=post.homes()[received.sender])
