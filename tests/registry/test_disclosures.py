"""The defence has a complete list: nothing is left out, what is withheld existed and says why, and nobody else reads it."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

import people
from comity.authorities.roles import PowerMissing, Role
from comity.authorities.statement import Statement
from comity.cli import desk
from comity.cli.shell import Seat
from comity.cli.story import Stage
from comity.evidence.bundle import Member, bundle_pieces, read_bundle
from comity.evidence.disclosure import Disclosure, DisclosureBroken, Ground, Kind, ListIncomplete, Opened
from comity.exchange.verification import DoesNotVerify, Step, Verification
from comity.registry import access
from comity.registry.access import NoSuchThing
from comity.registry.actions import disclosures as acts
from comity.registry.actions.reviews import flag_item
from comity.registry.checking import differences
from comity.registry.decisions import ReviewMissing
from comity.registry.gestures.disclosures import Choice, NoSuchChoice, StandsElsewhere, prepare_disclosure
from comity.registry.gestures.prepared import Prepared
from comity.registry.jobs import disclosures as jobs
from comity.registry.models import DisclosureRow, EntryRow, ItemRow
from comity.registry.queries import disclosures as reads
from scenes import accepted, opened, recognised, settle, taken_in
from stage import staged

WITHHELD = Choice(Ground.PROTECTED_PERSON, "It names a source.", law="Code of Criminal Procedure", article="not_stated")


@dataclass
class World:
    stage: Stage
    case: str
    item: str
    first: str = ""
    second: str = ""

    def at(self, name: str) -> Seat:
        return people.at(self.stage.cv, name)

    def issue(self, counsel: str = "dalia", *, by: str = "ivo", **choices: Choice) -> str:
        seat, at = self.at(by), self.stage.cv.clock.now()
        held = {one.kind.value: one.name for one in reads.held_in(self.case, viewer=seat.entry.actor)}
        named = {held[kind]: choice for kind, choice in choices.items()}
        prepared = prepare_disclosure(
            self.case, counsel=counsel, for_="The accused A", choices=named, actor=seat.entry.actor, at=at
        )
        return desk.finished(prepared, seat=seat, at=at)

    def taken(self, reference: str, *, by: str = "dalia") -> bytes:
        return jobs.take(reference, actor=self.at(by).entry.actor, at=self.stage.cv.clock.now())


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    databases = ("node.sqlite3", "node.sqlite3")
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres")
        databases = (server.fresh(), server.fresh())
    with staged(tmp_path_factory.mktemp("defence"), databases=databases, image_bytes=100_000) as stage:
        case = opened(stage)
        item = taken_in(stage, recognised(stage, case))
        accepted(stage, item)
        settle(stage)
        with stage.cv.active():
            people.appoint(stage.cv, people.appointment("duarte", Role.DEFENCE, office="Chambers", authority="Bar"))
            made = World(stage, case, item)
            made.first = made.issue(item=WITHHELD)
            made.second = made.issue("duarte")
            yield made
            assert not list(differences())


def verified(data: bytes) -> list[Step]:
    return list(Verification(io.BytesIO(data), pinned={}, key=None, progress=lambda _bytes: None).steps())


def test_what_is_disclosed_verifies_without_us_and_what_is_withheld_is_counted(world: World):
    steps = {step.step: step for step in verified(world.taken(world.second, by="duarte"))}
    assert "server.img" in steps["disclosed custody"].details[0]
    assert steps["withheld"].details == ("nothing is withheld",)
    data = world.taken(world.first)
    steps = {step.step: step for step in verified(data)}
    assert "1 withheld" in steps["list"].details[0]
    assert (
        "protected_person (Code of Criminal Procedure, not_stated); It names a source." in steps["withheld"].details[0]
    )
    row = ItemRow.objects.get(reference=world.item)
    for secret in (world.item, "server.img", str(row.record["sha256"])):
        assert secret.encode() not in data, "nothing of the item but that it exists"


def test_a_letter_is_disclosed_in_part_and_says_which_fields_are_closed(world: World):
    choice = replace(WITHHELD, closed=("/facts", "/protected"))
    reference = world.issue(letter=choice)
    data = world.taken(reference)
    told = next(step for step in verified(data) if step.step == "disclosed texts").details
    assert "closed: /facts, /protected" in " ".join(told)
    assert reads.disclosure(reference, viewer=world.at("dalia").entry.actor)["lines"][0]["outcome"] == "redacted"


def test_what_is_closed_in_one_text_is_not_told_by_another_unless_that_is_said(world: World):
    seat, at = world.at("ivo"), world.stage.cv.clock.now()
    held = reads.held_in(world.case, viewer=seat.entry.actor)
    letter = next(one for one in held if one.kind is Kind.LETTER)
    choice = replace(WITHHELD, closed=("/scope",))

    def prepared(*, knowingly: bool) -> Prepared:
        return prepare_disclosure(
            world.case,
            counsel="dalia",
            for_="The accused A",
            choices={letter.name: choice},
            knowingly=knowingly,
            actor=seat.entry.actor,
            at=at,
        )

    with pytest.raises(StandsElsewhere, match=r"^/scope/.* stands openly in warrant"):
        prepared(knowingly=False)
    assert prepared(knowingly=True).texts


def test_the_list_grows_and_a_thing_that_is_opened_later_is_the_same_one(world: World):
    first = reads.newest_to(world.case, "dalia", viewer=world.at("ivo").entry.actor)
    assert first is not None
    later = world.issue()
    row = DisclosureRow.objects.get(reference=later)
    before, after = (Disclosure.from_body(_body(one)) for one in (first, row))
    assert after.previous == first.digest
    assert [one.commitment for one in before.things] == [one.commitment for one in after.things]
    other = Disclosure.from_body(_body(DisclosureRow.objects.get(reference=world.second)))
    assert {one.commitment for one in after.things}.isdisjoint(one.commitment for one in other.things)


def _body(row: DisclosureRow) -> dict[str, Any]:
    return Statement.from_bytes(bytes(row.statement)).body


def test_a_list_that_leaves_something_out_or_names_something_else_is_refused(world: World):
    seat, at = world.at("ivo"), world.stage.cv.clock.now()
    actor = seat.entry.actor
    prepared = prepare_disclosure(world.case, counsel="dalia", for_="A", choices={}, actor=actor, at=at)
    body = prepared.texts[0].body
    less = {**body, "things": body["things"][:-1]}
    strange = Opened("0" * 32, "0" * 64, "0" * 64)
    more = {**body["things"][0], "number": len(body["things"]) + 1, "opened": None, "outcome": "withheld"}
    more |= {"ground": "other", "reason": "Nobody needs it."}
    more["commitment"] = strange.commitment(Kind(more["kind"]))
    kept = dict(prepared.arguments["secrets"])
    kept["things"] = {**kept["things"], str(more["number"]): vars(strange)}
    for changed, secrets in (
        (less, prepared.arguments),
        ({**body, "things": [*body["things"], more]}, {"secrets": kept}),
    ):
        again = replace(prepared, texts=(replace(prepared.texts[0], body=changed),), arguments=secrets)
        with pytest.raises(ListIncomplete):
            desk.finished(again, seat=seat, at=at)
    moved = {**body, "things": [{**body["things"][0], "index": body["things"][0]["index"] + 1}, *body["things"][1:]]}
    with pytest.raises(acts.PlaceMoved):
        desk.finished(replace(prepared, texts=(replace(prepared.texts[0], body=moved),)), seat=seat, at=at)
    count = DisclosureRow.objects.count()
    desk.finished(prepared, seat=seat, at=at)
    with pytest.raises(DisclosureBroken, match="had last"):
        desk.finished(prepared, seat=seat, at=at)
    assert DisclosureRow.objects.count() == count + 1


def test_what_is_flagged_or_barred_leaves_only_withheld(world: World):
    with pytest.raises(NoSuchChoice):
        prepare_disclosure(
            world.case,
            counsel="dalia",
            for_="A",
            choices={"item:" + "0" * 32: WITHHELD},
            actor=world.at("ivo").entry.actor,
            at=world.stage.cv.clock.now(),
        )
    flag_item(
        world.item,
        ["victim"],
        reason="A person whom the sellers harmed is seen in it.",
        actor=world.at("ivo").entry.actor,
        at=world.stage.cv.clock.now(),
    )
    with pytest.raises(ReviewMissing):
        world.issue()
    assert world.issue(item=WITHHELD)


def test_nobody_reads_it_but_to_whom_it_was_made_the_case_and_the_overseer(world: World):
    for name, sees in (
        ("dalia", True),
        ("duarte", False),
        ("ivo", True),
        ("otto", True),
        ("nadia", False),
        ("julia", False),
    ):
        viewer = world.at(name).entry.actor
        assert (world.first in [one["disclosure"] for one in reads.disclosures(viewer=viewer)]) is sees
        if not sees:
            with pytest.raises(NoSuchThing):
                reads.disclosure(world.first, viewer=viewer)
    counsel = world.at("dalia").entry.actor
    assert not access.visible_letters(viewer=counsel).exists()
    assert not access.visible_items(viewer=counsel).exists()
    assert not access.visible_cases(viewer=counsel).exists()
    custodian, at = world.at("carla").entry.actor, world.stage.cv.clock.now()
    with pytest.raises(PowerMissing):
        prepare_disclosure(world.case, counsel="dalia", for_="A", choices={}, actor=custodian, at=at)
    with pytest.raises(NoSuchThing):
        world.issue(by="nadia")
    taken = EntryRow.objects.filter(kind="disclosure.taken").count()
    world.taken(world.first)
    assert EntryRow.objects.filter(kind="disclosure.taken").count() == taken + 1


def rewritten(data: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    """The same file with other members, each header and digest as it has to be."""
    bundle = read_bundle(io.BytesIO(data))
    members = {name: bundle.read(name, limit=2**24) for name in bundle.names}
    change(members)
    return b"".join(
        bundle_pieces({name: Member.of(one) for name, one in members.items()}, progress=lambda _bytes: None)
    )


def alterations() -> dict[str, Callable[[dict[str, bytes]], None]]:
    def swap(prefix: str) -> Callable[[dict[str, bytes]], None]:
        def swapped(members: dict[str, bytes]) -> None:
            first, second = [name for name in sorted(members) if name.startswith(prefix)][:2]
            members[first], members[second] = members[second], members[first]

        return swapped

    def without(prefix: str) -> Callable[[dict[str, bytes]], None]:
        def gone(members: dict[str, bytes]) -> None:
            del members[next(name for name in sorted(members) if name.startswith(prefix))]

        return gone

    def changed(prefix: str, old: bytes, new: bytes) -> Callable[[dict[str, bytes]], None]:
        def other(members: dict[str, bytes]) -> None:
            name = next(name for name in sorted(members) if name.startswith(prefix) and old in members[name])
            members[name] = members[name].replace(old, new, 1)

        return other

    return {
        "a proof less": without("existence/"),
        "a card less": without("nodes/cv"),
        "an entry of the directory less": without("officials/"),
        "a letter less": without("letters/"),
        "a record of custody less": without("custody/"),
        "two proofs swapped": swap("existence/"),
        "two officials swapped": swap("officials/"),
        "another state of a thing": changed("disclosure.json", b'"outcome":"disclosed"', b'"outcome":"withheld"'),
        "another reader": changed("disclosure.json", b'"for":"The accused A"', b'"for":"The accused B"'),
        "another letter": changed("letters/", b'"subject":"', b'"subject":"X '),
        "a member more": lambda members: members.update({"redacted/00001.json": b"{}"}),
        "a bundle's manifest too": lambda members: members.update({"bundle.json": b"{}"}),
        "no list": without("disclosure.json"),
    }


@pytest.mark.parametrize("how", sorted(alterations()))
def test_an_altered_file_does_not_verify(world: World, how: str):
    data = world.taken(world.second, by="duarte")
    assert verified(rewritten(data, lambda _members: None))
    with pytest.raises(DoesNotVerify):
        verified(rewritten(data, alterations()[how]))
