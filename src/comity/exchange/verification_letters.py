"""Verifying a bundle, second part: the law that was asked, the letters, the decisions on them, and what became of them."""

from collections.abc import Iterator
from datetime import datetime

from comity.authorisations.authorisation import AuthorisationKind
from comity.authorities.officials import Proven
from comity.canon import moment, parse_object, sha256_hex, stamp
from comity.evidence.bundle import (
    JSON_BYTES_MAX,
    authorisation_member,
    edition_member,
    event_member,
    letter_member,
    verdict_member,
)
from comity.exchange.verification_held import Contradiction, Held, named_after
from comity.law import Edition, replay
from comity.letters.dossier import authorised_to_send, read_authorisation, read_event, read_letter
from comity.letters.event import Event
from comity.letters.forms import carried
from comity.letters.letter import Letter
from comity.letters.life import Side, State, Step, follow

Details = tuple[str, ...]


def law(held: Held) -> Details:
    """Every verdict replays bit for bit under the edition that it cites."""
    packaged = Edition.packaged().hash
    said = []
    for name in held.under("law/edition-"):
        edition = Edition.from_bytes(held.read(name))
        if edition_member(edition.hash) != name:
            raise Contradiction(why=f"it is edition {edition.hash}")
        held.editions[edition.hash] = edition
        ours = "the one that came with this software" if edition.hash == packaged else "not the one of this software"
        said.append(f"edition {edition.id}, {ours}: {edition.hash}")
    for name in held.under("law/verdict-"):
        data = held.read(name)
        if verdict_member(sha256_hex(data)) != name:
            raise Contradiction(why="its name is not the hash of what it holds")
        verdict = parse_object(data, limit=JSON_BYTES_MAX)
        match verdict:
            case {"edition": {"hash": str(cited)}} if cited in held.editions:
                replay(verdict, held.editions[cited])
            case _:
                raise Contradiction(why="the edition that it cites is not in the bundle")
        held.verdicts[sha256_hex(data)] = verdict
    return (*said, f"{len(held.verdicts)} verdicts computed again from their facts: the same byte for byte")


def letters(held: Held) -> Details:
    """Every letter is signed and complete, and its route is lawful in the verdict that it cites."""
    for name in held.under("letters"):
        proven = read_letter(held.read_statement(name), known=held.officials)
        named_after(name, proven.digest)
        held.letters[proven.digest] = proven
    said = []
    for digest, proven in held.letters.items():
        held.member = letter_member(digest)
        letter = proven.record
        verdict = held.verdicts.get(letter.grounding.verdict)
        if verdict is None:
            raise Contradiction(why="the verdict that it cites is not in the bundle")
        articles = carried(letter, verdict=verdict)
        asked = held.card(letter.addressee.node)
        if asked.state != letter.to_state:
            raise Contradiction(why=f"it asks {letter.to_state}, and its addressee is a node of {asked.state}")
        if letter.linked:
            held.letter(letter.linked)
        held.use(verdict_member(letter.grounding.verdict))
        held.use(edition_member(letter.grounding.edition))
        said.append(
            f"{letter.form.value} letter {letter.short}, {letter.from_state} to {letter.to_state}: route"
            f" {letter.grounding.route} (Art. {articles}) is lawful on {letter.grounding.on}"
        )
    return tuple(said)


def authorisations(held: Held) -> Details:
    """Every authorisation lies within its letter, is not by its drafter, and one covered each sending."""
    for name in held.under("authorisations"):
        statement = held.read_statement(name)
        letter = held.letter(statement.body.get("letter")).record
        decided = read_authorisation(statement, letter=letter, known=held.officials)
        named_after(name, decided.digest)
        recognises = decided.record.kind is AuthorisationKind.RECOGNITION
        deciding = letter.addressee.node if recognises else letter.from_node
        if decided.record.by["node"] != deciding:
            raise Contradiction(why=f"a {decided.record.kind.value} of this letter is for node {deciding} to give")
        held.authorisations[decided.digest] = decided
        held.use(name)
    said = []
    for digest, proven in held.letters.items():
        held.member = letter_member(digest)
        by, at = _sent(held, proven)
        said.append(
            f"letter {proven.record.short}: {by.record.kind.value} of {by.record.by['official']}"
            f" ({by.record.by['office']}) covers it, {at}"
        )
    return tuple(said)


def _sent(held: Held, letter: Proven[Letter]) -> tuple[Proven[Authorisation], str]:
    """By which authorisation a letter was sent, and when, as a log says; raises `Contradiction` or `NotCovered`."""
    for one in held.logged_about(letter.digest, node=letter.record.from_node):
        if one.entry.kind == "letter.send":
            covering = held.authorisation(one.entry.facts.get("covered_by"))
            at = one.entry.at
            _covers(covering, letter, at=moment(at))
            return covering, f"sent {at}"
    for one in held.logged_about(letter.digest, node=letter.record.addressee.node):
        if one.entry.kind == "letter.receive":
            for covering in held.authorisations.values():
                if covering.record.letter == letter.digest and covering.record.kind is not AuthorisationKind.RECOGNITION:
                    _covers(covering, letter, at=moment(one.entry.at))
                    return covering, f"received {one.entry.at}"
    raise Contradiction(why="no log in the bundle shows that it was sent under an authorisation")


def _covers(covering: Proven[Authorisation], letter: Proven[Letter], *, at: datetime) -> None:
    if covering.record.kind is AuthorisationKind.RECOGNITION:
        raise Contradiction(why="a recognition sends no letter")
    authorised_to_send(letter.record, digest=letter.digest, authorisation=covering.record, at=at)
