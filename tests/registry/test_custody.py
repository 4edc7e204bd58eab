"""What happens to items and exhibits where they lie and from hand to hand: recorded, signed, proven, or refused."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import scenes
from checker import untouched
from comity.authorities.roles import Role
from comity.canon import JsonObject
from comity.cases.handling import Handling, Light, Restriction
from comity.cli import desk, founding
from comity.cli.cast import NL, administrators
from comity.cli.script import Image
from comity.cli.shell import Seat
from comity.cli.story import Stage
from comity.errors import ComityError
from comity.evidence.admissibility import Standing
from comity.evidence.custody import CustodyEvent
from comity.evidence.events import Derived, Thing
from comity.evidence.marking import Marking
from comity.registry.actions.reviews import flag_item, review_item
from comity.registry.checking import differences
from comity.registry.gestures.evidence import MadeOf
from comity.registry.invitations import Appointment
from comity.registry.jobs import exports
from comity.registry.models import CustodyRow, EntryRow, ItemRow
from comity.registry.models.final import RecordIsFinal
from comity.registry.queries import custody, exhibits
from comity.registry.queries import evidence as reads
from scenes import GROUND, ITEM_BYTES, ORIGIN, World, populated, settle, take_in
from stage import staged
from tampering import Change, found_after, other, run, taken_back, without_signatures

TAGS = ("data:traffic", "object:disk_image", "offence:drugs")


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world of its own, in which every test takes in what it needs."""
    databases = ("node.sqlite3", "node.sqlite3")
    with staged(tmp_path_factory.mktemp("custody"), databases=databases, image_bytes=ITEM_BYTES) as stage:
        yield populated(stage)


@pytest.fixture
def nl(evidence: World) -> Iterator[Seat]:
    """The custodian of nl at the desk; its node is active."""
    seat = evidence.stage.seat(evidence.stage.nl, "custodian")
    with seat.node.active():
        yield seat
        assert differences() == []


def item(world: World, **more: Any) -> str:
    return take_in(world.stage.seat(world.stage.nl, "custodian"), world.letters["recognised"], **more)


def record(seat: Seat, thing: Thing, reference: str, event: CustodyEvent, **facts: Any) -> str:
    facts.setdefault("reason", "Needed for the case.")
    return desk.record(thing, reference, event, facts=facts, seat=seat, at=seat.node.clock.now())


def marking(reason: str = "Evaluated.", **more: Any) -> JsonObject:
    return replace(Marking(None, Handling(), (), reason), **more).as_record()


def marked(seat: Seat, reference: str, **more: Any) -> None:
    record(seat, Thing.ITEM, reference, CustodyEvent.MARKING, **marking(**more))


def seized(world: World, seat: Seat, number: str) -> str:
    return scenes.seized(seat, world.letters["recognised"], number)


def refusal(work: Any) -> ComityError:
    with pytest.raises(ComityError) as refused:
        work()
    return refused.value


# Items where they lie


def test_everything_that_happens_to_an_item_is_a_signed_record_and_a_log_entry(evidence: World, nl: Seat):
    reference = item(evidence)
    viewer = nl.entry.actor
    desk.check_seal(reference, reason="Yearly check.", seat=nl, at=nl.node.clock.now())
    record(nl, Thing.ITEM, reference, CustodyEvent.ACCESS)
    sha256 = reads.item(reference, viewer=viewer)["sha256"]
    record(nl, Thing.ITEM, reference, CustodyEvent.COPY, medium="Disk 7", recipient="Laboratory", sha256=sha256)
    marked(nl, reference, tags=TAGS)
    origin = {**vars(ORIGIN), "taken_by": "Team 3", "taken_at": "2026-11-23T08:00:00.000Z"}
    record(nl, Thing.ITEM, reference, CustodyEvent.CORRECTION, origin=origin)
    links = custody.history(reference, viewer=viewer).links
    assert [one.event.value for one in links] == ["acquisition", "sealing", "access", "copy", "marking", "correction"]
    assert all(one.given for link in links for one in link.signatures)
    logged = EntryRow.objects.filter(statement__in=[one.digest for one in links])
    assert {one.kind for one in logged} == {f"evidence.{link.event.value}" for link in links}
    assert custody.item_standing(reference, viewer=viewer).origin["taken_by"] == "Team 3"
    assert links[0].body["facts"]["origin"]["taken_by"] == "not_stated"


def test_an_item_is_found_by_the_tags_of_its_newest_marking_only(evidence: World, nl: Seat):
    reference, viewer = item(evidence), nl.entry.actor
    marked(nl, reference, tags=TAGS)
    assert next(one["id"] for one in reads.items(viewer=viewer, tag="object:disk_image")) == reference
    marked(nl, reference, tags=("data:content",))
    assert reference not in [one["id"] for one in reads.items(viewer=viewer, tag="object:disk_image")]
    refused = refusal(lambda: marked(nl, reference, tags=("object:flying_saucer",)))
    assert refused.code == "evidence.tag_unknown"


def test_a_copy_with_another_hash_and_a_record_of_a_hand_over_by_hand_are_refused(evidence: World, nl: Seat):
    reference = item(evidence)
    wrong = {"medium": "Disk", "recipient": "Laboratory", "sha256": "0" * 64}
    with untouched(nl.node):
        refused = refusal(lambda: record(nl, Thing.ITEM, reference, CustodyEvent.COPY, **wrong))
        assert refused.code == "evidence.custody_broken"
        refused = refusal(
            lambda: record(nl, Thing.ITEM, reference, CustodyEvent.EXPORT, letter=evidence.letters["recognised"])
        )
        assert refused.code == "registry.not_recorded_here"


# Reading


def test_nobody_reads_content_without_an_access_of_his_own_just_now(evidence: World, nl: Seat):
    reference, viewer = item(evidence), nl.entry.actor
    with untouched(nl.node):
        refused = refusal(lambda: exports.content(reference, actor=viewer, at=nl.node.clock.now()))
    assert refused.code == "registry.not_opened"
    record(nl, Thing.ITEM, reference, CustodyEvent.ACCESS, reason="To compare the hash.")
    at = nl.node.clock.now()
    content = b"".join(exports.content(reference, actor=viewer, at=at))
    image, expected = Image(ITEM_BYTES, progress=lambda _done, _of: None), bytearray(ITEM_BYTES)
    image.readinto(memoryview(expected))
    assert len(content) == ITEM_BYTES
    assert content[:1000] == bytes(expected[:1000])
    entry = EntryRow.objects.get(
        kind="evidence.read", statement=CustodyRow.objects.get(item__reference=reference, seq=1).digest
    )
    assert b"To compare the hash." in bytes(entry.body)
    late = at + custody.READING * 2
    assert refusal(lambda: exports.content(reference, actor=viewer, at=late)).code == "registry.not_opened"


# What has to be there before an item goes


def test_an_item_of_unknown_origin_is_not_handed_over_until_it_is_corrected(evidence: World, nl: Seat):
    seat, letter = nl, evidence.letters["recognised"]
    reference = desk.take_in(
        Image(ITEM_BYTES, progress=lambda _done, _of: None),
        name="found.img",
        media_type="application/octet-stream",
        letter=letter,
        origin=replace(ORIGIN, device="not_stated", method="not_stated"),
        selectors=frozenset(),
        progress=lambda _length: None,
        seat=seat,
        at=seat.node.clock.now(),
    )
    with untouched(nl.node):
        refused = refusal(lambda: desk.hand_over(reference, ground=GROUND, seat=seat, at=seat.node.clock.now()))
    assert (refused.code, refused.facts["missing"]) == ("evidence.origin_missing", "device, method")
    record(nl, Thing.ITEM, reference, CustodyEvent.CORRECTION, origin=vars(ORIGIN))
    assert desk.hand_over(reference, ground=GROUND, seat=seat, at=seat.node.clock.now())
    refused = refusal(lambda: record(nl, Thing.ITEM, reference, CustodyEvent.ACCESS))
    assert refused.code == "registry.transfer_out_of_order"


def test_h1_bars_the_court_and_h2_the_next_node_until_the_owner_gave_leave(evidence: World, nl: Seat):
    stage = evidence.stage
    reference = item(evidence)
    codes = Handling(Light.AMBER_STRICT, frozenset({Restriction.H1, Restriction.H2}))
    marked(nl, reference, handling=codes)
    transfer = desk.hand_over(reference, ground=GROUND, seat=nl, at=nl.node.clock.now())  # its own code: it may give
    settle(stage)
    cv = stage.seat(stage.cv, "custodian")
    with stage.cv.active():
        desk.accept(transfer, seat=cv, at=stage.cv.clock.now())
        assert custody.item_standing(reference, viewer=cv.entry.actor).handling == codes
        with untouched(stage.cv):
            refused = refusal(lambda: desk.sign_export(reference, reason="Court.", seat=cv, at=stage.cv.clock.now()))
        assert (refused.code, refused.facts["codes"], refused.facts["owner"]) == (
            "evidence.leave_missing",
            "H1, H2, TLP",
            "nl",
        )
        marked(cv, reference)  # a marking of the receiver loosens nothing
        leave = {"given_by": "Prosecution service of nl", "document": "Letter 12"}
        record(cv, Thing.ITEM, reference, CustodyEvent.LEAVE, codes=["H1"], **leave)
        refused = refusal(lambda: desk.sign_export(reference, reason="Court.", seat=cv, at=stage.cv.clock.now()))
        assert refused.facts["codes"] == "H2, TLP"
        record(cv, Thing.ITEM, reference, CustodyEvent.LEAVE, codes=["H2", "TLP"], **leave)
        desk.sign_export(reference, reason="Court.", seat=cv, at=stage.cv.clock.now())
        assert differences() == []
    settle(stage)


def test_what_a_court_will_miss_is_told_before_the_hand_over(evidence: World, nl: Seat):
    reference, viewer = item(evidence), nl.entry.actor
    marked(nl, reference, handling=Handling(Light.NOT_STATED, frozenset({Restriction.H1})))
    profile, findings = custody.judged(reference, viewer=viewer)
    told = {one.criterion.id: one.judged.standing for one in findings}
    assert profile.state == ""
    assert told == {
        "origin": Standing.NOT_KNOWN,
        "authority": Standing.MET,
        "integrity": Standing.NOT_KNOWN,
        "custody": Standing.MET,
        "time_source": Standing.NOT_KNOWN,
        "method": Standing.MET,
        "translation": Standing.NOT_KNOWN,
        "disclosure": Standing.MISSING,
        "handling": Standing.MISSING,
        "protected": Standing.MET,
    }
    assert all(one.judged.cure for one in findings if one.judged.standing is not Standing.MET)


def test_a_state_keeps_a_profile_of_its_own_in_the_folder_of_its_node(evidence: World, nl: Seat):
    reference, viewer = item(evidence), nl.entry.actor
    folder = nl.node.folder / "profiles"
    folder.mkdir(exist_ok=True)
    file: Path = folder / "nl.toml"
    row = 'id = "sealed"\ntest = "integrity"\nasks = "Sealed."\nlaw = "x"\narticle = "not_stated"\nverification = "unverified"\n'
    head = 'schema_version = 1\nstate = "nl"\nname = "Courts of nl"\nas_of = "2026-11-23"\n'
    file.write_text(f"{head}[[criteria]]\n{row}")
    assert [one.criterion.id for one in custody.judged(reference, viewer=viewer)[1]] == ["sealed"]
    assert custody.profiles(viewer=viewer) == ("general", "nl")
    assert len(custody.judged(reference, profile="general", viewer=viewer)[1]) == 10
    assert refusal(lambda: custody.judged(reference, profile="cv", viewer=viewer)).code == "registry.no_profile"
    assert refusal(lambda: custody.judged(reference, profile="../x", viewer=viewer)).code == "registry.no_profile"
    file.write_text(head.replace("nl", "cv") + f"[[criteria]]\n{row}")
    assert refusal(lambda: custody.judged(reference, viewer=viewer)).code == "evidence.profile_broken"
    file.unlink()


# What was recorded stays


def test_no_call_of_the_house_changes_or_deletes_what_was_recorded(evidence: World, nl: Seat):
    reference = item(evidence)
    row, link = ItemRow.objects.get(reference=reference), CustodyRow.objects.filter(item__reference=reference)
    row.record = row.record | {"sha256": "0" * 64}
    for attempt in (
        row.save,
        lambda: row.save(update_fields=["record"]),
        row.delete,
        lambda: ItemRow.objects.filter(reference=reference).update(record={}),
        lambda: ItemRow.objects.filter(reference=reference).update(letter_id=1),
        lambda: ItemRow.objects.bulk_update([row], ["record"]),
        lambda: link.update(statement=b""),
        link.delete,
        lambda: link.get().delete(),
    ):
        with pytest.raises(RecordIsFinal):
            attempt()


# Exhibits


def test_an_exhibit_is_sealed_moved_photographed_and_returned_and_then_nothing_follows(evidence: World, nl: Seat):
    reference, viewer = seized(evidence, nl, "EX-1"), nl.entry.actor
    record(nl, Thing.EXHIBIT, reference, CustodyEvent.SEALING, seals=["S-9"], broken=["S-1"], sealed_sha256="")
    assert custody.exhibit_standing(reference, viewer=viewer).seals == ("S-2", "S-9")
    again = {"seals": ["S-9"], "broken": [], "sealed_sha256": ""}
    refused = refusal(lambda: record(nl, Thing.EXHIBIT, reference, CustodyEvent.SEALING, **again))
    assert "S-9 is on it already" in str(refused)
    absent = {"seals": ["S-3"], "broken": ["S-1"], "sealed_sha256": ""}
    assert "was not on it" in str(refusal(lambda: record(nl, Thing.EXHIBIT, reference, CustodyEvent.SEALING, **absent)))
    record(nl, Thing.EXHIBIT, reference, CustodyEvent.PLACEMENT, place="Safe 2")
    assert exhibits.exhibit(reference, viewer=viewer)["place"] == "Safe 2"
    photo = desk.take_in(
        Image(ITEM_BYTES, progress=lambda _done, _of: None),
        name="front.png",
        media_type="image/png",
        letter=evidence.letters["recognised"],
        origin=ORIGIN,
        selectors=frozenset(),
        progress=lambda _length: None,
        seat=nl,
        at=nl.node.clock.now(),
        made_of=MadeOf(Thing.EXHIBIT, reference, Derived.PHOTOGRAPH, "Its state when it came."),
    )
    shown = exhibits.exhibit(reference, viewer=viewer)
    assert [one["id"] for one in shown["items"]] == [photo]
    made = custody.exhibit_standing(reference, viewer=viewer).made_of_it
    assert (made[0]["derived"], made[0]["sha256"]) == (photo, reads.item(photo, viewer=viewer)["sha256"])
    record(nl, Thing.EXHIBIT, reference, CustodyEvent.RETURN, recipient="Its owner", document="Receipt 7")
    assert exhibits.exhibit(reference, viewer=viewer)["ended"] == "return"
    refused = refusal(lambda: record(nl, Thing.EXHIBIT, reference, CustodyEvent.ACCESS))
    assert "the chain ended with its return" in str(refused)


def test_an_exhibit_changes_hands_within_a_node_when_both_have_signed(evidence: World, nl: Seat):
    second = _second_custodian(evidence.stage)
    reference = seized(evidence, nl, "EX-2")
    at = nl.node.clock.now()
    how: dict[str, Any] = {"place": "Laboratory", "reason": "To be imaged.", "ground": None}
    assert (
        refusal(lambda: desk.hand_over_exhibit(reference, to=nl.entry.official, seat=nl, at=at, **how)).code
        == "registry.no_such_thing"
    )
    desk.hand_over_exhibit(reference, to=second.entry.official, seat=nl, at=at, **how)
    shown = exhibits.exhibit(reference, viewer=nl.entry.actor)
    assert (shown["keeper"], shown["waits_for"]) == (nl.entry.official, second.entry.official)
    assert refusal(lambda: desk.accept_exhibit(shown["waiting"], seat=nl, at=at)).code  # the giver is not the receiver
    [mine] = exhibits.hand_overs(viewer=second.entry.actor)
    desk.accept_exhibit(mine["transfer"], seat=second, at=nl.node.clock.now())
    shown = exhibits.exhibit(reference, viewer=nl.entry.actor)
    assert (shown["keeper"], shown["place"], shown["held"]) == (second.entry.official, "Laboratory", True)
    last = custody.exhibit_history(reference, viewer=nl.entry.actor).links[-1]
    assert len(last.signatures) == 3
    assert all(one.given for one in last.signatures)
    refusal(lambda: desk.accept_exhibit(mine["transfer"], seat=second, at=at))  # once


def test_an_exhibit_goes_to_the_other_node_with_its_whole_custody(evidence: World, nl: Seat):
    stage = evidence.stage
    reference = seized(evidence, nl, "EX-3")
    record(nl, Thing.EXHIBIT, reference, CustodyEvent.MARKING, **marking(tags=("object:wallet",)))
    how: dict[str, Any] = {"place": "Palace of justice", "reason": "Asked for.", "to": ""}
    at = nl.node.clock.now()
    refused = refusal(lambda: desk.hand_over_exhibit(reference, ground=None, seat=nl, at=at, **how))
    assert refused.code == "exchange.no_transfer_ground"
    desk.hand_over_exhibit(reference, ground=GROUND, seat=nl, at=at, **how)
    settle(stage)
    cv = stage.seat(stage.cv, "custodian")
    with stage.cv.active():
        [waiting] = [one for one in exhibits.hand_overs(viewer=cv.entry.actor) if one["exhibit"] == reference]
        desk.accept_exhibit(waiting["transfer"], seat=cv, at=stage.cv.clock.now())
        shown = exhibits.exhibit(reference, viewer=cv.entry.actor)
        assert (shown["held"], shown["keeper"], shown["number"]) == (True, cv.entry.official, "EX-3")
        assert custody.exhibit_standing(reference, viewer=cv.entry.actor).tags == ("object:wallet",)
        assert differences() == []
    settle(stage)
    gone = exhibits.exhibit(reference, viewer=nl.entry.actor)
    assert (gone["held"], gone["keeper"]) == (False, "")
    refused = refusal(lambda: record(nl, Thing.EXHIBIT, reference, CustodyEvent.ACCESS))
    assert "cv holds the item, and nl acts" in str(refused)


@pytest.mark.parametrize(
    ("table", "column", "change"),
    [
        *[("exhibitrow", name, other) for name in ("reference", "number", "place", "keeper", "held")],
        ("exhibitrow", "record", lambda _held: "{}"),
        *[("exhibitrecordrow", name, other) for name in ("digest", "event", "statement")],
        ("exhibitrecordrow", "seq", lambda _held: 700),
        ("exhibitrecordrow", "statement", without_signatures),
        *[("handoverrow", name, other) for name in ("reference", "exhibit", "receiver", "statement")],
        ("handoverrow", "state", lambda held: "offered" if held == "accepted" else "accepted"),
    ],
)
def test_a_change_in_the_raw_tables_of_exhibits_is_named(evidence: World, table: str, column: str, change: Change):
    stage = evidence.stage
    cas = stage.seat(stage.nl, "custodian")
    with stage.nl.active():
        there = exhibits.exhibits(viewer=cas.entry.actor)
    if not any(one["number"] == "EX-RAW" for one in there):
        scenes.signed_over(stage, seized(evidence, cas, "EX-RAW"))
    assert found_after(stage.nl, table, column, change)


def test_a_tag_that_no_marking_states_is_named(evidence: World, nl: Seat):
    reference = item(evidence)
    marked(nl, reference, tags=("object:server",))
    with taken_back(nl.node):
        run("UPDATE registry_tagrow SET tag = 'object:phone' WHERE thing = %s", reference)
        assert [one.what for one in differences()] == ["tags"]


def test_a_flagged_exhibit_goes_to_no_other_node_before_somebody_else_reviewed_it(evidence: World, nl: Seat):
    reference = seized(evidence, nl, "EX-9")
    at = nl.node.clock.now()
    flag_item(reference, ["lawyer"], reason="The phone of a lawyer turned up.", actor=nl.entry.actor, at=at)
    how: dict[str, Any] = {"to": "", "place": "Palace", "reason": "Asked for.", "ground": GROUND, "seat": nl}
    refused = refusal(lambda: desk.hand_over_exhibit(reference, at=nl.node.clock.now(), **how))
    assert refused.code == "registry.review_missing"
    lotte = evidence.stage.seat(evidence.stage.nl, "liaison")
    review_item(reference, reason="It is the only copy of the wallet.", actor=lotte.entry.actor, at=nl.node.clock.now())
    assert desk.hand_over_exhibit(reference, at=nl.node.clock.now(), **how)


def _second_custodian(stage: Stage) -> Seat:
    one = Appointment(official="cleo", name="Cleo", role=Role.CUSTODIAN, office="Laboratory", authority="NL (demo)")
    entry = founding.appoint(stage.nl, one, witnesses=administrators(stage.nl, NL))
    return replace(stage.seat(stage.nl, "custodian"), entry=entry)
