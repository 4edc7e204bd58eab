"""What stops with a mandate, what stays, and what other nodes make of it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from checker import untouched
from comity.authorisations.covering import NotCovered
from comity.authorities.directory import BeyondTerritory
from comity.authorities.roles import POWERS, MandateNotInForce, Power, PowerMissing, Role
from comity.authorities.standing import Change, StandingBroken, read_standing
from comity.authorities.statement import SignerMissing, Statement
from comity.canon import stamp
from comity.cli import desk
from comity.cli.story import Stage
from comity.ledger import Entry as LogEntry
from comity.letters.dossier import read_event
from comity.letters.letter import Form
from comity.letters.life import Step
from comity.registry import authenticator, gestures, introductions, post
from comity.registry.actions import letters as letter_acts
from comity.registry.gestures import pending
from comity.registry.gestures import people as enrolling
from comity.registry.gestures.letters import prepare_authorisation
from comity.registry.models import DecisionRow, EntryRow, LetterRow, OfficialRow, SeatRow
from comity.registry.queries import people as directory_queries
from comity.registry.queries import roster, texts
from couriers import sign
from people import appoint, appointment, at, decide, suspended
from scenes import DECISION, NOTE, acknowledged, authorised, drafted, opened, received, sent, settle


def newest(kind: str) -> LogEntry:
    row = EntryRow.objects.filter(kind=kind).order_by("-id").first()
    assert row is not None, kind
    return LogEntry.from_bytes(bytes(row.body))


# What stops


def test_role_change_in_mid_act_a_judge_suspended_while_reading_signs_nothing(town: Stage):
    """An attack: the text was shown while the mandate ran, the signature comes after it was suspended."""
    cv = town.cv
    letter = drafted(town, opened(town))
    with cv.active():
        julia = at(cv, "julia")
        prepared = prepare_authorisation(letter, DECISION, actor=julia.entry.actor, at=cv.clock.now())
        reference = pending.keep(prepared, entry=julia.entry, at=cv.clock.now())
        waiting = pending.claim(reference, entry=julia.entry, at=cv.clock.now())
        pending.put_back(waiting)
        SeatRow.objects.create(
            reference="f" * 32,
            official="julia",
            mandate=julia.entry.mandate,
            by="demo",
            address="",
            browser="",
            since=cv.clock.now(),
            seen_at=cv.clock.now(),
        )
        decide(cv, Change.SUSPEND, julia.entry, reason="Her device was stolen.")
        facts = newest("mandate.suspended").facts
        assert facts["stopped"]["texts"] == [f"letter.authorise {letter}"]
        assert facts["stopped"]["sessions"] == 1
        assert not SeatRow.objects.filter(official="julia").exists()
        with pytest.raises(pending.SigningRanOut):
            pending.claim(reference, entry=julia.entry, at=cv.clock.now())
        text = authenticator.sign(prepared.texts[0], node=cv, entry=julia.entry, at=cv.clock.now())
        with untouched(cv), pytest.raises(MandateNotInForce, match="suspended"):
            gestures.finish(prepared, [text], actor=julia.entry.actor, at=cv.clock.now())
        with untouched(cv), pytest.raises(MandateNotInForce):
            letter_acts.deny_letter(letter, reason="x", actor=julia.entry.actor, at=cv.clock.now())
        decide(cv, Change.REINSTATE, julia.entry)
        desk.authorise(letter, DECISION, seat=at(cv, "julia"), at=cv.clock.now())


def test_expired_mandate_a_mandate_that_ran_out_does_nothing(town: Stage):
    """An attack: an official goes on after the last day, with a clock that says so."""
    cv = town.cv
    with cv.active():
        now = cv.clock.now()
        short = appointment("tomas", Role.INVESTIGATOR, ends_at=now + timedelta(days=1))
        tomas = appoint(cv, short)
        seat = at(cv, "tomas")
        desk.open_case("T", "M", offences=(), selectors=(), seat=seat, at=now + timedelta(hours=1))
        with untouched(cv), pytest.raises(MandateNotInForce):
            desk.open_case("T", "M", offences=(), selectors=(), seat=seat, at=tomas.until)
        later = appointment("vera", Role.INVESTIGATOR, begins_at=now + timedelta(days=2))
        vera = appoint(cv, later)
        assert roster.person("vera", viewer=at(cv, "amara").entry.actor, at=now).offices[0].runs is roster.Runs.NOT_YET
        with untouched(cv), pytest.raises(MandateNotInForce):
            desk.open_case("T", "M", offences=(), selectors=(), seat=replace(seat, entry=vera), at=now)


def test_a_letter_that_was_sent_arrives_and_what_was_only_drafted_is_left_to_colleagues(town: Stage):
    """What was done while the mandate ran stays valid; who may see the letter is shown what nobody finished."""
    cv, nl = town.cv, town.nl
    case = opened(town)
    on_the_way, left = sent(town, case), authorised(town, case)
    with cv.active():
        colleague = at(cv, "luis").entry.actor
        ivo = at(cv, "ivo/investigator").entry
        offices = roster.person("ivo", viewer=ivo.actor, at=cv.clock.now()).in_force
        with suspended(cv, *(one.entry for one in offices)):
            facts = newest("mandate.suspended").facts
            assert on_the_way in facts["stopped"]["on_the_way"]
            assert left in facts["stopped"]["unsent"]
            assert left in {one.digest for one in roster.left_open(viewer=colleague, at=cv.clock.now())}
            with untouched(cv), pytest.raises(MandateNotInForce):
                letter_acts.send_letter(left, actor=ivo.actor, at=cv.clock.now())
            letter_acts.send_letter(left, actor=colleague, at=cv.clock.now())
    settle(town)
    with nl.active():
        assert LetterRow.objects.filter(digest__in=[on_the_way, left]).count() == 2
        told = OfficialRow.objects.get(node="cv", official="ivo", mandate=ivo.mandate)
        changes = Statement.from_bytes(bytes(told.standing)).body["changes"]
        assert [one["change"] for one in changes][-2:] == ["suspend", "reinstate"]


# What other nodes make of it


def test_a_peer_learns_of_it_and_judges_signatures_by_their_moment(town: Stage):
    """Luis of cv is known at nl. What he signed before he was suspended holds there, what he signs after does not."""
    cv, nl = town.cv, town.nl
    letter = received(town, opened(town))
    lotte = town.seat(nl, "liaison")
    with nl.active():
        desk.step(letter, Step.ACKNOWLEDGE, facts=NOTE, seat=lotte, at=nl.clock.now())
    settle(town)
    with nl.active():
        before = nl.clock.now()
        text = texts.event_text(letter, Step.QUERY, facts=NOTE, viewer=lotte.entry.actor, at=before)
        early = sign(text, seat=lotte)
        decide(nl, Change.SUSPEND, lotte.entry, by="anna")
        assert newest("mandate.suspended").facts["told"] == ["cv"]
        after = nl.clock.now() + timedelta(seconds=1)
        late = sign(Statement(type=text.type, body=text.body | {"at": stamp(after)}), seat=lotte)
    settle(town)
    with cv.active():
        entry = newest("mandate.learned")
        assert (entry.facts["official"], entry.facts["news"], entry.facts["from"]) == ("lotte", True, "nl")
        known = directory_queries.known({}, viewer=cv.machine("tests"))
        read_event(early, known=known)
        with pytest.raises(MandateNotInForce, match="suspended"):
            read_event(late, known=known)
    with nl.active():
        decide(nl, Change.REINSTATE, lotte.entry, by="bram")
    settle(town)
    with cv.active():
        row = OfficialRow.objects.get(node="nl", official="lotte")
        assert row.suspended_at is None
        assert not introductions.stand(row, early_standing(row))


def early_standing(row: OfficialRow) -> Statement:
    """The first of two standings, once more: an old message that comes late."""
    whole = Statement.from_bytes(bytes(row.standing))
    return Statement(type=whole.type, body=whole.body | {"changes": whole.body["changes"][:1]})


def test_forged_directory_entry_a_standing_that_its_node_did_not_sign_changes_nothing(town: Stage):
    """An attack: a peer says that an official of this node, or of a third one, was ended; or tells two stories of its own."""
    cv, nl = town.cv, town.nl
    received(town, opened(town))
    with nl.active():
        row = OfficialRow.objects.filter(node="cv").first()
        assert row is not None
        forged = texts_of_standing(row, nl)
    with cv.active():
        for node in ("cv", "nl"):
            key = post.homes()[node].key
            with pytest.raises((StandingBroken, SignerMissing)):
                read_standing(forged, node=node, node_key=key)
        row = OfficialRow.objects.filter(node="nl").first()
        assert row is not None
        decision = {"change": "suspend", "at": "2026-11-23T09:00:00.000Z", "decision": "b" * 64}
        one = Statement(type="x", body=story(row, decision))
        two = Statement(type="x", body=story(row, decision | {"change": "revoke"}))
        held = bytes(row.standing)
        row.standing = one.to_bytes()
        with pytest.raises(StandingBroken, match="two stories"):
            introductions.stand(row, two)
        row.standing = held


def texts_of_standing(row: OfficialRow, node) -> Statement:  # noqa: ANN001 - a node
    decision = {"change": "revoke", "at": "2026-11-23T09:00:00.000Z", "decision": "b" * 64}
    return post.countersign(Statement(type="comity/standing/v1", body=story(row, decision)))


def story(row: OfficialRow, *changes: dict[str, str]) -> dict[str, object]:
    return {"node": row.node, "official": row.official, "mandate": row.mandate, "changes": list(changes)}


def test_a_column_that_was_changed_starts_nothing_again(town: Stage):
    """Who takes the end out of the tables' columns still meets what the node signed."""
    cv = town.cv
    with cv.active():
        entry = appoint(cv, appointment("wanda", Role.INVESTIGATOR))
        seat = at(cv, "wanda")
        decide(cv, Change.REVOKE, entry)
        OfficialRow.objects.filter(official="wanda").update(ended_at=None)
        with untouched(cv), pytest.raises(MandateNotInForce, match="ended"):
            desk.open_case("T", "M", offences=(), selectors=(), seat=seat, at=cv.clock.now())
        OfficialRow.objects.filter(official="wanda").update(ended_at=DecisionRow.objects.latest("id").decided_at)


# What a mandate holds


def test_a_mandate_holds_the_powers_and_days_that_it_was_given(town: Stage):
    cv = town.cv
    with cv.active():
        only = appointment("xenia", Role.LIAISON, powers=frozenset({Power.HANDLE_LETTER}), territory=("CV-S", "CV-B"))
        entry = appoint(cv, only)
        assert entry.powers == {Power.HANDLE_LETTER}
        assert entry.territory == ("CV-B", "CV-S")
        letter = authorised(town, opened(town))
        with untouched(cv), pytest.raises(PowerMissing):
            letter_acts.send_letter(letter, actor=entry.actor, at=cv.clock.now())


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"powers": frozenset({Power.AUTHORISE})}, "nobody may authorise"),
        ({"powers": POWERS[Role.LIAISON] | {Power.ADMINISTER}}, "nobody may administer"),
        ({"territory": ("NL",)}, "reaches CV"),
        ({"territory": ("CV-TOOLONG",)}, "reaches CV"),
        ({"ends": timedelta(days=-1)}, "end before it begins"),
        ({"ends": timedelta(days=3000)}, "at most"),
        ({"begins": timedelta(days=500)}, "begins within"),
        ({"begins": timedelta(days=2), "ends": timedelta(days=1)}, "end before it begins"),
    ],
    ids=lambda one: one if isinstance(one, str) else " ".join(one),
)
def test_nobody_is_invited_to_a_mandate_that_cannot_be(town: Stage, asked: dict[str, Any], why: str):
    cv = town.cv
    with cv.active():
        now = cv.clock.now()
        spans = {f"{name}_at": now + span for name, span in asked.items() if name in {"begins", "ends"}}
        fields: dict[str, Any] = {
            name: value for name, value in asked.items() if name not in {"begins", "ends"}
        } | spans
        with untouched(cv), pytest.raises(enrolling.MandateNotGiven, match=why):
            enrolling.invite(appointment("yara", Role.LIAISON, **fields), actor=at(cv, "amara").entry.actor, at=now)


def test_a_judge_of_a_part_of_the_state_does_not_recognise_for_the_whole(town: Stage):
    """The letter is to be executed in NL; the judge's mandate, and the contact point's, reach North Holland."""
    nl = town.nl
    letter = acknowledged(town, opened(town), form=Form.PRODUCTION)
    with nl.active():
        by, here = ("anna", "bram"), ("NL-NH",)
        appoint(nl, appointment("noor", Role.JUDGE, territory=here), by=by)
        appoint(nl, appointment("daan", Role.LIAISON, territory=here), by=by)
        with untouched(nl, town.cv), pytest.raises(BeyondTerritory, match="reaches NL-NH, and this is about NL"):
            desk.recognise(letter, DECISION, note="x", seat=at(nl, "noor"), at=nl.clock.now())
        with untouched(nl, town.cv), pytest.raises(NotCovered, match="territory"):
            desk.step(letter, Step.QUERY, facts=NOTE, seat=at(nl, "daan"), at=nl.clock.now())
        desk.recognise(letter, DECISION, note="x", seat=at(nl, "joost"), at=nl.clock.now())


def test_an_entry_of_the_log_says_who_on_what_power_and_who_answers(town: Stage):
    """The line of responsibility (B5): in the entry of every act of an official, beside office and mandate."""
    cv = town.cv
    with cv.active():
        zita = appoint(cv, appointment("zita", Role.INVESTIGATOR, responsible="Head of the cybercrime unit"))
        desk.open_case("T", "M", offences=(), selectors=(), seat=at(cv, "zita"), at=cv.clock.now())
        actor = newest("case.opened").actor
        assert actor == zita.actor.as_record() | {"responsible": "Head of the cybercrime unit", "power": ["open_case"]}
        signed = [
            one for one in roster.signatures(viewer=at(cv, "amara").entry.actor) if one.kind == "official.enrolled"
        ]
        assert signed[0].powers == ("administer",)
        assert signed[0].responsible
