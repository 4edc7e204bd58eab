"""Verifying a bundle, second part: the law that was asked, the letters, the decisions on them, and what became of them."""

from collections import Counter
from typing import Final

from comity.authorisations.authorisation import Authorisation, AuthorisationKind
from comity.authorisations.covering import Standing
from comity.authorisations.lapse import Lapse
from comity.authorities.officials import Proven
from comity.canon import moment, parse_object, sha256_hex, stamp
from comity.evidence.member import (
    JSON_BYTES_MAX,
    authorisation_member,
    edition_member,
    event_member,
    lapse_member,
    letter_member,
    verdict_member,
)
from comity.exchange.verification_ends import standing
from comity.exchange.verification_held import Contradiction, Held, Logged, named_after
from comity.exchange.wire import CLOCK_SKEW_MAX
from comity.law import Edition, replay
from comity.letters.dossier import authorised_to_send, read_authorisation, read_event, read_letter, within_authorised
from comity.letters.emergency import hold_emergency
from comity.letters.event import Event
from comity.letters.forms import carried
from comity.letters.letter import Letter, flags_of
from comity.letters.life import RULES, Side, State, Step, follow

Details = tuple[str, ...]
_SENDING: Final = frozenset({AuthorisationKind.WARRANT, AuthorisationKind.EMERGENCY})
_Lived = tuple[int, Proven[Event] | Proven[Lapse]]
"""What happened to a letter, and where the exporter's log says so."""
_SAID: Final = {"letter.send": "sent", "letter.receive": "received"}


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
    for name in held.under("letters/"):
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
        if held.manifest.node not in {letter.from_node, letter.addressee.node}:
            raise Contradiction(why=f"node {held.manifest.node} has no part in it")
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
    """Every authorisation lies within its letter, and is not by its drafter."""
    for name in held.under("authorisations/"):
        statement = held.read_statement(name)
        letter = held.letter(statement.body.get("letter")).record
        decided = read_authorisation(statement, letter=letter, known=held.officials)
        named_after(name, decided.digest)
        recognises = decided.record.kind is AuthorisationKind.RECOGNITION
        deciding = letter.addressee.node if recognises else letter.from_node
        if decided.record.by["node"] != deciding:
            raise Contradiction(why=f"a {decided.record.kind.value} of this letter is for node {deciding} to give")
        hold_emergency(letter, decided.record, verdict=held.verdicts[letter.grounding.verdict])
        held.authorisations[decided.digest] = decided
        held.use(name)
    kinds = Counter(one.record.kind.value for one in held.authorisations.values())
    return tuple(f"{count} of kind {kind}, each within its letter" for kind, count in sorted(kinds.items()))


def sending(held: Held) -> Details:
    """Every letter went out under an authorisation that covered it then."""
    said = []
    for digest, proven in held.letters.items():
        held.member = letter_member(digest)
        by, at = _sent(held, proven)
        held.sending[digest] = by
        said.append(
            f"letter {proven.record.short}: {by.record.kind.value} of {by.record.by['official']}"
            f" ({by.record.by['office']}) covers it, {at}"
        )
    return tuple(said)


def _sent(held: Held, letter: Proven[Letter]) -> tuple[Proven[Authorisation], str]:
    """By which authorisation a letter was sent, and when, as the exporter's log says.

    Raises `Contradiction` or `NotCovered`.
    """
    node = held.manifest.node
    kind = "letter.send" if node == letter.record.from_node else "letter.receive"
    for logged in held.logged_about(letter.digest, node=node):
        if logged.entry.kind == kind:
            covering = _named(held, letter, logged)
            at = moment(logged.entry.at)
            if kind == "letter.receive":  # sent before, by a clock that may run ahead of the receiver's
                at = max(at, min(covering.record.from_, at + CLOCK_SKEW_MAX))
            stands = standing(held, covering, at=at)
            if kind == "letter.send":
                _hold_reviewed(held, letter, covering, sent=logged)
            if kind == "letter.receive":  # it was sent before it came: what ended meanwhile had not ended then
                stands = Standing(validated_at=stands.validated_at)
            authorised_to_send(
                letter.record, digest=letter.digest, authorisation=covering.record, at=at, standing=stands
            )
            return covering, f"{_SAID[kind]} {logged.entry.at} ({node} log {logged.index})"
    raise Contradiction(why=f"no proven entry {kind} of node {node} shows that it was sent under an authorisation")


def _hold_reviewed(held: Held, letter: Proven[Letter], covering: Proven[Authorisation], *, sent: Logged) -> None:
    """Hold that another than its drafter looked at a flagged letter before it was sent; raises `Contradiction`."""
    flags = flags_of(letter.record, within=covering.record.scope.selectors)
    looked = [
        one
        for one in held.logged_about(letter.digest, node=sent.node)
        if one.entry.kind == "letter.review" and one.index < sent.index and flags <= set(one.entry.facts["flags"])
    ]
    if flags and all(one.entry.actor.get("official") == letter.record.drafted_by["official"] for one in looked):
        raise Contradiction(why=f"it is flagged ({', '.join(sorted(flags))}), and nobody else reviewed it before")


def _named(held: Held, letter: Proven[Letter], logged: Logged) -> Proven[Authorisation]:
    """The authorisation that the sender's entry names; on the receiver's side the one that came with the letter."""
    if logged.entry.kind == "letter.send":
        covering = held.authorisation(logged.entry.facts.get("covered_by"))
        if covering.record.kind in _SENDING:
            return covering
    for covering in held.authorisations.values():
        if covering.record.letter == letter.digest and covering.record.kind in _SENDING:
            return covering
    raise Contradiction(why="the authorisation under which it was sent is not in the bundle")


def events(held: Held) -> Details:
    """Every event is signed, and each letter's life replays in the order of the exporting node's log."""
    lives: dict[str, list[_Lived]] = {digest: [] for digest in held.letters}
    for ended in held.lapses.values():
        told = held.logged_about(ended.digest, node=held.manifest.node)
        lives[ended.record.letter].append((told[0].index, ended))
    for name in held.under("events/"):
        taken = read_event(held.read_statement(name), known=held.officials)
        named_after(name, taken.digest)
        held.letter(taken.record.letter)
        logged = held.logged_about(taken.digest, node=held.manifest.node)
        if not logged:
            raise Contradiction(why=f"no proven entry of the log of {held.manifest.node} rests on it")
        if taken.record.step is Step.RECOGNISE:
            _hold_recognition(held, taken.record)
        held.events[taken.digest] = taken
        lives[taken.record.letter].append((logged[0].index, taken))
        held.use(name)
    cited = {one.record.facts.get("authorisation") for one in held.events.values()}
    for decided in held.authorisations.values():
        held.member = authorisation_member(decided.digest)
        if decided.record.kind is AuthorisationKind.RECOGNITION and decided.digest not in cited:
            raise Contradiction(why="no event says that the letter was recognised by it")
    return tuple(_life(held, digest, sorted(lived, key=lambda one: one[0])) for digest, lived in lives.items())


def _hold_recognition(held: Held, event: Event) -> None:
    """Hold that the decision by which a letter is recognised is there, and is one; raises `Contradiction`."""
    decided = held.authorisation(event.facts["authorisation"]).record
    if (decided.kind, decided.letter) != (AuthorisationKind.RECOGNITION, event.letter):
        raise Contradiction(why="the decision that it names does not recognise its letter")
    for granted in held.authorisations.values():
        if (granted.record.letter, granted.record.kind is AuthorisationKind.RECOGNITION) == (event.letter, False):
            within_authorised(decided, granted.record)


def _life(held: Held, digest: str, lived: list[_Lived]) -> str:
    """The letter's life in words; raises what `follow` refuses, and `Contradiction`.

    A letter whose decision ended is taken back, as far as it was still to be.
    """
    letter = held.letters[digest].record
    sides = {letter.from_node: Side.ISSUING, letter.addressee.node: Side.EXECUTING}
    state, told = State.SENT, [State.SENT.value]
    for _, taken in lived:
        if isinstance(taken.record, Lapse):
            held.member = lapse_member(taken.digest)
            state = RULES[Step.LAPSE].leads_to if state in RULES[Step.LAPSE].after else state
            told.append(f"{state.value} {stamp(taken.record.at)}, since its decision ended")
            continue
        held.member = event_member(taken.digest)
        if taken.record.node not in sides:
            raise Contradiction(why=f"node {taken.record.node} has no part in the letter")
        side = sides[taken.record.node]
        state = follow(taken.record.step, state=state, form=letter.form, side=side, letter=letter.short)
        told.append(f"{state.value} {stamp(taken.record.at)}")
    held.states[digest] = state
    return f"letter {letter.short}: {', '.join(told)}"
