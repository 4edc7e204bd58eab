"""Events and receipts that a known peer signed and that still take no effect."""

import secrets
from datetime import timedelta
from typing import Any

import pytest

from checker import check, untouched
from comity.authorities.statement import Statement
from comity.canon import JsonObject, canonical, parse_object, stamp
from comity.cli.shell import Seat
from comity.cli.story import Stage
from comity.exchange.receipt import RECEIPT
from comity.letters.event import EVENT
from comity.letters.life import Step
from comity.registry import post
from comity.registry.act import Node
from comity.registry.limits import ENVELOPE_BYTES_MAX
from comity.registry.models import EntryRow, InboxRow, LetterRow, OutboxRow
from comity.registry.queries import texts
from couriers import code_of, hand_in, people, resigned, sealed, sign
from scenes import DECISION, NOTE, World, opened, received, sent, settle


def event(seat: Seat, letter: str, step: Step, facts: JsonObject | None = None, **other: object) -> Statement:
    """A step as an official signs it, whether or not it may be taken."""
    body = {
        "letter": letter,
        "step": step.value,
        "node": seat.node.id,
        "by": seat.entry.actor.as_record(),
        "at": stamp(seat.node.clock.now()),
        "facts": dict(facts or NOTE),
    }
    return sign(Statement(type=EVENT, body=body | other), seat=seat)


def recognition(seat: Seat, letter: str, **other: object) -> Statement:
    """A judge's recognition of a letter that stands at the judge's node."""
    with seat.node.active():
        text = texts.authorisation_text(letter, DECISION, viewer=seat.entry.actor, at=seat.node.clock.now())
    return resigned(text, text.body | other, seat=seat)


def refused(world: World, content: JsonObject, *, code: str, says: str = "", subject: str = "event") -> None:
    """cv refuses what nl says: nothing moves, and no more than the refusal is written down."""
    cv, nl = world.stage.cv, world.stage.nl
    with untouched(cv, nl, entries=("message.refuse",)):
        answer = hand_in(sealed(subject, content, sender=nl, to=cv).data, to=cv)
    assert (answer.status_code, code_of(answer)) == (422, code), answer.text
    assert says in answer.json()["message"], answer.text


def told(text: Statement, *seats: Seat, decision: Statement | None = None) -> JsonObject:
    content: JsonObject = {"event": text.as_json(), "officials": people(*seats)}
    return content | ({"authorisation": decision.as_json()} if decision else {})


@pytest.fixture
def liaison(world: World):
    return world.stage.seat(world.stage.nl, "liaison")


@pytest.fixture
def judge(world: World):
    return world.stage.seat(world.stage.nl, "judge")


# Which letter, which step


def test_an_event_for_a_letter_that_is_unknown_is_refused(world: World, liaison: Seat):
    text = event(liaison, secrets.token_hex(32), Step.ACKNOWLEDGE)
    refused(world, told(text, liaison), code="registry.no_such_thing")


@pytest.mark.parametrize("name", ["draft", "authorised"])
def test_a_letter_that_was_never_sent_does_not_move_by_what_a_peer_says(world: World, liaison: Seat, name: str):
    text = event(liaison, world.letters[name], Step.ACKNOWLEDGE)
    refused(world, told(text, liaison), code="letters.step_out_of_order")


@pytest.mark.parametrize("letter", ["", "x", "\u0000" * 64, "0" * 63, "A" * 64, "0" * 64 + "\n"])
def test_an_event_that_names_no_digest_is_refused(world: World, liaison: Seat, letter: str):
    text = event(liaison, letter, Step.ACKNOWLEDGE)
    refused(world, told(text, liaison), code="letters.letter_broken")


PRESERVED = NOTE | {
    "article": "29(7)",
    "preserved_at": "2026-11-23T09:00:00.000Z",
    "keep_until_min": "not_stated",
    "clock": "x",
}


@pytest.mark.parametrize("wrong", [{"preserved_at": "soon"}, {"keep_until_min": "9999-12-31T23:59:59.999Z"}])
def test_a_preservation_at_no_moment_of_our_time_is_refused(world: World, liaison: Seat, wrong: dict[str, str]):
    text = event(liaison, world.letters["acknowledged"], Step.PRESERVE, PRESERVED | wrong)
    answer = {"preserved_at": "canon.not_a_moment", "keep_until_min": "letters.letter_broken"}
    refused(world, told(text, liaison), code=answer[next(iter(wrong))])


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("acknowledged", Step.ACKNOWLEDGE),
        ("received", Step.PRESERVE),
        ("received", Step.QUERY),
        ("asked", Step.PRESERVE),
        ("executed", Step.REFUSE),
    ],
)
def test_a_step_that_does_not_follow_is_refused(world: World, liaison: Seat, name: str, step: Step):
    facts = {
        Step.PRESERVE: PRESERVED,
        Step.REFUSE: NOTE | {"ground": "not_stated", "article": "not_stated"},
    }
    text = event(liaison, world.letters[name], step, facts.get(step))
    codes = {"asked": "letters.step_not_of_form"}
    refused(world, told(text, liaison), code=codes.get(name, "letters.step_out_of_order"))


@pytest.mark.parametrize("step", [Step.WITHDRAW, Step.ANSWER])
def test_a_step_of_the_other_side_is_refused_whoever_has_the_power(world: World, step: Step):
    investigator = world.stage.seat(world.stage.nl, "investigator")
    text = event(investigator, world.letters["received"], step)
    refused(world, told(text, investigator), code="letters.step_of_other_side")


@pytest.mark.parametrize("step", [Step.SEND, Step.AUTHORISE, Step.DENY, Step.DRAFT, Step.RECEIVE])
def test_a_step_that_crosses_no_border_is_no_event(world: World, liaison: Seat, step: Step):
    refused(world, told(event(liaison, world.letters["received"], step), liaison), code="letters.letter_broken")


# Who says so, and what is stated


def test_an_official_without_the_power_takes_no_step(world: World):
    custodian = world.stage.seat(world.stage.nl, "custodian")
    text = event(custodian, world.letters["received"], Step.ACKNOWLEDGE)
    refused(world, told(text, custodian), code="authorities.power_missing")


def test_a_node_speaks_for_itself_only(world: World, liaison: Seat):
    ours = world.stage.seat(world.stage.cv, "liaison")
    text = event(ours, world.letters["received"], Step.ACKNOWLEDGE)
    content = {"event": text.as_json(), "officials": people(liaison)}
    refused(world, content, code="registry.letter_of_another")
    renamed = event(liaison, world.letters["received"], Step.ACKNOWLEDGE, node="cv")
    refused(world, told(renamed, liaison), code="authorities.not_this_official")


def test_an_event_under_an_ended_time_is_refused(world: World, liaison: Seat):
    text = event(liaison, world.letters["received"], Step.ACKNOWLEDGE, at="2020-01-01T00:00:00.000Z")
    refused(world, told(text, liaison), code="authorities.mandate_not_in_force")


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({}, "letters.event_incomplete"),
        ({"note": "x", "more": "y"}, "letters.event_incomplete"),
        ({"note": 7}, "canon.text_not_allowed"),
        ({"note": "a\u0000b"}, "canon.text_not_allowed"),
        ({"note": "a\u202eb"}, "canon.text_not_allowed"),
        ({"note": ""}, "canon.text_not_allowed"),
    ],
)
def test_an_event_states_exactly_what_its_step_needs_in_plain_text(
    world: World, liaison: Seat, facts: JsonObject, code: str
):
    body = event(liaison, world.letters["received"], Step.ACKNOWLEDGE).body | {"facts": facts}
    text = sign(Statement(type=EVENT, body=body), seat=liaison)
    refused(world, told(text, liaison), code=code)


def test_an_event_changed_after_it_was_signed_is_refused(world: World, liaison: Seat):
    content = told(event(liaison, world.letters["received"], Step.ACKNOWLEDGE), liaison)
    content["event"]["body"]["facts"]["note"] = "Not what I said."
    refused(world, content, code="authorities.signature_does_not_verify")


# Recognition


def test_a_recognition_needs_its_decision(world: World, judge: Seat):
    letter = world.letters["asked"]
    decision = recognition(judge, letter)
    text = event(judge, letter, Step.RECOGNISE, NOTE | {"authorisation": decision.digest})
    refused(world, told(text, judge), code="registry.recognition_missing")


def test_a_recognition_needs_the_decision_that_it_names(world: World, judge: Seat):
    letter = world.letters["asked"]
    named, other = recognition(judge, letter), recognition(judge, letter)
    text = event(judge, letter, Step.RECOGNISE, NOTE | {"authorisation": named.digest})
    refused(world, told(text, judge, decision=other), code="registry.recognition_missing")


def test_the_recognition_of_one_letter_recognises_no_other(world: World, judge: Seat):
    other = recognition(judge, world.letters["recognised"])
    text = event(judge, world.letters["asked"], Step.RECOGNISE, NOTE | {"authorisation": other.digest})
    refused(world, told(text, judge, decision=other), code="registry.recognition_missing")


def test_a_warrant_is_no_recognition(world: World, judge: Seat):
    letter = world.letters["asked"]
    decision = recognition(judge, letter, kind="warrant")
    text = event(judge, letter, Step.RECOGNISE, NOTE | {"authorisation": decision.digest})
    refused(world, told(text, judge, decision=decision), code="authorities.not_this_official")


def test_a_recognition_wider_than_the_letter_is_refused(world: World, judge: Seat):
    letter = world.letters["asked"]
    narrow = recognition(judge, letter)
    scope = narrow.body["scope"] | {"data": sorted({*narrow.body["scope"]["data"], "everything"})}
    decision = recognition(judge, letter, scope=scope)
    text = event(judge, letter, Step.RECOGNISE, NOTE | {"authorisation": decision.digest})
    refused(world, told(text, judge, decision=decision), code="authorisations.scope_wider", says="everything")


def test_a_decision_for_a_letter_that_we_do_not_share_is_refused(world: World, judge: Seat):
    decision = recognition(judge, world.letters["asked"])
    text = event(judge, secrets.token_hex(32), Step.RECOGNISE, NOTE | {"authorisation": decision.digest})
    refused(world, told(text, judge, decision=decision), code="registry.content_broken")


def test_a_step_brings_no_decision_that_it_does_not_rest_on(world: World, judge: Seat, liaison: Seat):
    """A decision that stands in no signed event would be kept without anybody having said why."""
    decision = recognition(judge, world.letters["received"])
    text = event(liaison, world.letters["received"], Step.ACKNOWLEDGE)
    refused(world, told(text, liaison, judge, decision=decision), code="registry.content_broken")


# Receipts


def receipt_of(world: World, *, subject: str = "letter") -> tuple[JsonObject, OutboxRow]:
    """The receipt that nl gave for a message of cv's, as content, and the message."""
    with world.stage.cv.active():
        row = OutboxRow.objects.filter(subject=subject).order_by("id")[0]
    with world.stage.nl.active():
        kept = InboxRow.objects.select_related("entry").get(message=row.message)
        return {
            "receipt": Statement.from_bytes(bytes(kept.receipt or b"")).as_json(),
            "entry": parse_object(bytes(kept.entry.body), limit=ENVELOPE_BYTES_MAX),
        }, row


def countersigned(node: Node, body: JsonObject) -> JsonObject:
    with node.active():
        return post.countersign(Statement(type=RECEIPT, body=body)).as_json()


def test_a_receipt_for_a_message_that_was_never_sent_is_refused(world: World):
    content, _ = receipt_of(world)
    body = content["receipt"]["body"]
    messages: tuple[Any, ...] = (secrets.token_hex(16), "\u0000", "x" * 200, None, 7, {})
    for message in messages:
        forged = countersigned(world.stage.nl, body | {"message": message})
        refused(world, content | {"receipt": forged}, subject="receipt", code="registry.content_broken")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"digest": "0" * 64}, "exchange.receipt_differs"),
        ({"from": "nl"}, "exchange.receipt_differs"),
        ({"to": "cv"}, "exchange.receipt_differs"),
        ({"received_at": "2020-01-01T00:00:00.000Z"}, "exchange.receipt_differs"),
        ({"received_at": "2030-01-01T00:00:00.000Z"}, "exchange.receipt_differs"),
        ({"leaf_hash": "0" * 64}, "registry.content_broken"),
        ({"leaf_hash": ""}, "exchange.record_broken"),
        ({"log_within": 0}, "exchange.record_broken"),
        ({"more": 1}, "exchange.record_broken"),
    ],
)
def test_a_receipt_for_something_else_is_refused(world: World, change: JsonObject, code: str):
    content, _ = receipt_of(world)
    forged = countersigned(world.stage.nl, content["receipt"]["body"] | change)
    refused(world, content | {"receipt": forged}, subject="receipt", code=code)


def test_a_receipt_with_another_entry_than_it_names_is_refused(world: World):
    content, _ = receipt_of(world)
    for entry, code in (
        (content["entry"] | {"salt": "0" * 64}, "registry.content_broken"),
        (content["entry"] | {"salt": "0"}, "ledger.log_entry_broken"),
        ({}, "ledger.log_entry_broken"),
        ([], "canon.not_canonical"),
    ):
        refused(world, content | {"entry": entry}, subject="receipt", code=code)


def test_a_second_receipt_for_one_message_is_refused(world: World):
    content, _ = receipt_of(world)
    refused(world, content, subject="receipt", code="registry.content_broken", says="repeats")


def test_a_receipt_signed_by_nobody_or_by_us_is_refused(world: World):
    content, _ = receipt_of(world)
    bare = content["receipt"] | {"signatures": []}
    refused(world, content | {"receipt": bare}, subject="receipt", code="authorities.signer_missing")
    ours = countersigned(world.stage.cv, content["receipt"]["body"])
    refused(world, content | {"receipt": ours}, subject="receipt", code="authorities.signer_missing")


# What happens to messages that wait


def test_messages_that_wait_at_a_peer_who_is_away_arrive_in_order_when_it_is_back(stage: Stage):
    case = opened(stage)
    letters = [sent(stage, case) for _ in range(2)]
    settle(stage)
    with stage.nl.active():
        assert list(LetterRow.objects.order_by("id").values_list("digest", flat=True)) == letters
    check(stage.cv, stage.nl)


def test_an_event_that_took_effect_is_a_duplicate_when_it_comes_again(stage: Stage):
    letter = received(stage, opened(stage))
    liaison = stage.seat(stage.nl, "liaison")
    content = told(event(liaison, letter, Step.ACKNOWLEDGE), liaison)
    envelope = sealed("event", content, sender=stage.nl, to=stage.cv)
    said = [hand_in(envelope.data, to=stage.cv).json() for _ in range(2)]
    assert said == [{"status": "received"}, {"status": "duplicate"}]
    with stage.cv.active():
        assert LetterRow.objects.get(digest=letter).state == "acknowledged"
        assert EntryRow.objects.filter(kind="letter.acknowledge.received").count() == 1
    again = sealed("event", content, sender=stage.nl, to=stage.cv)
    with untouched(stage.cv, entries=("message.refuse",)):
        assert code_of(hand_in(again.data, to=stage.cv)) == "letters.step_out_of_order"
    check(stage.cv)


def test_the_log_says_of_a_refusal_who_was_refused_and_why_and_nothing_of_the_content(stage: Stage):
    letter = received(stage, opened(stage))
    liaison = stage.seat(stage.nl, "liaison")
    secret = {"note": "Nobody reads this in the log."}
    content = told(event(liaison, letter, Step.QUERY, secret), liaison)
    hand_in(sealed("event", content, sender=stage.nl, to=stage.cv).data, to=stage.cv)
    with stage.cv.active():
        body = bytes(EntryRow.objects.order_by("-id")[0].body)
    entry = parse_object(body, limit=ENVELOPE_BYTES_MAX)
    assert (entry["kind"], entry["facts"]["peer"]) == ("message.refuse", "nl")
    assert entry["facts"]["code"] == "letters.step_out_of_order"
    assert b"Nobody reads" not in canonical(entry)
    assert entry["actor"]["responsible"] == stage.cv.responsible
    assert stage.cv.clock.now() - stage.nl.clock.now() < timedelta(minutes=1)
