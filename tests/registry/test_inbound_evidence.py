"""Offers, acceptances and chunk requests that take no effect: no item moves by what somebody says."""

import copy
import secrets
from datetime import timedelta
from typing import Any

import pytest

from checker import check, untouched
from comity.authorities.keys import b64
from comity.authorities.statement import Statement
from comity.canon import JsonObject, parse_object, stamp
from comity.cli.shell import Seat
from comity.cli.story import Stage
from comity.evidence.custody import CUSTODY
from comity.exchange.chunk import CHUNK_REQUEST
from comity.exchange.wire import CLOCK_SKEW_MAX
from comity.registry import keys, post
from comity.registry.limits import CHUNK_BYTES, ENVELOPE_BYTES_MAX
from comity.registry.models import LetterRow, OutboxRow, TransferRow
from couriers import card, code_of, hand_in, people, resigned, sealed, sign
from scenes import World, offered, settle, taken_in
from stations import Station, station


@pytest.fixture
def giver(world: World):
    return world.stage.seat(world.stage.nl, "custodian")


@pytest.fixture
def receiver(world: World):
    return world.stage.seat(world.stage.cv, "custodian")


def offer(world: World) -> JsonObject:
    """What nl said when it offered the item that arrived at cv."""
    with world.stage.nl.active():
        row = OutboxRow.objects.filter(subject="transfer").order_by("id")[0]
    return copy.deepcopy(parse_object(bytes(row.content), limit=ENVELOPE_BYTES_MAX))


def changed(world: World, **facts: object) -> JsonObject:
    """An offer in which the giver states something else, and signs it."""
    content = offer(world)
    text = Statement.from_json(content["transfer"])
    body = text.body | {"facts": text.body["facts"] | {"transfer": secrets.token_hex(16)} | facts}
    seat = world.stage.seat(world.stage.nl, "custodian")
    return content | {"transfer": resigned(text, body, seat=seat).as_json()}


def refused(world: World, content: JsonObject, *, code: str = "", says: str = "", subject: str = "transfer") -> None:
    cv, nl = world.stage.cv, world.stage.nl
    with untouched(cv, nl, entries=("message.refuse",)):
        answer = hand_in(sealed(subject, content, sender=nl, to=cv).data, to=cv)
    assert answer.status_code == 422, answer.text
    assert code in ("", code_of(answer)), answer.text
    assert says in answer.json()["message"], answer.text


# Offers


def test_an_offer_for_a_letter_that_we_never_sent_is_refused(world: World):
    refused(world, changed(world, letter=secrets.token_hex(32)), code="registry.offer_not_for_us")
    nonsense: tuple[Any, ...] = ("\u0000", "", None, 7, {})
    for letter in nonsense:
        refused(world, changed(world, letter=letter), code="evidence.shape_broken")


def test_an_offer_for_a_letter_that_came_to_us_is_refused(world: World):
    """nl offers evidence for a letter of its own: only who asked gets anything."""
    with world.stage.nl.active():
        LetterRow.objects.get(digest=world.letters["received"], outgoing=False)
    refused(world, changed(world, letter=world.letters["received"]), code="registry.offer_not_for_us", says="custodian")


@pytest.mark.parametrize("role", ["liaison", "investigator", "overseer"])
def test_an_offer_to_anybody_but_the_custodian_whom_the_letter_names_is_refused(world: World, role: str):
    other = world.stage.seat(world.stage.cv, role).entry.actor.as_record()
    refused(world, changed(world, receiver=other), code="registry.offer_not_for_us", says="custodian")


def test_an_offer_to_the_givers_own_custodian_is_refused(world: World, giver: Seat):
    refused(world, changed(world, receiver=giver.entry.actor.as_record()), code="registry.offer_not_for_us")


def test_an_offer_with_other_hashes_than_its_acquisition_is_refused(world: World):
    for name in ("sha256", "key_commitment"):
        refused(world, changed(world, **{name: "0" * 64}), code="evidence.custody_broken", says="other hashes")


@pytest.mark.parametrize("transfer", ["", "x", "0" * 33, "\u0000" * 32, None, 7, [], "A" * 32])
def test_an_offer_without_a_reference_is_refused(world: World, transfer: object):
    refused(world, changed(world, transfer=transfer))


def test_an_item_is_offered_once(world: World):
    refused(world, offer(world), code="registry.content_broken", says="repeats")
    refused(world, changed(world), code="registry.content_broken", says="repeats")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("custody", []),
        ("custody", {}),
        ("custody", [{}]),
        ("custody", None),
        ("transfer", {}),
        ("key", ""),
        ("key", 7),
        ("key", "%"),
        ("key", b64(b"x" * 5000)),
        ("receive_key", "\u0000"),
        ("receive_key", 7),
        ("receive_key", "0" * 32),
    ],
)
def test_an_offer_with_a_broken_part_is_refused(world: World, name: str, value: object):
    refused(world, changed(world) | {name: value})


def test_an_offer_whose_custody_was_cut_or_changed_is_refused(world: World):
    content = changed(world)
    content["custody"][0]["body"]["facts"]["origin"]["place"] = "Somewhere else"
    refused(world, content, code="authorities.signature_does_not_verify")
    content = changed(world)
    content["custody"] = content["custody"] * 2
    refused(world, content, code="evidence.custody_broken")
    content = changed(world)
    content["transfer"]["signatures"].pop()
    refused(world, content, code="authorities.signer_missing")


def test_an_offer_with_a_text_that_no_table_takes_is_refused(world: World):
    """The context of a signature is free text; a NUL in it cannot be kept."""
    content = changed(world)
    seat = world.stage.seat(world.stage.nl, "custodian")
    acquisition = Statement.from_json(content["custody"][0])
    _, node_signs = keys.signer(world.stage.nl.folder)
    odd = Statement(type=CUSTODY, body=acquisition.body)
    official = sign(odd, seat=seat).signatures[0]
    context = {"\u0000": "\u0000"}
    odd = odd.signed_with(official)
    from comity.authorities.statement import signed

    odd = signed(odd, key=card(world.stage.nl).signing_key, sign=node_signs, context=context)
    content["custody"][0] = odd.as_json()
    refused(world, content)


def test_an_offer_of_more_than_this_node_takes_is_refused(world: World):
    from comity.evidence.seal import sealed_size
    from comity.registry.limits import EVIDENCE_BYTES_MAX

    content, seat = changed(world), world.stage.seat(world.stage.nl, "custodian")
    first = Statement.from_json(content["custody"][0])
    size = EVIDENCE_BYTES_MAX
    item = first.body["facts"]["item"] | {"bytes": size, "sealed_bytes": sealed_size(size)}
    acquired = resigned(first, first.body | {"facts": first.body["facts"] | {"item": item}}, seat=seat)
    text = Statement.from_json(content["transfer"])
    cited = resigned(text, text.body | {"previous": acquired.digest}, seat=seat)
    content |= {"custody": [acquired.as_json()], "transfer": cited.as_json()}
    refused(world, content, code="registry.offer_not_for_us", says="bytes")


# Acceptances


def accepted_by(world: World, *, role: str = "custodian") -> JsonObject:
    """The transfer of the item that arrived, signed at cv by somebody."""
    seat = world.stage.seat(world.stage.cv, role)
    with world.stage.cv.active():
        row = TransferRow.objects.get(reference=world.transfers["arrived"])
        both = sign(Statement.from_bytes(bytes(row.statement)), seat=seat)
    return {"transfer": both.as_json(), "officials": people(seat)}


def refused_acceptance(world: World, content: JsonObject, *, code: str) -> None:
    cv, nl = world.stage.cv, world.stage.nl
    with untouched(cv, nl, entries=("message.refuse",)):
        answer = hand_in(sealed("transfer-accepted", content, sender=cv, to=nl).data, to=nl)
    assert (answer.status_code, code_of(answer)) == (422, code), answer.text


@pytest.mark.parametrize("role", ["liaison", "investigator"])
def test_only_the_custodian_who_was_named_signs_for_an_item(world: World, role: str):
    refused_acceptance(world, accepted_by(world, role=role), code="authorities.signer_missing")


def test_an_acceptance_with_the_givers_signatures_only_is_none(world: World):
    content = accepted_by(world)
    content["transfer"]["signatures"] = content["transfer"]["signatures"][:2]
    refused_acceptance(world, content, code="authorities.signer_missing")


def test_an_acceptance_of_what_was_never_offered_is_refused(world: World, giver: Seat, receiver: Seat):
    with world.stage.nl.active():
        row = TransferRow.objects.get(reference=world.transfers["arrived"])
        text = Statement.from_bytes(bytes(row.statement))
    for transfer in (secrets.token_hex(16), "\u0000", None, 7):
        body = text.body | {"facts": text.body["facts"] | {"transfer": transfer}}
        both = sign(resigned(text, body, seat=giver), seat=receiver)
        content = {"transfer": both.as_json(), "officials": people(receiver)}
        with untouched(world.stage.cv, world.stage.nl, entries=("message.refuse",)):
            answer = hand_in(
                sealed("transfer-accepted", content, sender=world.stage.cv, to=world.stage.nl).data, to=world.stage.nl
            )
        assert answer.status_code == 422


def test_an_acceptance_of_another_text_than_was_offered_is_refused(world: World, giver: Seat, receiver: Seat):
    with world.stage.nl.active():
        row = TransferRow.objects.get(reference=world.transfers["arrived"])
        text = Statement.from_bytes(bytes(row.statement))
    body = text.body | {"facts": text.body["facts"] | {"gate": ["nothing was checked"]}}
    both = sign(resigned(text, body, seat=giver), seat=receiver)
    content = {"transfer": both.as_json(), "officials": people(receiver)}
    refused_acceptance(world, content, code="registry.no_such_thing")


def test_an_item_is_accepted_once(world: World, receiver: Seat):
    with world.stage.cv.active():
        row = TransferRow.objects.get(reference=world.transfers["accepted"])
        both = Statement.from_bytes(bytes(row.statement))
    content = {"transfer": both.as_json(), "officials": people(receiver)}
    refused_acceptance(world, content, code="registry.transfer_out_of_order")


# Chunks


def asked(world: World, *, by: Station | None = None, **other: object) -> bytes:
    """A chunk request of cv's for the item that was handed over."""
    with world.stage.nl.active():
        row = TransferRow.objects.get(reference=world.transfers["arrived"])
    body = {
        "transfer": row.reference,
        "item": row.item,
        "offset": 0,
        "length": 1000,
        "at": stamp(world.stage.cv.clock.now()),
    }
    text = Statement(type=CHUNK_REQUEST, body=body | other)
    if by is not None:
        return by.signed(CHUNK_REQUEST, text.body).to_bytes()
    with world.stage.cv.active():
        return post.countersign(text).to_bytes()


def refused_chunk(world: World, data: bytes, *, code: str) -> None:
    nl = world.stage.nl
    with untouched(nl):
        answer = hand_in(data, to=nl, address="/peer/chunk")
    assert answer.status_code == 422
    assert code_of(answer) == code, answer.text


def test_whom_an_item_was_offered_gets_its_ciphertext_and_nothing_of_its_content(world: World):
    answer = hand_in(asked(world), to=world.stage.nl, address="/peer/chunk")
    assert (answer.status_code, len(answer.content)) == (200, 1000)
    sealed_file = world.stage.nl.vault / "items" / f"{world.items['arrived']}.sealed"
    assert sealed_file.read_bytes()[:1000] == answer.content


def test_a_stranger_gets_no_chunk(world: World):
    stranger = station("xx", state="XX")
    refused_chunk(world, asked(world, by=stranger), code="authorities.signer_missing")


def test_a_chunk_of_a_transfer_that_does_not_exist_is_refused_as_any_other(world: World):
    nonsense: tuple[Any, ...] = (secrets.token_hex(16), "\u0000", "", None, [], world.items["held"])
    for transfer in nonsense:
        refused_chunk(world, asked(world, transfer=transfer), code="registry.not_offered")


def test_a_chunk_of_another_item_than_was_offered_is_refused(world: World):
    refused_chunk(world, asked(world, item=world.items["held"]), code="registry.not_offered")
    refused_chunk(world, asked(world, item="../../../keys/signing"), code="exchange.record_broken")


@pytest.mark.parametrize("wrong", [{"offset": -1}, {"length": 0}, {"offset": "0"}, {"length": 2**50}, {"more": 1}])
def test_a_chunk_request_out_of_range_is_refused(world: World, wrong: JsonObject):
    refused_chunk(world, asked(world, **wrong), code="exchange.record_broken")


def test_a_chunk_longer_than_a_chunk_is_refused(world: World):
    refused_chunk(world, asked(world, length=CHUNK_BYTES + 1), code="registry.not_offered")


def test_beyond_the_end_of_an_item_there_is_nothing(world: World):
    answer = hand_in(asked(world, offset=2**40), to=world.stage.nl, address="/peer/chunk")
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("by", [timedelta(minutes=1), -timedelta(minutes=1)])
def test_a_stale_chunk_request_is_refused(world: World, by: timedelta):
    at = world.stage.cv.clock.now() + (CLOCK_SKEW_MAX + abs(by)) * (1 if by > timedelta() else -1)
    refused_chunk(world, asked(world, at=stamp(at)), code="exchange.chunk_request_stale")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "canon.not_canonical"),
        (b"{}", "authorities.statement_broken"),
        (b"\xff", "canon.not_canonical"),
        (b"x" * 17_000, "web.body_too_large"),
    ],
)
def test_a_chunk_request_that_is_none_is_refused(world: World, data: bytes, code: str):
    with untouched(world.stage.nl):
        assert code_of(hand_in(data, to=world.stage.nl, address="/peer/chunk")) == code


# What a giver cannot do to the receiver


def test_an_item_that_arrives_damaged_is_never_recorded_as_arrived(stage: Stage):
    from scenes import opened, recognised

    letter = recognised(stage, opened(stage))
    item = taken_in(stage, letter)
    transfer = offered(stage, item)
    file = stage.nl.vault / "items" / f"{item}.sealed"
    whole = file.read_bytes()
    file.write_bytes(whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:])
    settle(stage)
    with stage.cv.active():
        assert TransferRow.objects.get(reference=transfer).state == "offered"
    assert not (stage.cv.vault / "items" / f"{item}.sealed").exists()
    file.write_bytes(whole)
    check(stage.cv, stage.nl)
