"""Letters, decisions and events that a known peer signed and that still take no effect: each refusal is logged, once."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from checker import check, untouched
from comity.authorities.statement import Statement
from comity.canon import JsonObject, canonical, moment, parse_object, sha256_hex, stamp
from comity.cli.shell import Seat
from comity.cli.story import Stage
from comity.law import Edition
from comity.letters.letter import LETTER, Form
from comity.letters.life import Step
from comity.registry import post
from comity.registry.act import Node
from comity.registry.limits import ENVELOPE_BYTES_MAX
from comity.registry.models import InboxRow, LetterRow
from comity.registry.queries import texts
from couriers import code_of, hand_in, people, resigned, sealed, sign
from scenes import DECISION, World, settle
from stations import Station, station

Change = Callable[[Any], None]


@dataclass(frozen=True)
class Parts:
    """What a letter message is made of, honestly signed by officials of cv."""

    letter: Statement
    authorisation: Statement
    verdict: JsonObject
    officials: list[JsonObject]

    def content(self) -> JsonObject:
        return {
            "letter": self.letter.as_json(),
            "authorisation": self.authorisation.as_json(),
            "verdict": self.verdict,
            "officials": self.officials,
        }


def drafter(world: World) -> Seat:
    return world.stage.seat(world.stage.cv, "investigator")


def judge(world: World) -> Seat:
    return world.stage.seat(world.stage.cv, "judge")


def body_like(world: World, name: str = "authorised") -> tuple[JsonObject, JsonObject]:
    """The body of a fresh letter like one of cv's, and its verdict."""
    with world.stage.cv.active():
        row = LetterRow.objects.get(digest=world.letters[name])
        body = Statement.from_bytes(bytes(row.statement)).body
        verdict = parse_object(bytes(row.verdict.body), limit=ENVELOPE_BYTES_MAX)
    written = stamp(world.stage.cv.clock.now())
    return body | {"reference": secrets.token_hex(16), "written_at": written}, verdict


def parts(
    world: World,
    *,
    letter: Change | None = None,
    authorisation: Change | None = None,
    verdict: Change | None = None,
    by: str = "judge",
) -> Parts:
    """A letter message in which something was changed before it was signed; every signature is good."""
    body, answer = body_like(world)
    if verdict:
        verdict(answer)
        body["verdict"] = body["verdict"] | {"digest": sha256_hex(canonical(answer))}
    if letter:
        letter(body)
    text = sign(Statement(type=LETTER, body=body), seat=drafter(world))
    decider = world.stage.seat(world.stage.cv, by)
    with world.stage.cv.active():
        decision = texts.authorisation_text(
            world.letters["authorised"], DECISION, viewer=judge(world).entry.actor, at=world.stage.cv.clock.now()
        )
    cites = body["verdict"]
    basis = {"verdict": cites["digest"], "edition": cites["edition"], "route": cites["route"]}
    decided = decision.body | {
        "letter": text.digest,
        "scope": body["scope"],
        "by": decider.entry.actor.as_record(),
        "legal_basis": decision.body["legal_basis"] | basis,
    }
    if authorisation:
        authorisation(decided)
    return Parts(
        letter=text,
        authorisation=resigned(decision, decided, seat=decider),
        verdict=answer,
        officials=people(judge(world), drafter(world), decider),
    )


def refused(world: World, subject: str, content: JsonObject, *, code: str, says: str = "", sender: str = "cv") -> None:
    """nl refuses what cv says, leaves both nodes as they were, and writes down no more than the refusal."""
    cv, nl = world.stage.cv, world.stage.nl
    ends = (cv, nl) if sender == "cv" else (nl, cv)
    envelope = sealed(subject, content, sender=ends[0], to=ends[1])
    with untouched(cv, nl, entries=("message.refuse",)):
        answer = hand_in(envelope.data, to=ends[1])
    assert (answer.status_code, code_of(answer)) == (422, code), answer.text
    assert says in answer.json()["message"], answer.text


def put(name: str, value: object) -> Change:
    """Change one field of a record, however deep: `scope.until`."""

    def change(record: Any) -> None:
        *path, last = name.split(".")
        for step in path:
            record = record[int(step)] if step.isdigit() else record[step]
        record[last] = value

    return change


# Shapes of content


@pytest.mark.parametrize("subject", ["letter", "event", "receipt", "transfer", "transfer-accepted"])
@pytest.mark.parametrize("content", [{}, {"letter": {}}, {"officials": []}])
def test_a_message_without_its_parts_is_refused(world: World, subject: str, content: JsonObject):
    refused(world, subject, content, code="registry.content_broken", says="expected exactly")


@pytest.mark.parametrize("subject", ["verdict", "letters", "admin/enrol", "transfer.accepted"])
def test_a_message_about_something_unknown_is_refused(world: World, subject: str):
    refused(world, subject, {}, code="registry.content_broken", says="reads no such messages")


def test_a_message_with_one_part_too_many_is_refused(world: World):
    refused(world, "letter", parts(world).content() | {"note": "x"}, code="registry.content_broken")


@pytest.mark.parametrize("value", [None, 7, "x", [], {}, {"type": "comity/letter/v1", "body": {}, "signatures": "x"}])
@pytest.mark.parametrize("name", ["letter", "authorisation"])
def test_a_part_that_is_no_statement_is_refused(world: World, name: str, value: object):
    cv, nl = world.stage.cv, world.stage.nl
    envelope = sealed("letter", parts(world).content() | {name: value}, sender=cv, to=nl)
    with untouched(cv, nl, entries=("message.refuse",)):
        assert hand_in(envelope.data, to=nl).status_code == 422


@pytest.mark.parametrize("officials", [None, {}, "x", [None], [{}], ["x"] * 17])
def test_officials_that_are_no_list_of_entries_are_refused(world: World, officials: object):
    cv, nl = world.stage.cv, world.stage.nl
    envelope = sealed("letter", parts(world).content() | {"officials": officials}, sender=cv, to=nl)
    with untouched(cv, nl, entries=("message.refuse",)):
        assert hand_in(envelope.data, to=nl).status_code == 422


# Letters


BAD_LETTERS: list[tuple[Change, str, str]] = [
    (put("to_state", "FR"), "letters.letter_incomplete", "territory"),
    (put("deliveries.0.node", "xx"), "registry.content_broken", "not delivered"),
    (put("from.authority", "Another office"), "authorities.not_this_official", ""),
    (put("from.state", "NL"), "authorities.not_this_official", ""),
    (put("from.node", "nl"), "authorities.not_this_official", ""),
    (put("verdict.digest", "0" * 64), "registry.content_broken", "verdict"),
    (put("verdict.route", "coe-ets185/none"), "letters.route_not_lawful", ""),
    (put("verdict.on", "2026-01-01"), "letters.verdict_of_another", "day"),
    (put("verdict.edition", "0" * 64), "letters.verdict_of_another", "edition"),
    (put("scope.data", ["content", "real_time"]), "letters.verdict_of_another", "data"),
    (put("scope.measure", "production_content"), "letters.letter_incomplete", "measure"),
    (put("offences", []), "letters.letter_broken", ""),
    (put("subject", "Blue\u202eLagoon"), "canon.text_not_allowed", "U+202E"),
    (put("subject", "Blue\u0000Lagoon"), "canon.text_not_allowed", "U+0000"),
    (put("facts", "x" * 20_001), "canon.text_not_allowed", ""),
    (put("case", "\u0000" * 32), "letters.letter_broken", ""),
    (put("reference", "0" * 33), "letters.letter_broken", ""),
    (put("written_at", "2026-11-23"), "canon.not_a_moment", ""),
    (put("written_at", "2020-01-01T00:00:00.000Z"), "authorities.mandate_not_in_force", ""),
    (put("drafted_by.official", "\u0000"), "authorities.official_unknown", ""),
    (put("drafted_by.role", "judge"), "authorities.not_this_official", ""),
    (put("urgent", "yes"), "letters.letter_broken", ""),
    (put("linked", "\u0000"), "letters.letter_broken", ""),
    (put("evidence_to", {"node": "cv"}), "letters.letter_broken", ""),
    (put("protected", [{"selector": "domain:other.example", "flags": ["minor"]}]), "letters.letter_broken", "target"),
    (put("protected", [{"selector": "handle:lagoon_admin", "flags": ["priest"]}]), "cases.flag_unknown", ""),
    (put("protected", [{"selector": "handle:lagoon_admin", "flags": ["lawyer"]}]), "letters.privilege_not_allowed", ""),
    (put("protected", None), "letters.letter_broken", ""),
]


@pytest.mark.parametrize(
    ("change", "code", "says"), BAD_LETTERS, ids=[f"{n}-{c[1]}" for n, c in enumerate(BAD_LETTERS)]
)
def test_a_letter_that_its_own_officials_signed_wrongly_is_refused(world: World, change: Change, code: str, says: str):
    refused(world, "letter", parts(world, letter=change).content(), code=code, says=says)


def test_a_letter_changed_after_it_was_signed_is_refused(world: World):
    content = parts(world).content()
    content["letter"]["body"]["subject"] += "!"
    refused(world, "letter", content, code="authorities.signature_does_not_verify")


def test_a_letter_without_its_nodes_signature_is_refused(world: World):
    content = parts(world).content()
    content["letter"]["signatures"].pop()
    refused(world, "letter", content, code="authorities.signer_missing")


def test_a_letter_with_a_signature_nobody_asked_for_is_refused(world: World):
    whole = parts(world)
    with world.stage.nl.active():
        more = post.countersign(whole.letter)
    refused(world, "letter", whole.content() | {"letter": more.as_json()}, code="authorities.statement_broken")


def test_a_letter_whose_officials_did_not_come_along_and_are_unknown_is_refused(stage: Stage):
    world = populated_draft(stage)
    with untouched(stage.nl, entries=("message.refuse",)):
        answer = hand_in(
            sealed("letter", parts(world).content() | {"officials": []}, sender=stage.cv, to=stage.nl).data, to=stage.nl
        )
    assert code_of(answer) == "authorities.official_unknown"


def populated_draft(stage: Stage) -> World:
    from scenes import authorised, opened

    case = opened(stage)
    return World(stage=stage, case=case, letters={"authorised": authorised(stage, case)})


def test_a_node_does_not_speak_for_the_officials_of_another(stage: Stage):
    world, other = populated_draft(stage), station("xx", state="XX")
    admit(stage.nl, other, stage)
    content = parts(world).content()
    message = post_as(other, "letter", content, stage)
    with untouched(stage.nl, entries=("message.refuse",)):
        assert hand_in(message, to=stage.nl).status_code == 422
    assert hand_in(sealed("letter", content, sender=stage.cv, to=stage.nl).data, to=stage.nl).status_code == 202
    renamed = parts(world).content() | {"officials": []}
    with untouched(stage.nl, entries=("message.refuse",)):
        answer = hand_in(post_as(other, "letter", renamed, stage), to=stage.nl)
    assert code_of(answer) == "registry.letter_of_another", "their letter does not arrive by another node"
    check(stage.nl)


def admit(node: Node, other: Station, stage: Stage) -> None:
    from comity.cli.cast import NL, administrators
    from comity.registry.gestures import people as gestures

    administrator, _second = administrators(node, NL)
    with node.active():
        gestures.admit(
            other.card_statement.to_bytes(),
            fingerprint=other.card.fingerprint,
            actor=administrator.actor,
            at=node.clock.now(),
        )


def post_as(other: Station, subject: str, content: JsonObject, stage: Stage) -> bytes:
    from comity.exchange.envelope import Message
    from couriers import card

    message = Message(id=secrets.token_hex(16), subject=subject, content=content)
    return other.send(message, to=card(stage.nl), at=stage.cv.clock.now()).data


# Verdicts


def test_a_verdict_that_says_otherwise_than_the_law_is_refused(world: World):
    def opened_wide(verdict: JsonObject) -> None:
        for route in verdict["routes"]:
            route["status"] = "lawful"

    refused(world, "letter", parts(world, verdict=opened_wide).content(), code="law.verdict_does_not_replay")


def test_a_verdict_of_another_edition_is_held_to_its_shape(world: World):
    def foreign(verdict: JsonObject) -> None:
        verdict["edition"]["hash"] = "1" * 64

    def broken(verdict: JsonObject) -> None:
        foreign(verdict)
        verdict["routes"] = 7

    def without_routes(verdict: JsonObject) -> None:
        foreign(verdict)
        verdict["routes"] = []

    assert Edition.packaged().hash != "1" * 64
    cites = put("verdict.edition", "1" * 64)
    refused(world, "letter", parts(world, verdict=broken, letter=cites).content(), code="registry.content_broken")
    refused(
        world, "letter", parts(world, verdict=without_routes, letter=cites).content(), code="letters.route_not_lawful"
    )


# Authorisations


def wider(decision: JsonObject) -> None:
    decision["scope"] = decision["scope"] | {"until": "2027-12-31"}


def emergency(decision: JsonObject) -> None:
    due = {"until": "2026-11-25T09:00:00.000Z", "by": "judge", "article": "4(5)"}
    decision |= {"kind": "emergency", "validation": due}


BAD_AUTHORISATIONS: list[tuple[Change, str, str]] = [
    (put("letter", "0" * 64), "authorisations.not_covered", "it was given for letter"),
    (wider, "authorisations.scope_wider", "2027-12-31"),
    (put("expires", "2026-11-23T00:00:00.000Z"), "authorisations.not_covered", "expired"),
    (put("from", "2027-11-23T00:00:00.000Z"), "authorisations.not_covered", "begins"),
    (put("kind", "recognition"), "authorities.not_this_official", "nl"),
    (put("kind", "blessing"), "authorisations.broken", ""),
    (put("reference", "0" * 33), "authorisations.broken", ""),
    (put("reference", "\u0000"), "authorisations.broken", ""),
    (put("necessity", ""), "authorisations.reasons_broken", ""),
    (put("necessity.aim", "n/a"), "authorisations.reasons_empty", "aim"),
    (put("necessity.aim", "a\u2066b"), "canon.text_not_allowed", "U+2066"),
    (put("conditions", [7]), "authorisations.reasons_broken", ""),
    (put("less_intrusive", []), "authorisations.reasons_broken", ""),
    (put("legal_basis.route", "coe-ets185/none"), "letters.other_basis", "route"),
    (put("validates", "0" * 64), "authorisations.broken", ""),
    (emergency, "authorities.power_missing", "issue_emergency"),
    (put("decided_at", "2020-01-01T00:00:00.000Z"), "authorities.mandate_not_in_force", ""),
    (put("by", {}), "authorities.official_unknown", ""),
]


@pytest.mark.parametrize(
    ("change", "code", "says"), BAD_AUTHORISATIONS, ids=[f"{n}-{c[1]}" for n, c in enumerate(BAD_AUTHORISATIONS)]
)
def test_a_letter_under_an_authorisation_that_does_not_carry_it_is_refused(
    world: World, change: Change, code: str, says: str
):
    refused(world, "letter", parts(world, authorisation=change).content(), code=code, says=says)


@pytest.mark.parametrize(
    ("role", "code"),
    [("investigator", "authorities.power_missing"), ("liaison", "authorities.power_missing")],
)
def test_an_authorisation_by_an_office_without_the_power_is_refused(world: World, role: str, code: str):
    refused(world, "letter", parts(world, by=role).content(), code=code)


def test_the_authorisation_of_another_letter_does_not_carry_this_one(world: World):
    one, other = parts(world), parts(world)
    mixed = replace(one, authorisation=other.authorisation)
    refused(world, "letter", mixed.content(), code="authorisations.not_covered", says="it was given for letter")


def test_an_authorisation_changed_after_it_was_signed_is_refused(world: World):
    content = parts(world).content()
    content["authorisation"]["body"]["expires"] = "2030-01-01T00:00:00.000Z"
    refused(world, "letter", content, code="authorities.signature_does_not_verify")


def test_a_letter_that_was_sent_after_its_authorisation_ended_is_refused(world: World):
    ends = stamp(world.stage.cv.clock.now() + timedelta(seconds=1))
    content = parts(world, authorisation=put("expires", ends)).content()
    later = sealed("letter", content, sender=world.stage.cv, to=world.stage.nl, at=moment(ends) + timedelta(seconds=1))
    with untouched(world.stage.nl, entries=("message.refuse",)):
        assert code_of(hand_in(later.data, to=world.stage.nl)) == "authorisations.not_covered"


# The same parts, unchanged, take effect: the refusals above are for what was changed


def test_the_same_letter_unchanged_takes_effect(stage: Stage):
    world = populated_draft(stage)
    answer = hand_in(sealed("letter", parts(world).content(), sender=stage.cv, to=stage.nl).data, to=stage.nl)
    assert (answer.status_code, answer.json()) == (202, {"status": "received"})
    settle(stage)
    check(stage.nl)
    with stage.nl.active():
        assert LetterRow.objects.get().state == "received"
        assert InboxRow.objects.get().subject == "letter"
    assert Form.PRESERVATION.value in parts(world).letter.body["form"]
    assert Step.RECEIVE.value == "receive"
