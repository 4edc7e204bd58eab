"""What an exporter gone bad can do: it signs the manifest again with its real keys, and the steps still find it.

Some of the forgers below hold more: an official's passkey, both administrators', a whole node's keys.
"""

import io
import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.authorisations.authorisation import AUTHORISATION
from comity.authorities.directory import ENTRY
from comity.authorities.statement import Statement
from comity.canon import JsonObject, canonical
from comity.cli import desk
from comity.evidence.bundle import BUNDLE
from comity.evidence.custody import CUSTODY
from comity.evidence.member import MANIFEST, custody_member
from comity.exchange.card import CARD
from comity.exchange.receipt import RECEIPT
from comity.exchange.verification import DoesNotVerify, Verification
from comity.ledger import claimed
from comity.letters.event import EVENT
from comity.letters.letter import LETTER
from comity.registry import log
from exported import Exported, unheard, zipped

Members = dict[str, bytes]


def failed(exported: Exported, members: Members, **changed: object) -> tuple[str, str]:
    """The step and the member at which a bundle fails that the exporter signed with its own keys."""
    return outcome(exported.packed(members, **changed))


def outcome(data: bytes) -> tuple[str, str]:
    """The step and the member at which these bytes fail, both empty where they verify."""
    try:
        for _ in Verification(io.BytesIO(data), pinned={}, key=None, progress=unheard).steps():
            continue
    except DoesNotVerify as refused:
        return str(refused.facts["step"]), str(refused.facts["member"])
    return "", ""


def without(exported: Exported, *names: str) -> Members:
    return {name: data for name, data in exported.members.items() if name not in names}


def the(exported: Exported, folder: str, **facts: object) -> str:
    """The one member of a folder whose body says so."""
    (name,) = [
        name
        for name in exported.only(folder)
        if all(exported.body(name)[fact] == value for fact, value in facts.items())
    ]
    return name


def again(exported: Exported, name: str, statement: Statement) -> Members:
    """The bundle with a text signed anew in place of another."""
    folder = name.partition("/")[0]
    return without(exported, name) | {f"{folder}/{statement.digest}.json": statement.to_bytes()}


def test_the_exporter_signing_the_same_again_verifies(exported: Exported):
    assert failed(exported, exported.members) == ("", "")


def test_what_the_exporter_leaves_out_is_missed(exported: Exported):
    """Missing are only receipts, and entries of logs that nothing cites."""
    unmissed = set()
    for name in exported.members:
        if name != MANIFEST and not name.startswith("items/") and failed(exported, without(exported, name)) == ("", ""):
            unmissed.add(name)
    unmissed_kinds = {
        json.loads(exported.members[name])["entry"]["kind"] for name in unmissed if name.startswith("log/")
    }
    assert {name.partition("/")[0] for name in unmissed} == {"receipts", "log"}
    assert unmissed_kinds == {"evidence.offer.received"}


def test_a_receipt_left_out_is_said(exported: Exported):
    name = next(one for one in exported.only("receipts") if _kind_of_receipt(exported, one) == "letter.receive")
    reading = Verification(io.BytesIO(exported.packed(without(exported, name))), pinned={}, key=None, progress=unheard)
    told = {step.step: step.details for step in reading.steps()}
    assert f"no receipt for message {exported.body(name)['message']}" in told["receipts"]


def _kind_of_receipt(exported: Exported, name: str) -> object:
    entries = [exported.entry(one) for one in exported.only("log/nl") if one.endswith(".json")]
    return next(one["kind"] for one in entries if one["facts"]["message"] == exported.body(name)["message"])


def test_a_changed_byte_in_any_member_is_found_though_the_manifest_fits_it(exported: Exported):
    chance = random.Random(20261126)
    for name, data in exported.members.items():
        if name == MANIFEST:
            continue
        for _ in range(2):
            position = chance.randrange(len(data))
            altered = data[:position] + bytes([data[position] ^ 1 << chance.randrange(8)]) + data[position + 1 :]
            step, member = failed(exported, exported.members | {name: altered})
            assert step, (name, position)
            assert step not in {"container", "manifest", "exporter"}
            assert step in {"law", "directory", "letters"} or member == name, (step, member)


def test_members_under_each_others_names_fail(exported: Exported):
    for folder in ("officials", "letters", "authorisations", "events", "receipts", f"custody/{exported.stage.item}"):
        names = exported.only(folder)
        swapped = dict(zip(names, [exported.members[name] for name in [*names[1:], names[0]]], strict=True))
        assert failed(exported, exported.members | swapped)[0], folder
    names = [name for name in exported.only("log/cv") if name.endswith(".json")]
    swapped = {names[0]: exported.members[names[1]], names[1]: exported.members[names[0]]}
    assert failed(exported, exported.members | swapped) == ("logs", names[0])


def test_custody_records_in_another_order_fail(exported: Exported):
    item = exported.stage.item
    first, second = custody_member(item, seq=0), custody_member(item, seq=1)
    swapped = exported.members | {first: exported.members[second], second: exported.members[first]}
    assert failed(exported, swapped) == ("custody", first)


def test_a_removed_event_breaks_the_life_of_its_letter(exported: Exported):
    """The forger removes what the logs say about it, too."""
    for step in ("acknowledge", "recognise"):
        for name in [one for one in exported.only("events") if exported.body(one)["step"] == step]:
            digest = name.partition("/")[2].removesuffix(".json")
            about = [one for one in exported.only("log") if exported.entry(one)["statement"] == digest]
            assert about
            step_failed, _ = failed(exported, without(exported, name, *about))
            assert step_failed == "events"


def test_a_bundle_of_another_kind_fails(exported: Exported):
    for kind in ("live", "drill"):
        assert failed(exported, exported.members, kind=kind)[0] == "node cards"


def test_a_live_bundle_with_software_authenticators_fails(exported: Exported):
    """Both nodes sign cards that call them live."""
    members = dict(exported.members)
    for node in (exported.stage.cv, exported.stage.nl):
        body = exported.body(f"nodes/{node.id}.json") | {"kind": "live"}
        members[f"nodes/{node.id}.json"] = exported.by_node(CARD, body, node=node).to_bytes()
    assert failed(exported, members, kind="live")[0] == "directory"


def test_an_entry_in_another_mandate_needs_two_administrators(exported: Exported):
    name = the(exported, "officials", official="carla")
    body = exported.body(name) | {"mandate": "custodian-0000000000000000"}
    forged = exported.by_node(ENTRY, body, node=exported.stage.cv)
    assert failed(exported, exported.members | {f"officials/{forged.digest}.json": forged.to_bytes()})[0] == "directory"
    founder = exported.by_node(ENTRY, body | {"enrolled_by": []}, node=exported.stage.cv)
    added = exported.members | {f"officials/{founder.digest}.json": founder.to_bytes()}
    assert failed(exported, added)[0] == "directory"


def test_an_official_who_is_not_needed_does_not_ride_along(exported: Exported):
    body = exported.body(the(exported, "officials", official="carla")) | {
        "official": "nobody",
        "mandate": "custodian-1",
    }
    entry = exported.witnessed(Statement(ENTRY, body), node=exported.stage.cv)
    name = f"officials/{entry.digest}.json"
    assert failed(exported, exported.members | {name: entry.to_bytes()}) == ("nothing else", name)


def test_two_entries_for_one_mandate_fail(exported: Exported):
    body = exported.body(the(exported, "officials", official="carla")) | {"name": "Somebody Else"}
    entry = exported.witnessed(Statement(ENTRY, body), node=exported.stage.cv)
    added = exported.members | {f"officials/{entry.digest}.json": entry.to_bytes()}
    assert failed(exported, added)[0] == "directory"


def test_a_true_log_entry_about_something_else_does_not_ride_along(exported: Exported):
    signed = exported.members["log/cv/checkpoint"]
    with exported.stage.cv.active():
        placed = log.prove(0, size=claimed(signed).size, signed=signed)
    entry = canonical({"entry": placed.entry.as_body(), "inclusion": placed.inclusion.as_record()})
    assert failed(exported, exported.members | {"log/cv/0.json": entry}) == ("nothing else", "log/cv/0.json")


def test_a_letter_that_the_item_does_not_rest_on_does_not_ride_along(exported: Exported):
    """The last letter no longer follows the first: nothing needs the first."""
    name = the(exported, "letters", form="production")
    body = exported.body(name) | {"linked": ""}
    letter = exported.signed(LETTER, body, node=exported.stage.cv, role="investigator")
    assert failed(exported, again(exported, name, letter))[0] == "authorisations"  # nothing was decided on this text


BY_DRAFTER = ("investigator", "letters", LETTER)
BY_JUDGE = ("judge", "authorisations", AUTHORISATION)
BY_CUSTODIAN = ("custodian", "custody", CUSTODY)


@pytest.mark.parametrize(
    ("text", "found", "change", "step"),
    [
        (BY_DRAFTER, {"form": "production"}, {"subject": "Another"}, "authorisations"),
        (BY_DRAFTER, {"form": "production"}, {"to_state": "BE"}, "letters"),
        (BY_DRAFTER, {"form": "production"}, {"linked": "ab" * 32}, "letters"),
        (BY_JUDGE, {"kind": "warrant"}, {"letter": "ab" * 32}, "authorisations"),
        (BY_JUDGE, {"kind": "warrant"}, {"kind": "recognition"}, "authorisations"),
        (BY_JUDGE, {"kind": "warrant"}, {"purpose": "Another"}, "authorisations"),
        (("investigator", "authorisations", AUTHORISATION), {"kind": "warrant"}, {}, "authorisations"),
        (BY_CUSTODIAN, {"event": "export"}, {"at": "2026-11-23T08:00:00.000Z"}, "custody"),
        (BY_CUSTODIAN, {"event": "export"}, {"previous": "ab" * 32}, "custody"),
        (BY_CUSTODIAN, {"event": "export"}, {"facts": {"letter": "", "reason": "R"}}, "custody"),
        (BY_CUSTODIAN, {"event": "export"}, {"event": []}, "custody"),
    ],
)
def test_a_text_that_its_official_signs_anew_no_longer_fits_the_rest(
    exported: Exported, text: tuple[str, str, str], found: JsonObject, change: JsonObject, step: str
):
    role, folder, kind = text
    name = next(one for one in exported.only(folder) if found.items() <= exported.body(one).items())
    by = exported.stage.seat(exported.stage.cv, role).entry.actor.as_record()
    who = "drafted_by" if kind == LETTER else "by"
    anew = exported.signed(kind, exported.body(name) | {who: by} | change, node=exported.stage.cv, role=role)
    if folder == "custody":
        assert failed(exported, exported.members | {name: anew.to_bytes()})[0] == step
    else:
        assert failed(exported, again(exported, name, anew))[0] == step


def test_another_letters_warrant_does_not_cover(exported: Exported):
    """The judge gives the first letter's warrant the number of the second."""
    first, second = (the(exported, "letters", form=form) for form in ("preservation", "production"))
    digests = [name.partition("/")[2].removesuffix(".json") for name in (first, second)]
    name = the(exported, "authorisations", letter=digests[0])
    body = exported.body(name) | {"letter": digests[1]}
    warrant = exported.signed(AUTHORISATION, body, node=exported.stage.cv, role="judge")
    assert failed(exported, again(exported, name, warrant))[0] == "authorisations"


def test_a_recognition_is_for_the_executing_state(exported: Exported):
    """A judge of the asking state recognises its own letter."""
    name = the(exported, "authorisations", kind="recognition")
    by = exported.stage.seat(exported.stage.cv, "judge").entry.actor.as_record()
    own = exported.signed(AUTHORISATION, exported.body(name) | {"by": by}, node=exported.stage.cv, role="judge")
    members = exported.members | {f"authorisations/{own.digest}.json": own.to_bytes()}
    assert failed(exported, members) == ("authorisations", f"authorisations/{own.digest}.json")


def test_an_export_that_is_not_logged_fails(exported: Exported):
    """A custodian exports once more past the log."""
    name = next(one for one in exported.only("custody") if exported.body(one)["event"] == "export")
    body = exported.body(name) | {"facts": {**exported.body(name)["facts"], "reason": "For a friend"}}
    text = exported.signed(CUSTODY, body, node=exported.stage.cv, role="custodian")
    assert failed(exported, exported.members | {name: text.to_bytes()})[0] == "logged"


def test_a_step_of_the_other_node_that_its_official_never_took_fails(exported: Exported):
    name = the(exported, "events", step="preserve")
    body = exported.body(name) | {"facts": {"note": "No."}, "step": "withdraw"}
    text = exported.signed(EVENT, body, node=exported.stage.nl, role="liaison")
    assert failed(exported, again(exported, name, text))[0] == "events"


def test_a_receipt_about_another_moment_fails(exported: Exported):
    name = exported.only("receipts")[0]
    for changed in ({"received_at": "2026-11-23T09:00:00.000Z"}, {"digest": "ab" * 32}, {"leaf_hash": "ab" * 32}):
        receipt = exported.by_node(RECEIPT, exported.body(name) | changed, node=exported.stage.nl)
        assert failed(exported, exported.members | {name: receipt.to_bytes()}) == ("receipts", name)


def test_another_ciphertext_than_was_handed_over_fails(exported: Exported):
    (name,) = exported.only("items")
    altered = exported.members[name][:-1] + bytes([exported.members[name][-1] ^ 1])
    assert failed(exported, exported.members | {name: altered}) == ("seal", name)


def test_another_item_than_was_acquired_fails(exported: Exported):
    (item,) = exported.body(MANIFEST)["items"]
    assert failed(exported, exported.members, items=[item | {"sha256": "ab" * 32}])[0] == "custody"
    assert failed(exported, exported.members, items=[])[0] == "manifest"


def test_an_export_of_before_the_custody_ends_fails(exported: Exported):
    assert failed(exported, exported.members, made_at="2026-11-23T09:00:00.500Z")[0] in {"exporter", "custody"}
    assert failed(exported, exported.members, made_at="2029-01-01T00:00:00.000Z")[0] == "node cards"


def retold(exported: Exported, changes: dict[str, JsonObject]) -> Members:
    """The whole custody signed anew by everybody, with other facts in some of its records."""
    nl, cv = exported.stage.nl, exported.stage.cv
    members, previous = dict(exported.members), ""
    for name in exported.only("custody"):
        body = exported.body(name)
        facts = body["facts"] | changes.get(body["event"], {})
        text = Statement(CUSTODY, body | {"facts": facts, "previous": previous})
        for node in {"acquisition": (nl,), "transfer": (nl, cv), "access": (cv,), "export": (cv,)}[body["event"]]:
            with node.active():
                text = desk.signed(text, seat=exported.stage.seat(node, "custodian"), at=node.clock.now())
        members[name], previous = text.to_bytes(), text.digest
    return members


def test_custody_told_anew_by_everybody_still_contradicts_the_logs(exported: Exported):
    changed = {"acquisition": {"origin": exported.body(exported.only("custody")[0])["facts"]["origin"] | {"tool": "X"}}}
    assert failed(exported, retold(exported, {})) == ("", "")
    assert failed(exported, retold(exported, changed))[0] == "logged"


def test_the_power_behind_custody_is_held_even_if_all_custodians_agree(exported: Exported):
    acquired = exported.body(exported.only("custody")[0])["facts"]
    warrant = the(exported, "authorisations", kind="warrant", letter=acquired["letter"])
    digest = warrant.partition("/")[2].removesuffix(".json")
    for event, facts, step in (
        ("acquisition", {"authorisation": digest}, "recognition"),
        ("acquisition", {"scope": acquired["scope"] | {"until": "2027-01-01"}}, "recognition"),
        ("acquisition", {"scope": acquired["scope"] | {"selectors": ["domain:other.example"]}}, "recognition"),
        ("transfer", {"authorisation": digest}, "recognition"),
        ("transfer", {"ground": None}, "transfer ground"),
        ("transfer", {"gate": ["all is well"]}, "transfer ground"),
        ("transfer", {"letter": "ab" * 32}, "custody"),
        ("export", {"letter": "ab" * 32}, "custody"),
    ):
        assert failed(exported, retold(exported, {event: facts}))[0] == step, (event, facts)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=8) | st.sampled_from(["demo"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


CHOICES = st.lists(st.integers(0, 2**20), min_size=40, max_size=40)
"""Enough to walk down any record; drawn before it is known how far the walk goes, so that every draw is the same."""


def choosing(choices: list[int]) -> Callable[[int], int]:
    """Chooses one of so many, each time by the next number."""
    left = iter(choices)
    return lambda most: next(left) % most


def changed_at(value: Any, choose: Callable[[int], int], put: Any) -> Any:
    """The value with one part of it, at any depth, replaced or left out."""
    if isinstance(value, dict) and value and choose(8):
        name = sorted(value)[choose(len(value))]
        if not choose(10):
            return {other: one for other, one in value.items() if other != name}
        return value | {name: changed_at(value[name], choose, put)}
    if isinstance(value, list) and value and choose(4):
        place = choose(len(value))
        return [*value[:place], changed_at(value[place], choose, put), *value[place + 1 :]]
    return put


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(choices=CHOICES, put=JSON)
def test_a_record_of_any_other_shape_fails_and_never_crashes(exported: Exported, choices: list[int], put: Any):
    choose = choosing(choices)
    names = [one for one in exported.members if one != MANIFEST and one.endswith(".json")]
    name = names[choose(len(names))]
    original = json.loads(exported.members[name])
    altered = changed_at(original, choose, put)
    if altered == original:
        return
    assert failed(exported, exported.members | {name: canonical(altered)})[0]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(choices=CHOICES, put=JSON)
def test_a_manifest_of_any_other_shape_fails_and_never_crashes(exported: Exported, choices: list[int], put: Any):
    original = exported.body(MANIFEST)
    altered = changed_at(original, choosing(choices), put)
    body = altered if isinstance(altered, dict) else {}
    text = exported.signed(BUNDLE, body, node=exported.stage.cv, role="custodian")
    step, _ = outcome(zipped({**exported.members, MANIFEST: text.to_bytes()}))
    assert step or {name for name in original if original[name] != body[name]} <= {"made_at"}
