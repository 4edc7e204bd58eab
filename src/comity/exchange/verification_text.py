"""Verifying one text alone: a checkpoint, the proof of a log entry, a receipt, or another signed text, under cards.

* What it is follows from its content. Keys come from the cards that the reader brought, never from the file.
* An official's signature needs that official's directory entry, which only a bundle and a signed PDF bring: here it is
  reported as not checked, and what the official's node signed is held.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from comity.authorities.statement import Statement, verify, verify_all
from comity.canon import NotCanonical, canonical, parse_object, stamp
from comity.errors import N_, ComityError
from comity.exchange.card import NodeCard
from comity.exchange.receipt import RECEIPT, Receipt
from comity.exchange.verification import DoesNotVerify, Result, Step
from comity.exchange.verification_held import Contradiction
from comity.ledger import (
    Consistency,
    Entry,
    Inclusion,
    claimed,
    cosigners,
    verify_logged,
)

TEXT_BYTES_MAX: Final = 4 * 1024 * 1024
_NODE: Final = "RFC 8032 Ed25519 and FIPS 204 ML-DSA-65, both; RFC 8785 JSON"
_NOTE: Final = "C2SP tlog-checkpoint and signed-note; RFC 8032 Ed25519"
_WITNESS: Final = "C2SP tlog-cosignature"
_CONSISTENCY: Final = "RFC 9162, 2.1.4.2; C2SP tlog-checkpoint"
_INCLUSION: Final = "RFC 9162, 2.1.3.2; RFC 6962 leaves over RFC 8785 JSON"

Details: TypeAlias = tuple[str, ...]
Found: TypeAlias = tuple[Result, Details]


class NotAText(ComityError):
    """A file is no checkpoint, no proof and no signed text."""

    code = "exchange.not_a_text"
    sentence = N_("this is no bundle, no PDF, no checkpoint, no proof and no signed text of a node")
    hint = N_("`comity verify` reads what a node hands out as a file, unchanged.")


class CardNotBrought(ComityError):
    """Nothing can be verified without the card of the node that made a text."""

    code = "exchange.card_not_brought"
    sentence = N_("this was made by {made_by}, and no card that was brought is that node's")
    hint = N_("Ask that node's authority for its card, compare its fingerprint by voice, and bring it with --card.")


@dataclass(frozen=True)
class _Proof:
    entry: Entry
    inclusion: Inclusion


_Text: TypeAlias = bytes | _Proof | Consistency | Statement


class TextVerification:
    """One reading of a text; raises `NotAText` when made, and `CardNotBrought` where no card fits."""

    def __init__(self, data: bytes, *, cards: Mapping[str, NodeCard]) -> None:
        """`cards`: of the nodes whose people handed them over, by node."""
        self._text = _read(data)
        self._cards = cards
        self._card = self._made_by()

    @property
    def kind(self) -> str:
        """Whether the node is live, for a drill or for a demonstration."""
        return self._card.kind.value

    @property
    def node(self) -> str:
        """The node that made it."""
        return self._card.node

    @property
    def fingerprints(self) -> dict[str, str]:
        """The fingerprint of that node's key."""
        return {self._card.node: self._card.fingerprint}

    def steps(self) -> Iterator[Step]:
        """Every check that holds or lacks something; raises `DoesNotVerify` at the first that fails."""
        for name, standard, check in self._checks():
            try:
                result, details = check()
            except (ComityError, ValueError, KeyError, TypeError) as refusal:
                raise DoesNotVerify(step=name, standard=standard, member="the file", why=str(refusal)) from refusal
            yield Step(step=name, standard=standard, result=result, details=details)

    def _checks(self) -> tuple[tuple[str, str, Callable[[], Found]], ...]:
        match self._text:
            case bytes():
                note = self._text
                return (
                    ("checkpoint", _NOTE, lambda: self._signed(note)),
                    ("witnesses", _WITNESS, lambda: self._witnessed(note)),
                )
            case _Proof():
                note = self._text.inclusion.checkpoint
                return (
                    ("checkpoint", _NOTE, lambda: self._signed(note)),
                    ("witnesses", _WITNESS, lambda: self._witnessed(note)),
                    ("inclusion", _INCLUSION, self._included),
                )
            case Consistency():
                return (("consistency", _CONSISTENCY, self._only_grew),)
            case Statement(type=type_) if type_ == RECEIPT:
                return (("receipt", _NODE, self._receipt),)
            case _:
                return (("node's signature", _NODE, self._by_node), ("officials' signatures", _NODE, self._officials))

    def _made_by(self) -> NodeCard:
        text = self._text
        if isinstance(text, Statement):
            signers = {one.key for one in text.signatures}
            found = [card for card in self._cards.values() if card.signing_key.id in signers]
            says = str(text.body.get("to" if text.type == RECEIPT else "node") or "a node that is not named")
            if isinstance(text.body.get("by"), dict):
                says = str(text.body["by"].get("node"))
        else:
            says = claimed(_note_of(text)).origin
            found = [card for card in self._cards.values() if says == card.log_origin or card.log_named(says)]
        if not found:
            raise CardNotBrought(made_by=repr(says)[:80])
        return found[0]

    def _signed(self, note: bytes) -> Found:
        _, head = self._card.opened(note, at=None)
        return Result.HOLDS, (f"{head.origin} at size {head.size}, root {head.root.hex()}",)

    def _witnessed(self, note: bytes) -> Found:
        keys = [card.witness for name, card in sorted(self._cards.items()) if name != self._card.node]
        if not keys:
            return Result.NOT_CHECKED, ("no card of another node was brought, so no witness is known",)
        found = cosigners(note, keys)
        said = tuple(f"cosigned by {one.witness} at {stamp(one.at)}" for one in found)
        return (Result.HOLDS, said) if said else (Result.NOT_CHECKED, ("no node whose card was brought cosigned it",))

    def _only_grew(self) -> Found:
        assert isinstance(self._text, Consistency), "only such a proof has this check"
        first, last = self._text.verify(opened=lambda note: self._card.opened(note, at=None)[1])
        return Result.HOLDS, (f"{last.origin} at size {last.size} begins with all that it was at size {first.size}",)

    def _included(self) -> Found:
        assert isinstance(self._text, _Proof), "only a proof has this check"
        entry, inclusion = self._text.entry, self._text.inclusion
        key, head = self._card.opened(inclusion.checkpoint, at=None)
        verify_logged(entry, inclusion, key=key, origin=head.origin)
        if entry.actor.get("node") != self._card.node:
            raise Contradiction(why=f"an act of {str(entry.actor.get('node'))[:40]} in the log of {self._card.node}")
        who = f"{entry.actor.get('official')} ({entry.actor.get('office')})"
        return Result.HOLDS, (f"entry {inclusion.index}: {entry.kind} by {who}, {entry.at}",)

    def _receipt(self) -> Found:
        assert isinstance(self._text, Statement), "only a statement has this check"
        told = Receipt.from_body(self._text.body)
        if told.to != self._card.node:
            raise Contradiction(why=f"node {self._card.node} signed a receipt of {told.to}")
        verify_all(self._text, type=RECEIPT, keys=[self._card.signing_key])
        return Result.HOLDS, (
            f"{told.to} received message {told.message} of {told.sender} at {stamp(told.received_at)}",
            f"its log holds leaf {told.leaf_hash} within {told.log_within} seconds of that",
        )

    def _by_node(self) -> Found:
        assert isinstance(self._text, Statement), "only a statement has this check"
        verify(self._text, type=self._text.type, key=self._card.signing_key)
        return Result.HOLDS, (f"a text {self._text.type[:60]}, digest {self._text.digest}",)

    def _officials(self) -> Found:
        assert isinstance(self._text, Statement), "only a statement has this check"
        others = len([one for one in self._text.signatures if one.key != self._card.signing_key.id])
        if not others:
            return Result.HOLDS, ("nobody else signed it",)
        return Result.NOT_CHECKED, (
            f"{others} more signatures, by officials or other nodes: the bundle or the signed PDF brings their entries",
        )


def _note_of(text: bytes | _Proof | Consistency) -> bytes:
    """The checkpoint in which a log names itself."""
    if isinstance(text, bytes):
        return text
    return text.later if isinstance(text, Consistency) else text.inclusion.checkpoint


def _read(data: bytes) -> _Text:
    """What a file holds, by its content; raises `NotAText`."""
    if len(data) > TEXT_BYTES_MAX:
        raise NotAText
    try:
        if not data.startswith(b"{"):
            claimed(data)
            return data
        match parse_object(data.rstrip(b"\n"), limit=TEXT_BYTES_MAX):
            case {"entry": dict(entry), "inclusion": dict(inclusion), **rest} if not rest:
                return _Proof(Entry.from_bytes(canonical(entry)), Inclusion.from_record(inclusion))
            case {"consistency": dict(), **rest} as record if not rest:
                return Consistency.from_record(record)
            case read:
                return Statement.from_json(read)
    except (ComityError, NotCanonical, ValueError, KeyError, TypeError, RecursionError) as broken:
        raise NotAText from broken
