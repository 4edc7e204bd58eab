"""The directory of competence between two nodes: published, exchanged with receipts, refused when forged or out of date."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from checker import untouched
from comity.authorities.competence import COMPETENCE, CompetenceBroken
from comity.authorities.competent import Mark, Reliance
from comity.authorities.roles import MandateNotInForce, PowerMissing
from comity.authorities.statement import Statement
from comity.canon import JsonObject, canonical, stamp
from comity.cli import desk
from comity.cli.shell import Seat
from comity.cli.story import Stage
from comity.errors import ComityError
from comity.law import ValueUnknown
from comity.registry import authenticator, gestures
from comity.registry.access import NoSuchThing
from comity.registry.act import Node
from comity.registry.gestures.competence import prepare_confirmation, prepare_entry, prepare_withdrawal
from comity.registry.jobs import competence as jobs
from comity.registry.limits import COMPETENCE_ENTRIES_MAX
from comity.registry.models import CompetenceRow, CompetenceTold, EntryRow, OfficialRow, OutboxRow, PeerRow, ReceiptRow
from comity.registry.queries import competence
from comity.registry.queries.log import entries
from comity.registry.rows import SignedByAnother
from competences import described, published
from couriers import code_of, hand_in, people, resigned, sealed
from scenes import settle

FOUNDERS = {"cv": "amara", "nl": "anna"}
JsonChange = Callable[[JsonObject, Stage], JsonObject]


def administrator(_stage: Stage, node: Node) -> Seat:
    with node.active():
        return Seat(node=node, entry=authenticator.seated(node, FOUNDERS[node.id], at=node.clock.now()))


def asked(stage: Stage, node: Node, *, measure: str = "preservation", state: str = "NL", by: str = "judge"):
    with node.active():
        viewer = stage.people[node.id, by].actor
        return competence.who_is_competent(measure, state=state, territory="", viewer=viewer, at=node.clock.now())


def kinds(node: Node, kind: str) -> int:
    with node.active():
        return EntryRow.objects.filter(kind=kind).count()


def finished(seat: Seat, prepared: Any) -> str:
    with seat.node.active():
        return desk.finished(prepared, seat=seat, at=seat.node.clock.now())


def test_the_directory_of_a_node_is_exchanged_replaced_confirmed_and_withdrawn_with_receipts(stage: Stage):
    cv, nl = stage.cv, stage.nl
    seat, actor = administrator(stage, nl), administrator(stage, nl).entry.actor
    before = asked(stage, cv)
    assert before.reliance is Reliance.TO_CONFIRM  # what the Netherlands declared under the Budapest Convention
    reference = published(seat)
    settle(stage)
    answer = asked(stage, cv)
    assert answer.reliance is Reliance.DECIDES
    assert answer.found[0].authority == "Landelijk Parket"
    assert {one.reliance for one in answer.found[1:]} <= {Reliance.TO_CONFIRM, Reliance.SHOWN}
    published(seat, reference=reference, authority="Landelijk Parket, AIRS")
    with nl.active():
        confirmation = prepare_confirmation(reference, actor=actor, at=nl.clock.now())
    finished(seat, confirmation)
    settle(stage)
    assert asked(stage, cv).found[0].authority == "Landelijk Parket, AIRS"
    with nl.active():
        withdrawal = prepare_withdrawal(reference, reason="Merged.", actor=actor, at=nl.clock.now())
    finished(seat, withdrawal)
    settle(stage)
    after = asked(stage, cv)
    assert after.reliance is before.reliance
    assert [one.marks for one in after.found if one.held] == [(Mark.WITHDRAWN,)]
    with cv.active():
        at = cv.clock.now()
        held = competence.versions("nl", reference, viewer=stage.people["cv", "judge"].actor, at=at)
        assert [one.held.entry.version for one in held] == [4, 3, 2, 1]
        assert all(one.held.verified for one in held)
    assert kinds(nl, "competence.published") == kinds(cv, "competence.received") - 1 == 3
    assert kinds(nl, "competence.withdrawn") == 1
    with nl.active():
        sent = list(OutboxRow.objects.filter(subject="competence"))
        assert [row.state for row in sent] == ["receipted"] * 4
        assert ReceiptRow.objects.filter(message__in=[row.message for row in sent]).count() == 4


def _body(document: JsonObject, stage: Stage, seat: str, **changed: Any) -> JsonObject:
    """The same entry with another text, honestly signed by that official of nl."""
    who = administrator(stage, stage.nl) if seat == "administrator" else stage.seat(stage.nl, seat)
    text = Statement.from_json(document["entry"])
    body = text.body | {"by": who.entry.actor.as_record()} | changed
    return {"entry": resigned(text, body, seat=who).as_json(), "officials": people(who)}


def _unsigned(document: JsonObject, _stage: Stage, **changed: Any) -> JsonObject:
    altered = deepcopy(document)
    altered["entry"]["body"] |= changed
    return altered


def _cut(document: JsonObject, _stage: Stage) -> JsonObject:
    altered = deepcopy(document)
    altered["entry"]["signatures"] = altered["entry"]["signatures"][:1]
    return altered


def _tomorrow(stage: Stage) -> str:
    return stamp(stage.cv.clock.now() + timedelta(days=1))


FORGED: dict[str, tuple[JsonChange, str]] = {
    "one word altered": (lambda d, s: _unsigned(d, s, authority="Another"), "authorities.signature_does_not_verify"),
    "without the node's signature": (_cut, "authorities.signer_missing"),
    "signed by a judge": (lambda d, s: _body(d, s, "judge"), "authorities.power_missing"),
    "about another state": (
        lambda d, s: _body(d, s, "administrator", state="CV", territory=["CV"], version=9),
        "authorities.not_this_official",
    ),
    "in the name of another node": (
        lambda d, s: _body(d, s, "administrator", node="cv", version=9),
        "authorities.not_this_official",
    ),
    "a second text of the same version": (
        lambda d, s: _body(d, s, "administrator", article="35"),
        "authorities.competence_forked",
    ),
    "of another type": (
        lambda d, _s: d | {"entry": d["entry"] | {"type": "comity/letter/v1"}},
        "authorities.wrong_statement",
    ),
    "without those who signed": (lambda d, _s: {"entry": d["entry"]}, "registry.content_broken"),
    "with more than it needs": (lambda d, _s: d | {"more": 1}, "registry.content_broken"),
    "no statement": (lambda d, _s: d | {"entry": 7}, "authorities.statement_broken"),
}


def test_a_forged_or_replayed_entry_is_refused_logged_and_changes_nothing(stage: Stage):
    cv, nl = stage.cv, stage.nl
    seat = administrator(stage, nl)
    reference = published(seat)
    with nl.active():
        first = competence.announcement_of("nl", reference, viewer=seat.entry.actor)
    published(seat, reference=reference, authority="Landelijk Parket, AIRS")
    settle(stage)
    with nl.active():
        second = competence.announcement_of("nl", reference, viewer=seat.entry.actor)
    attempts = {"an older version again": (first, "authorities.competence_older")}
    attempts |= {name: (change(second, stage), code) for name, (change, code) in FORGED.items()}
    later = _body(second, stage, "administrator", version=9)
    attempts["from tomorrow"] = (
        _ahead(later, stage, written_at=_tomorrow(stage)),
        "exchange.announced_from_the_future",
    )
    before = asked(stage, cv)
    for name, (document, code) in attempts.items():
        refused = kinds(cv, "message.refuse")
        answer = hand_in(sealed("competence", document, sender=nl, to=cv).data, to=cv)
        assert (answer.status_code, code_of(answer)) == (422, code), name
        assert kinds(cv, "message.refuse") == refused + 1, name
    assert asked(stage, cv).found == before.found
    again = hand_in(sealed("competence", second, sender=nl, to=cv).data, to=cv)
    assert again.status_code == 202  # the very same text: nothing to change, and a receipt for it
    with cv.active():
        assert CompetenceRow.objects.count() == 2


def _ahead(document: JsonObject, stage: Stage, **changed: Any) -> JsonObject:
    """An entry whose official signed in time that it is written tomorrow."""
    seat = administrator(stage, stage.nl)
    text = Statement.from_json(document["entry"])
    at = stage.nl.clock.now() + timedelta(days=1)
    with seat.node.active():
        signed = desk.signed(Statement(type=COMPETENCE, body=text.body | changed), seat=seat, at=at)
    return {"entry": signed.as_json(), "officials": people(seat)}


def test_one_node_cannot_announce_what_another_keeps(stage: Stage):
    cv, nl = stage.cv, stage.nl
    reference = published(administrator(stage, cv), territory=("CV",))
    with cv.active():
        document = competence.announcement_of("cv", reference, viewer=administrator(stage, cv).entry.actor)
    for officials, code in ((document["officials"], "authorities."), ([], "exchange.announced_by_another")):
        sent = sealed("competence", document | {"officials": officials}, sender=nl, to=cv)
        answer = hand_in(sent.data, to=cv)
        assert answer.status_code == 422
        assert code_of(answer).startswith(code)


def test_who_publishes_is_who_signed_and_in_office_when_it_is_done(stage: Stage):
    nl = stage.nl
    anna = administrator(stage, nl)
    with untouched(nl), nl.active():
        at = nl.clock.now()
        bram = authenticator.seated(nl, "bram", at=at)
        prepared = prepare_entry(described(), reference="", actor=anna.entry.actor, at=at)
        signed = [authenticator.sign(text, node=nl, entry=anna.entry, at=at) for text in prepared.texts]
        with pytest.raises(SignedByAnother):
            gestures.finish(prepared, signed, actor=bram.actor, at=at)
    with nl.active():
        OfficialRow.objects.filter(node="nl", official="anna").update(ended_at=at)
        with untouched(nl), pytest.raises(MandateNotInForce):
            gestures.finish(prepared, signed, actor=anna.entry.actor, at=nl.clock.now())


def test_a_node_that_is_admitted_later_is_told_of_everything_once(stage: Stage):
    cv, nl = stage.cv, stage.nl
    with nl.active():
        peer = PeerRow.objects.get(node="cv")
        peer.delete()
    reference = published(administrator(stage, nl))
    with nl.active():
        assert CompetenceTold.objects.count() == 0
        peer.save(force_insert=True)
        assert jobs.catch_up(at=nl.clock.now()) == 1
        assert jobs.catch_up(at=nl.clock.now()) == 0
        assert EntryRow.objects.filter(kind="competence.told").count() == 1
    settle(stage)
    assert asked(stage, cv).found[0].held.entry.reference == reference


def test_an_entry_can_be_carried_as_a_file_and_is_held_against_the_card_of_its_node(stage: Stage):
    cv, nl = stage.cv, stage.nl
    reference = published(administrator(stage, nl))
    with nl.active():
        document = competence.announcement_of("nl", reference, viewer=administrator(stage, nl).entry.actor)
    actor = administrator(stage, cv).entry.actor
    judge = stage.people["cv", "judge"].actor
    with cv.active():
        at = cv.clock.now()
        with pytest.raises(PowerMissing):
            jobs.import_entry(document, actor=judge, at=at)
        with pytest.raises(ComityError, match="verify"):
            jobs.import_entry(_unsigned(document, stage, authority="Another"), actor=actor, at=at)
        assert EntryRow.objects.filter(kind="act.refuse").count() == 2
        assert CompetenceRow.objects.count() == 0
        assert jobs.import_entry(document, actor=actor, at=at).reference == reference
        with pytest.raises(ComityError, match="held already"):
            jobs.import_entry(document, actor=actor, at=at)
        with pytest.raises(ComityError, match="does not know"):
            jobs.import_entry(_unsigned(document, stage, node="xx"), actor=actor, at=at)
    assert asked(stage, cv).reliance is Reliance.DECIDES
    settle(stage)  # the same entry comes by post as well
    assert kinds(cv, "competence.received") == 1


def test_a_node_that_lost_its_entries_takes_them_back_from_a_peer_and_goes_on(stage: Stage):
    cv, nl = stage.cv, stage.nl
    seat = administrator(stage, nl)
    reference = published(seat)
    settle(stage)
    with cv.active():
        document = competence.announcement_of("nl", reference, viewer=stage.people["cv", "judge"].actor)
    with nl.active():
        CompetenceTold.objects.all().delete()
        CompetenceRow.objects.all().delete()
        jobs.import_entry(document, actor=seat.entry.actor, at=nl.clock.now())
        confirmation = prepare_confirmation(reference, actor=seat.entry.actor, at=nl.clock.now())
    finished(seat, confirmation)
    settle(stage)
    assert asked(stage, cv).found[0].held.entry.version == 2


def test_a_node_has_no_more_entries_than_the_limit(stage: Stage):
    cv, nl = stage.cv, stage.nl
    reference = published(administrator(stage, nl))
    with cv.active():
        CompetenceRow.objects.bulk_create(_other(number, at=cv.clock.now()) for number in range(COMPETENCE_ENTRIES_MAX))
    with nl.active():
        document = competence.announcement_of("nl", reference, viewer=administrator(stage, nl).entry.actor)
    answer = hand_in(sealed("competence", document, sender=nl, to=cv).data, to=cv)
    assert (answer.status_code, code_of(answer)) == (422, "registry.too_many_competences")


def _other(number: int, *, at: datetime) -> CompetenceRow:
    name = f"{number:032x}"
    return CompetenceRow(
        node="nl",
        reference=name,
        version=1,
        state="NL",
        digest=name * 2,
        statement=b"",
        written_at=at,
        kept_at=at,
        newest=True,
    )


def test_a_changed_row_decides_nothing_and_an_unreadable_one_is_named(stage: Stage):
    nl = stage.nl
    one, two = published(administrator(stage, nl)), published(administrator(stage, nl), authority="Police")
    viewer = stage.people["nl", "liaison"].actor
    with nl.active():
        row = CompetenceRow.objects.get(reference=one)
        text = Statement.from_bytes(bytes(row.statement))
        altered = replace(text, body=text.body | {"authority": "Mallory's office"})
        CompetenceRow.objects.filter(reference=one).update(statement=altered.to_bytes(), digest=altered.digest)
        found = {answer.authority: answer for answer in asked(stage, nl).found if answer.held}
        assert found["Mallory's office"].reliance is Reliance.SHOWN
        assert found["Mallory's office"].marks == (Mark.UNVERIFIED,)
        assert found["Police"].reliance is Reliance.DECIDES
        CompetenceRow.objects.filter(reference=two).update(state="CV")
        CompetenceRow.objects.filter(reference=one).update(statement=canonical({"no": "statement"}))
        listed = competence.directory(viewer=viewer, at=nl.clock.now())
    assert listed.unreadable == (one,)
    assert [entry.marks for entry in listed.entries] == [(Mark.UNVERIFIED,)]


def test_only_an_administrator_in_office_publishes_and_only_for_the_own_state(stage: Stage):
    nl = stage.nl
    judge, seat = stage.seat(nl, "judge"), administrator(stage, nl)
    with untouched(stage.cv, nl), nl.active():
        at = nl.clock.now()
        refusals: list[tuple[Callable[[], object], type[ComityError]]] = [
            (lambda: prepare_entry(described(), reference="", actor=judge.entry.actor, at=at), PowerMissing),
            (lambda: prepare_confirmation("0" * 32, actor=seat.entry.actor, at=at), NoSuchThing),
            (lambda: published(seat, territory=("BE",)), CompetenceBroken),
            (lambda: published(seat, measures=("alchemy",)), ValueUnknown),
            (lambda: published(seat, until=described().from_), CompetenceBroken),
        ]
        for refused, error in refusals:
            with pytest.raises(error):
                refused()


def test_officials_of_another_node_read_nothing_and_overseers_find_every_entry_in_the_log(stage: Stage):
    nl = stage.nl
    published(administrator(stage, nl))
    stranger = stage.people["cv", "judge"].actor
    with nl.active():
        assert competence.directory(viewer=stranger, at=nl.clock.now()).entries == ()
        assert competence.untold(viewer=stranger) == []
        with pytest.raises(NoSuchThing):
            competence.who_is_competent("preservation", state="NL", territory="", viewer=stranger, at=nl.clock.now())
        with pytest.raises(ValueUnknown):
            asked(stage, nl, measure="alchemy")
        with pytest.raises(ValueUnknown):
            asked(stage, nl, state="XX")
    settle(stage)
    with nl.active():
        written = [one["kind"] for one in entries(viewer=stage.people["nl", "overseer"].actor, start=0)]
    assert "competence.published" in written


SEEDED: list[tuple[str, str, str, set[Mark]]] = [
    # measure, state, authority as declared, marks beside `seeded`: tests/law/facts/parties/declarations.csv
    ("preservation", "NL", "Landelijk Parket (National Prosecutor's Office)", set()),
    ("preservation", "NL", "Ministry of Justice, AIRS", {Mark.OTHER_ARTICLE}),
    ("preservation", "NL", "NCB Interpol Curaçao", {Mark.ARTICLE_NOT_STATED}),
    ("extradition", "NL", "Ministry of Justice, AIRS", set()),
    ("preservation", "DE", "Federal Criminal Police Office (BKA), National High Tech Crime Unit", set()),
    ("general_mla", "SV", "Ministry of Foreign Affairs", set()),
    (
        "production_subscriber",
        "JP",
        "Minister of Justice (International Affairs Division) / National Public Safety Commission (NPA)",
        {Mark.NOT_BOUND},
    ),
]


def test_what_states_declared_is_seeded_from_the_law_with_source_date_and_verification(stage: Stage):
    for measure, state, authority, marks in SEEDED:
        answer = asked(stage, stage.nl, measure=measure, state=state)
        (found,) = (one for one in answer.found if one.authority == authority)
        assert set(found.marks) == marks | {Mark.SEEDED}, (measure, state)
        assert found.declared.verification
        assert found.declared.as_of
        assert found.declared.source.startswith("http")
        assert found.reliance is (Reliance.SHOWN if marks else Reliance.TO_CONFIRM)
        assert answer.reliance is not Reliance.DECIDES
    assert asked(stage, stage.nl, state="BY").reliance is None
