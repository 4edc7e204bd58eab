"""Verifying a bundle, last part: custody of each item, the power behind it, the ground of its transfer, and its seal."""

import hashlib
from dataclasses import replace
from typing import Final

from comity.authorisations.authorisation import AuthorisationKind
from comity.authorisations.covering import REVIEWED, SEALED, OutwardAct, covers, hold_standing
from comity.authorisations.scope import Scope
from comity.canon import moment
from comity.evidence.case_uco import description
from comity.evidence.custody import Chain, CustodyEvent, CustodyRecord
from comity.evidence.events import BEGINNINGS
from comity.evidence.member import CASE_BYTES_MAX, case_member, custody_member, letter_member, sealed_member
from comity.evidence.seal import key_commitment, unseal
from comity.exchange.transfer import TransferGround, judge_transfer
from comity.exchange.verification_ends import standing
from comity.exchange.verification_held import Contradiction, Held
from comity.exchange.verification_sources import hold_letters, leaves, read_kept, told
from comity.law.logic import Truth
from comity.letters.letter import Form, Letter
from comity.letters.life import State

Details = tuple[str, ...]
LED_INSTRUMENT: Final = "eu-2016-680"
_TOLD: Final = frozenset({SEALED, REVIEWED})
"""How the giver did it stands in the giver's log; here it is asked how far the decision reaches."""
_STANDS: Final = {
    CustodyEvent.TRANSFER: ("evidence.accept", "to accept it"),
    CustodyEvent.HAND_OVER: ("exhibit.accept", "to accept it"),
    CustodyEvent.EXPORT: ("evidence.export", "to export it"),
}
"""For what the decision that a thing rests on has to stand, by the entry that tells when it was done."""
_RECOGNISED: Final = frozenset({State.RECOGNISED, State.PARTLY_EXECUTED, State.EXECUTED})


def custody(held: Held) -> Details:
    """The custody of every item is unbroken, and ends with the exporting node."""
    said = []
    for item in held.manifest.items:
        chain = read_kept(held, item.id)
        if chain is None:
            held.member = sealed_member(item.id)
            raise Contradiction(why="its custody is not in the bundle")
        held.chains[item.id] = chain
        if chain.item != item:
            raise Contradiction(why="the manifest describes another item than its acquisition")
        if chain.holder != held.manifest.node:
            raise Contradiction(why=f"the item is with {chain.holder}, and {held.manifest.node} exports it")
        if chain.records[-1].event is not CustodyEvent.EXPORT or chain.records[-1].at > held.manifest.made_at:
            raise Contradiction(why="its last record is not the export for this bundle")
        said += [f"item {item.id}: {item.name}, {item.bytes} bytes, SHA-256 {item.sha256}"]
        said += [f"{one.seq} {told(one)}" for one in chain.records]
        hold_letters(held, chain)
        held.use(sealed_member(item.id))
    return tuple(said)


def described(held: Held) -> Details:
    """The CASE/UCO description of every item says what its custody says, byte for byte."""
    for item in held.manifest.items:
        held.member = case_member(item.id)
        found = held.bundle.read(case_member(item.id), limit=CASE_BYTES_MAX)
        if found != description(item, held.chains[item.id].records):
            raise Contradiction(why="it is not the description that follows from the custody of the item")
        held.use(held.member)
    return ("each description was written again from the custody, and is the same",)


def recognition(held: Held) -> Details:
    """The executing state's own decision covers taking the item in, and handing it over to whom the letter names."""
    said = []
    for chain in (*held.chains.values(), *held.sources.values()):
        said += _rests(held, chain)
    for chain in held.chains.values():
        proven = held.letter(chain.records[0].facts["letter"])
        letter, state = proven.record, held.states[proven.digest]
        held.member = letter_member(proven.digest)
        if letter.form is not Form.PRODUCTION or state not in _RECOGNISED:
            raise Contradiction(why=f"evidence rests on it, and it is a {letter.form.value} letter that is {state}")
        said.append(f"letter {letter.short} is {state}")
    return tuple(said)


def _rests(held: Held, chain: Chain) -> list[str]:
    """By which decisions a thing was taken in and left a node; raises `NotCovered` or `Contradiction`."""
    said, acquired = [], chain.records[0]
    for record in chain.records:
        held.member = custody_member(chain.thing.id, seq=record.seq)
        if record.event in BEGINNINGS:
            said.append(_covered(held, record, acquired=acquired, act="collect"))
        elif leaves(record):
            said.append(_covered(held, record, acquired=acquired, act="disclose"))
            _hold_receiver(record, held.letter(acquired.facts["letter"]).record)
        if record.event in _STANDS:
            _hold_stands(held, chain, record)
    return said


def _covered(held: Held, record: CustodyRecord, *, acquired: CustodyRecord, act: str) -> str:
    """Which recognition covers this record's act on the item; raises `Contradiction` or `NotCovered`."""
    proven = held.authorisation(record.facts["authorisation"])
    decided = proven.record
    if (decided.kind, decided.by["node"]) != (AuthorisationKind.RECOGNITION, record.node):
        raise Contradiction(why=f"the decision that it rests on is no recognition by node {record.node}")
    does = replace(Scope.from_record(acquired.facts["scope"]), acts=frozenset({act}))
    doing = OutwardAct(
        name=f"to {act} item {record.item[:8]}", letter=str(record.facts["letter"]), does=does, facts=_TOLD
    )
    covered = covers(decided, doing, at=record.at, standing=standing(held, proven, at=record.at))
    return f"to {act} it: {'; '.join(covered.reasons)}"


def _hold_stands(held: Held, chain: Chain, record: CustodyRecord) -> None:
    """Hold that what it rests on had not ended and was not suspended when it was accepted or exported; raises `NotCovered`.

    Only the log of who did it tells when; the other node's is asked in the other node's own bundle.
    """
    kind, act = _STANDS[record.event]
    begun = chain.records[0].facts
    rests_on = [held.sending[begun["letter"]]]
    if record.event is CustodyEvent.EXPORT:
        rests_on.append(held.authorisation(begun["authorisation"]))
    for logged in held.logged_about(held.record_of(record), node=held.manifest.node):
        if logged.entry.kind == kind:
            at = moment(logged.entry.at)
            for decided in rests_on:
                hold_standing(decided.record, standing(held, decided, at=at), act=act, at=at)


def _hold_receiver(record: CustodyRecord, letter: Letter) -> None:
    receiver = record.facts["receiver"]
    if {name: receiver[name] for name in ("node", "official", "mandate")} != letter.evidence_to:
        raise Contradiction(why="it goes to another custodian than the letter names")


def ground(held: Held) -> Details:
    """Every transfer rests on a recorded ground that the giver's law knows; the gate, judged again, says the same."""
    said = []
    for chain in (*held.chains.values(), *held.sources.values()):
        for record in chain.records:
            if leaves(record):
                held.member = custody_member(chain.thing.id, seq=record.seq)
                said += _ground(held, record)
    return tuple(said) or ("nothing went to another node",)


def _ground(held: Held, record: CustodyRecord) -> list[str]:
    giver, receiver = held.card(record.node), held.card(str(record.facts["receiver"]["node"]))
    edition = held.editions[held.letter(record.facts["letter"]).record.grounding.edition]
    if LED_INSTRUMENT not in edition.instruments:
        raise Contradiction(why=f"the edition of the law does not hold {LED_INSTRUMENT}")
    bound = edition.instruments[LED_INSTRUMENT].parties
    stated = record.facts["ground"]
    verdict = judge_transfer(
        giver_state=giver.state,
        receiver_state=receiver.state,
        # as on the giving node: an open answer opens nothing
        giver_bound_by_led=bound.standing(giver.state, name=giver.state, on=record.at.date()).truth is not Truth.NO,
        receiver_bound_by_led=bound.standing(receiver.state, name=receiver.state, on=record.at.date()).truth
        is Truth.YES,
        adequacy=None,
        ground=None if stated is None else TransferGround.from_record(stated),
    )
    if list(verdict.checked) != record.facts["gate"]:
        raise Contradiction(why=f"its gate says {record.facts['gate']}, and judged again {list(verdict.checked)}"[:400])
    words = [f"{giver.state} to {receiver.state}: {one}" for one in verdict.checked]
    return words if verdict.ground is None else [*words, f"reason as stated: {verdict.ground.reason}"]


def seal(held: Held) -> Details:
    """The ciphertext is the one that was handed over."""
    said = []
    for chain in held.chains.values():
        found = held.manifest.members[sealed_member(chain.item.id)].sha256
        for record in chain.records:
            if record.event is CustodyEvent.TRANSFER and record.facts["sealed_sha256"] != found:
                held.member = sealed_member(chain.item.id)
                raise Contradiction(why=f"record {record.seq} hands over a ciphertext of another SHA-256")
        said.append(f"item {chain.item.id}: {chain.item.sealed_bytes} bytes sealed, SHA-256 {found}")
    return tuple(said)


def content(held: Held) -> Details:
    """The key is the one committed to, and the item opens to the content that was acquired."""
    said = []
    opened = False
    for item in held.manifest.items:
        held.member = sealed_member(item.id)
        if held.key is None or key_commitment(held.key) != item.key_commitment:
            held.checked = False
            said.append(f"item {item.id}: not opened, its key was not given")
            continue
        opened, size, digest = True, 0, hashlib.sha256()
        for piece in unseal(held.bundle.stream(held.member), key=held.key, item=item.id):
            size += len(piece)
            digest.update(piece)
            held.progress(len(piece))
        if (size, digest.hexdigest()) != (item.bytes, item.sha256):
            raise Contradiction(
                why=f"it opens to {size} bytes of SHA-256 {digest.hexdigest()}, not to what was acquired"
            )
        said.append(f"item {item.id}: opened, {size} bytes, SHA-256 {item.sha256}")
    if held.key is not None and not opened:
        raise Contradiction(why="the key is not the one that its custody commits to")
    return tuple(said)
