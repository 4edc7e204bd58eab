"""Mandates on a node: who can stop them, what stops with them, and what other nodes make of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from checker import untouched
from comity.authorisations.authorisation import DrafterAuthorises
from comity.authorities.passkeys import Passkey
from comity.authorities.roles import Role
from comity.authorities.standing import Change, ChangeOutOfOrder, DecidesOnOneself
from comity.authorities.statement import Statement
from comity.cli import desk
from comity.cli.story import Stage
from comity.errors import ComityError
from comity.ledger import Entry as LogEntry
from comity.registry import authenticator, post
from comity.registry.access import NoSuchThing
from comity.registry.actions import directory, mandates
from comity.registry.gestures import mandates as deciding
from comity.registry.gestures import people as enrolling
from comity.registry.gestures.mandates import DecisionNotForYou, SecondDeciderNeeded
from comity.registry.models import EntryRow, OfficialRow
from comity.registry.queries import roster
from people import appoint, appointment, at, decide, proposed, seconded
from scenes import DECISION, drafted, opened


def newest(kind: str) -> LogEntry:
    row = EntryRow.objects.filter(kind=kind).order_by("-id").first()
    assert row is not None, kind
    return LogEntry.from_bytes(bytes(row.body))


# Two of two


def test_two_of_two_administrators_never_become_one(town: Stage):
    """One of two can neither be suspended nor ended, by whomever."""
    nl = town.nl
    with nl.active():
        bram = at(nl, "bram").entry
        with untouched(nl), pytest.raises(mandates.AdministratorNeeded, match="two other administrators"):
            decide(nl, Change.SUSPEND, bram, by="anna")
        for second in ("bram", "anna", "nobody", ""):
            with untouched(nl), pytest.raises(SecondDeciderNeeded):
                proposed(nl, bram, by="anna", second=second)


def test_of_four_administrators_two_stay(town: Stage):
    cv = town.cv
    with cv.active():
        edson, celia, bento = (at(cv, name).entry for name in ("edson/administrator", "celia/administrator", "bento"))
        for one in (edson, celia):
            decide(cv, Change.SUSPEND, one)
        with untouched(cv), pytest.raises(mandates.AdministratorNeeded):
            decide(cv, Change.SUSPEND, bento)
        for one in (edson, celia):
            decide(cv, Change.REINSTATE, one, by="bento")


def test_an_administrators_mandate_is_ended_by_two_others(town: Stage):
    cv = town.cv
    with cv.active():
        dora = appoint(cv, appointment("dora", Role.ADMINISTRATOR))
        reference = proposed(cv, dora, by="amara", second="bento")
        at(cv, "dora")  # nothing has happened yet
        with untouched(cv), pytest.raises(DecisionNotForYou):
            seconded(cv, reference, by="amara", now=cv.clock.now())
        seconded(cv, reference, by="bento", now=cv.clock.now())
        with pytest.raises(ComityError):
            at(cv, "dora")
        row = OfficialRow.objects.get(official="dora")
        assert row.ended_at is not None
        with untouched(cv), pytest.raises(ChangeOutOfOrder, match="not undone"):
            decide(cv, Change.REINSTATE, dora)


def test_decisions_do_not_cross_and_do_not_wait_for_ever(town: Stage):
    """Two texts on one mandate were written; the second one signed finds that the first one counts."""
    cv = town.cv
    with cv.active():
        carla, amara, now = at(cv, "carla").entry, at(cv, "amara"), cv.clock.now()
        texts = [
            deciding.prepare_decision(
                "carla", carla.mandate, Change.SUSPEND, reason=why, second="", actor=amara.entry.actor, at=now
            )
            for why in ("one", "two")
        ]
        desk.finished(texts[0], seat=amara, at=cv.clock.now())
        with untouched(cv), pytest.raises(ComityError):
            desk.finished(texts[1], seat=amara, at=cv.clock.now())
        decide(cv, Change.REINSTATE, carla)
        with untouched(cv), pytest.raises(mandates.DecisionOvertaken):
            desk.finished(texts[1], seat=amara, at=cv.clock.now())
        celia = at(cv, "celia/administrator").entry
        reference = proposed(cv, celia, by="amara", second="bento")
        with untouched(cv), pytest.raises(mandates.DecisionOvertaken):
            seconded(cv, reference, by="bento", now=cv.clock.now() + timedelta(days=8))
        mandates.drop_decision(reference, actor=amara.entry.actor, at=cv.clock.now())


def test_one_signature_does_not_end_an_administrator(town: Stage):
    """The act counts the signatures again, whatever a desk hands in."""
    cv = town.cv
    with cv.active():
        celia, amara = at(cv, "celia/administrator").entry, at(cv, "amara")
        prepared = deciding.prepare_decision(
            "celia",
            celia.mandate,
            Change.REVOKE,
            reason="x",
            second="bento",
            actor=amara.entry.actor,
            at=cv.clock.now(),
        )
        text = prepared.texts[0]
        alone = Statement(type=text.type, body=text.body | {"by": text.body["by"][:1]})
        forged = replace(prepared, gesture="mandate.decide", texts=(alone,))
        with untouched(cv), pytest.raises(mandates.DecisionNotSigned):
            desk.finished(forged, seat=amara, at=cv.clock.now())


def test_a_decision_whose_first_signatory_was_suspended_since_is_void(town: Stage):
    cv = town.cv
    with cv.active():
        celia, bento = at(cv, "celia/administrator").entry, at(cv, "bento").entry
        reference = proposed(cv, celia, by="bento", second="amara")
        decide(cv, Change.SUSPEND, bento)
        assert reference in newest("mandate.suspended").facts["stopped"]["decisions"]
        with untouched(cv), pytest.raises(NoSuchThing):
            seconded(cv, reference, by="amara", now=cv.clock.now())
        decide(cv, Change.REINSTATE, bento)
        assert not roster.open_decisions(viewer=at(cv, "amara").entry.actor)


# Oneself


def test_nobody_decides_on_himself_in_whichever_office(town: Stage):
    """Edson is a judge and an administrator: as the one he has no say about the other, nor about his training."""
    cv = town.cv
    with cv.active():
        judge = at(cv, "edson/judge").entry
        admin = at(cv, "edson/administrator")
        for change in (Change.SUSPEND, Change.REVOKE):
            with untouched(cv), pytest.raises(DecidesOnOneself):
                decide(cv, change, judge, by="edson/administrator")
            with untouched(cv), pytest.raises((DecidesOnOneself, SecondDeciderNeeded)):
                decide(cv, change, admin.entry, by="edson/administrator", second="amara")
        with untouched(cv), pytest.raises(DecidesOnOneself):
            deciding.prepare_training(
                "edson",
                "x",
                held_on=cv.clock.now().date(),
                valid_until=None,
                actor=admin.entry.actor,
                at=cv.clock.now(),
            )


def test_whom_a_decision_is_about_does_not_throw_it_away(town: Stage):
    """An attack: between the two signatures the accused administrator takes the decision off the desk, each time."""
    cv = town.cv
    with cv.active():
        celia = at(cv, "celia/administrator").entry
        reference = proposed(cv, celia, by="amara", second="bento")
        with untouched(cv), pytest.raises(DecidesOnOneself):
            mandates.drop_decision(reference, actor=celia.actor, at=cv.clock.now())
        mandates.drop_decision(reference, actor=at(cv, "amara").entry.actor, at=cv.clock.now())


def test_self_appointment_is_refused_on_every_path(town: Stage):
    """An attack: an administrator gives himself another office, as one of the two, or has himself invited."""
    cv = town.cv
    with cv.active():
        me = at(cv, "celia/administrator")
        mine = appointment("celia", Role.JUDGE)
        with untouched(cv), pytest.raises(DecidesOnOneself):
            enrolling.invite(mine, actor=me.entry.actor, at=cv.clock.now())
        for by in (("celia/administrator", "amara"), ("amara", "celia/administrator")):
            with untouched(cv), pytest.raises(ComityError):
                appoint(cv, mine, by=by)
        with untouched(cv), pytest.raises(ComityError):
            appoint(cv, appointment("nobody", Role.JUDGE), by=("edson/administrator", "edson/administrator"))
        appoint(cv, mine)  # two others may
        assert {one.entry.role for one in roster.person("celia", viewer=me.entry.actor, at=cv.clock.now()).offices} == {
            Role.ADMINISTRATOR,
            Role.JUDGE,
        }


def test_who_was_suspended_between_the_two_signatures_has_appointed_nobody(town: Stage):
    """Appointment by two: the first of them is suspended before the second signs; it begins again, with two others."""
    cv = town.cv
    with cv.active():
        amara, bento = at(cv, "amara"), at(cv, "bento")
        link = enrolling.invite(appointment("mara", Role.JUDGE), actor=amara.entry.actor, at=cv.clock.now())
        card = post.own_card(cv)
        key = authenticator.enrol(cv, "mara", rp_id=card.official_rp_id, origin=card.official_origin)
        enrolling.keep_passkey(link.reference, Passkey(credential="mara", key=key), at=cv.clock.now())
        now = cv.clock.now()
        prepared = enrolling.prepare_enrolment(link.reference, second="amara", actor=bento.entry.actor, at=now)
        desk.finished(prepared, seat=bento, at=now)
        half = enrolling.prepare_second_signature(link.reference, actor=amara.entry.actor, at=now)
        decide(cv, Change.SUSPEND, bento.entry)
        assert newest("mandate.suspended").facts["stopped"]["enrolments"] == [link.reference]
        with untouched(cv), pytest.raises(enrolling.NotForThisAdministrator):
            enrolling.prepare_second_signature(link.reference, actor=amara.entry.actor, at=cv.clock.now())
        with untouched(cv), pytest.raises(directory.EnrolmentNotWitnessed, match="found amara"):
            desk.finished(half, seat=amara, at=cv.clock.now())
        now = cv.clock.now()
        again = enrolling.prepare_enrolment(link.reference, second="celia", actor=amara.entry.actor, at=now)
        desk.finished(again, seat=amara, at=now)
        celia = at(cv, "celia/administrator")
        last = enrolling.prepare_second_signature(link.reference, actor=celia.entry.actor, at=now)
        desk.finished(last, seat=celia, at=now)
        assert at(cv, "mara").entry.enrolled_by == ("amara", "celia")
        decide(cv, Change.REINSTATE, bento.entry)


def test_a_short_name_stays_with_its_person(town: Stage):
    cv = town.cv
    with cv.active(), untouched(cv), pytest.raises(directory.PersonIsAnother, match="Rui Fortes"):
        enrolling.invite(
            appointment("rui", Role.JUDGE, name="Somebody Else"), actor=at(cv, "amara").entry.actor, at=cv.clock.now()
        )


def test_one_person_in_two_offices_is_never_on_both_sides(town: Stage):
    """Rui drafts as investigator and is made a judge: he does not authorise what he drafted, and may what others did."""
    cv = town.cv
    case = opened(town)
    with cv.active():
        appoint(cv, appointment("ivo", Role.JUDGE, name="Ivo Tavares"))
    own = drafted(town, case)
    with cv.active():
        judge = at(cv, "ivo/judge")
        with untouched(cv), pytest.raises(DrafterAuthorises):
            desk.authorise(own, DECISION, seat=judge, at=cv.clock.now())
        held = {one.mandate for one in roster.person("ivo", viewer=judge.entry.actor, at=cv.clock.now()).in_force}
        assert len(held) == 2
