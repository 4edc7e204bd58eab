"""A bundle brings the custody of the thing on a shelf that its item was made of: every record, signed, chained, logged."""

import io
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from comity.authorities.statement import Statement
from comity.canon import JsonObject
from comity.cli import desk
from comity.cli.exporting import export
from comity.cli.script import Image
from comity.cli.story import Stage
from comity.evidence.custody import CUSTODY, CustodyEvent
from comity.evidence.events import Derived, Thing
from comity.evidence.member import MANIFEST, custody_member
from comity.exchange.verification import DoesNotVerify, Verification
from comity.registry.act import Node
from comity.registry.gestures.evidence import MadeOf
from exported import Exported, unheard, unzipped
from scenes import ITEM_BYTES, ORIGIN, accepted, opened, recognised, seized, settle, signed_over
from stage import staged

RESEALED: JsonObject = {"sealed_sha256": "", "seals": ["S-9"], "broken": ["S-1"], "reason": "Opened to image it."}


@dataclass(frozen=True)
class Made:
    """An item that was made of an exhibit: exported where it was made, where only it came, and where both came."""

    exhibit: str
    item: str
    at_home: Exported
    alone: Exported
    both: Exported


def imaged(stage: Stage, letter: str, exhibit: str) -> str:
    """An image of the exhibit, taken in where it lies."""
    seat = stage.seat(stage.nl, "custodian")
    made_of = MadeOf(thing=Thing.EXHIBIT, reference=exhibit, kind=Derived.IMAGE, reason="To read it.")
    with stage.nl.active():
        return desk.take_in(
            Image(ITEM_BYTES, progress=lambda _done, _of: None),
            name="wallet.img",
            media_type="application/octet-stream",
            letter=letter,
            origin=ORIGIN,
            selectors=frozenset(),
            progress=unheard,
            seat=seat,
            at=stage.nl.clock.now(),
            made_of=made_of,
        )


def out(stage: Stage, node: Node, item: str, file: Path) -> Exported:
    with node.active():
        seat = stage.seat(node, "custodian")
        export(item, file, reason="For the court", key_file=None, progress=unheard, seat=seat)
    return Exported(stage, file, file, file, unzipped(file.read_bytes()))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    folder = tmp_path_factory.mktemp("made")
    with staged(folder, image_bytes=3_000) as stage:
        letter = recognised(stage, opened(stage))
        custodian = stage.seat(stage.nl, "custodian")
        exhibit = seized(custodian, letter, "EX-1")
        with stage.nl.active():
            at = stage.nl.clock.now()
            desk.record(Thing.EXHIBIT, exhibit, CustodyEvent.SEALING, facts=RESEALED, seat=custodian, at=at)
        item = imaged(stage, letter, exhibit)
        settle(stage)
        at_home = out(stage, stage.nl, item, folder / "home.bundle")
        accepted(stage, item)
        alone = out(stage, stage.cv, item, folder / "alone.bundle")
        transfer = signed_over(stage, exhibit)
        with stage.cv.active():
            desk.accept_exhibit(transfer, seat=stage.seat(stage.cv, "custodian"), at=stage.cv.clock.now())
        settle(stage)
        yield Made(exhibit, item, at_home, alone, out(stage, stage.cv, item, folder / "both.bundle"))


def told(data: bytes) -> dict[str, tuple[str, tuple[str, ...]]]:
    reading = Verification(io.BytesIO(data), pinned={}, key=None, progress=unheard)
    return {step.step: (step.result.value, step.details) for step in reading.steps()}


def packed(exported: Exported, members: dict[str, bytes], **changed: object) -> bytes:
    """The bundle of these members, signed by the exporter of either node."""
    stage = exported.stage
    home = stage.nl if exported.body(MANIFEST)["node"] == "nl" else stage.cv
    as_it_is = replace(stage, cv=home)
    return replace(exported, stage=as_it_is).packed(members, **changed)


def failed(exported: Exported, members: dict[str, bytes], **changed: object) -> str:
    try:
        told(packed(exported, members, **changed))
    except DoesNotVerify as refused:
        return str(refused.facts["step"])
    return ""


def without(exported: Exported, *names: str) -> dict[str, bytes]:
    return {name: data for name, data in exported.members.items() if name not in names}


def records(made: Made, exported: Exported) -> list[str]:
    return exported.only(f"custody/{made.exhibit}")


def about(exported: Exported, *names: str) -> list[str]:
    """The log entries that rest on these texts."""
    digests = {Statement.from_bytes(exported.members[name]).digest for name in names}
    return [name for name in exported.only("log") if exported.entry(name)["statement"] in digests]


def test_where_it_was_made_the_thing_comes_along_with_description_seals_and_every_record(made: Made):
    result, details = told(made.at_home.data)["sources"]
    assert (result, len(records(made, made.at_home))) == ("holds", 3)
    assert details[0] == (
        f"item {made.item} was made of exhibit EX-1 (wallet, serial SYN-WALLET-7): Hardware wallet in a blue case"
        " (synthetic); seals when seized: S-1, S-2; seals now: S-2, S-9; with nl"
    )
    assert [one.split(" ")[2] for one in details[1:]] == ["seizure", "sealing", "derivation"]


def test_a_hand_over_is_shown_with_both_who_signed_it_its_power_and_its_ground(made: Made):
    said = told(made.both.data)
    result, details = said["sources"]
    assert (result, len(records(made, made.both))) == ("holds", 4)
    assert details[0].endswith("; with cv")
    assert "hand-over by" in details[4]
    assert details[4].endswith(": four signatures")
    assert sum(one.startswith("to disclose it") for one in said["recognition"][1]) == 2
    assert sum(one.startswith("reason as stated") for one in said["transfer ground"][1]) == 2
    assert "exhibit.accept" in {made.both.entry(one).get("kind") for one in made.both.only("log")}


def test_where_only_the_item_came_the_reader_is_told_whom_to_ask(made: Made):
    result, (line,) = told(made.alone.data)["sources"]
    assert result == "not checked"
    assert line == (
        f"item {made.item} was made of exhibit {made.exhibit}, whose custody is with nl: ask that node for it"
    )


def test_the_node_that_made_the_item_cannot_keep_the_thing_back(made: Made):
    names = records(made, made.at_home)
    less = without(made.at_home, *names, *about(made.at_home, *names))
    assert failed(made.at_home, less) == "sources"
    assert told(packed(made.at_home, less, format=1))["sources"][0] == "not checked", "an older bundle is read"


def test_a_record_of_the_thing_that_is_left_out_is_missed(made: Made):
    """With the log's entries on it or without; but the last ones, which nothing cites, only where an entry stays."""
    for exported in (made.at_home, made.both):
        *cited, last = records(made, exported)
        for name in cited:
            assert failed(exported, without(exported, name)), name
            assert failed(exported, without(exported, name, *about(exported, name))), name
        assert failed(exported, without(exported, last)), last
        for name in about(exported, *records(made, exported)):
            kind = exported.entry(name)["kind"]
            if name.startswith(f"log/{exported.body(MANIFEST)['node']}/"):
                assert failed(exported, without(exported, name)) or kind.endswith(".received"), kind


def test_records_of_the_thing_in_another_order_or_twice_fail(made: Made):
    for exported in (made.at_home, made.both):
        first, second = records(made, exported)[1:3]
        swapped = {first: exported.members[second], second: exported.members[first]}
        assert failed(exported, exported.members | swapped) in {"sources", "custody"}
        more = custody_member(made.exhibit, seq=len(records(made, exported)))
        assert failed(exported, exported.members | {more: exported.members[second]}) == "sources"
        other = custody_member("ab" * 16, seq=0)
        assert failed(exported, exported.members | {other: exported.members[first]}) == "nothing else"


def test_a_changed_byte_in_a_record_of_the_thing_is_found(made: Made):
    chance = random.Random(20261127)
    for exported in (made.at_home, made.both):
        for name in (*records(made, exported), *about(exported, *records(made, exported))):
            data = exported.members[name]
            for _ in range(3):
                position = chance.randrange(len(data))
                altered = data[:position] + bytes([data[position] ^ 1 << chance.randrange(8)]) + data[position + 1 :]
                assert failed(exported, exported.members | {name: altered}) in {"sources", "logs"}, (name, position)


@pytest.mark.parametrize(
    ("event", "facts", "step"),
    [
        ("seizure", {"seals": ["S-1", "S-2", "S-3"]}, "sources"),
        ("seizure", {"letter": "ab" * 32}, "sources"),
        ("sealing", {"broken": ["S-7"]}, "sources"),
        ("derivation", {"derived": "ab" * 16}, "sources"),
        ("derivation", {"sha256": "ab" * 32}, "sources"),
        ("hand_over", {"seals": ["S-1", "S-2"]}, "sources"),
        ("hand_over", {"ground": None}, "transfer ground"),
        ("hand_over", {"authorisation": "ab" * 32}, "recognition"),
    ],
)
def test_a_record_of_the_thing_that_everybody_signs_anew_no_longer_fits(
    made: Made, event: str, facts: JsonObject, step: str
):
    """Custodians of both nodes agree on another story of the thing; the item still cites the record of its making."""
    exported, stage = made.both, made.both.stage
    members, previous, changed = dict(exported.members), "", False
    for name in records(made, exported):
        body = exported.body(name)
        changed = changed or body["event"] == event
        if not changed:
            previous = Statement.from_bytes(exported.members[name]).digest
            continue
        told_ = body["facts"] | (facts if body["event"] == event else {})
        text = Statement(CUSTODY, body | {"facts": told_, "previous": previous})
        for node in (stage.nl, stage.cv) if body["event"] == "hand_over" else (stage.nl,):
            with node.active():
                text = desk.signed(text, seat=stage.seat(node, "custodian"), at=node.clock.now())
        members[name], previous = text.to_bytes(), text.digest
    assert failed(exported, members) == step


def test_a_hand_over_that_only_the_giver_signed_is_none(made: Made):
    stage, name = made.both.stage, records(made, made.both)[-1]
    with stage.nl.active():
        text = desk.signed(
            Statement(CUSTODY, made.both.body(name)),
            seat=stage.seat(stage.nl, "custodian"),
            at=stage.nl.clock.now(),
        )
    assert failed(made.both, made.both.members | {name: text.to_bytes()}) == "sources"
