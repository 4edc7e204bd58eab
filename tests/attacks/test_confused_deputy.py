"""Attack: one desk is made to do what another may: its form, its prepared text, its session or its names used elsewhere."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.test import Client

import desks
from comity.authorities.directory import Entry
from comity.authorities.roles import MandateNotInForce, PowerMissing
from comity.cli.story import Stage
from comity.errors import ComityError
from comity.registry import access, authenticator, gestures, rows
from comity.registry.actions.letters import deny_letter
from comity.registry.gestures import pending
from comity.registry.gestures.letters import prepare_authorisation
from comity.registry.models import AuthorisationRow, EntryRow, LetterRow, SigningRow
from comity.registry.queries import people
from investigating import seated
from scenes import DECISION, drafted, opened
from stage import staged

ACTS = ("letter.authorise", "letter.send", "letter.deny", "case.member_added")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("deputy"), image_bytes=100_000) as ready, ready.cv.active():
        yield ready


@pytest.fixture
def draft(stage: Stage) -> str:
    return drafted(stage, opened(stage))


def entry(stage: Stage, official: str) -> Entry:
    return next(one for one in people.directory(viewer=stage.cv.machine("tests")) if one.official == official)


def prepared(stage: Stage, draft: str, official: str) -> str:
    """The signing page of an authorisation that this official has prepared."""
    who, at = entry(stage, official), stage.cv.clock.now()
    return pending.keep(prepare_authorisation(draft, DECISION, actor=who.actor, at=at), entry=who, at=at)


def done() -> list[str]:
    return list(EntryRow.objects.filter(kind__in=ACTS).values_list("kind", flat=True))


@pytest.mark.parametrize("other", ["edson", "ivo", "luis", "otto", "amara"])
def test_a_text_that_one_prepared_is_neither_seen_signed_nor_dropped_by_another(stage: Stage, draft: str, other: str):
    reference, before = prepared(stage, draft, "julia"), done()
    client = seated(stage.cv, entry(stage, other))
    for answer in (
        client.get(f"/sign/{reference}"),
        client.post(f"/sign/{reference}"),
        client.post(f"/sign/{reference}/drop"),
    ):
        assert answer.status_code == 404
        assert draft[:8] not in answer.content.decode().replace(reference, "")
    assert SigningRow.objects.get(reference=reference).taken_at is None
    assert done() == before


def test_a_text_that_one_prepared_and_another_signed_is_finished_for_neither(stage: Stage, draft: str):
    """The signature of edson over julia's text, handed in at either desk: the text names who decides."""
    at = stage.cv.clock.now()
    julia, edson = entry(stage, "julia"), entry(stage, "edson")
    made = prepare_authorisation(draft, DECISION, actor=julia.actor, at=at)
    theirs = [authenticator.sign(one, node=stage.cv, entry=edson, at=at) for one in made.texts]
    for actor in (julia.actor, edson.actor):
        with pytest.raises(ComityError):
            gestures.finish(made, theirs, actor=actor, at=at)
    ours = [authenticator.sign(one, node=stage.cv, entry=julia, at=at) for one in made.texts]
    with pytest.raises(rows.SignedByAnother):
        gestures.finish(made, ours, actor=edson.actor, at=at)
    assert not AuthorisationRow.objects.filter(letter__digest=draft).exists()


def test_a_text_prepared_under_one_mandate_is_not_signed_under_another_of_the_same_person(stage: Stage, draft: str):
    reference = prepared(stage, draft, "julia")
    julia = entry(stage, "julia")
    for changed in (replace(julia, mandate="0" * 16), replace(julia, official="edson")):
        with pytest.raises(access.NoSuchThing):
            pending.claim(reference, entry=changed, at=stage.cv.clock.now())


def test_the_form_of_one_desk_is_no_power_at_another(stage: Stage, draft: str):
    before = done()
    typed = {"reason": "Not necessary.", "necessity": "x", "days": "30", "scope": "whole"}
    for role in ("investigator", "liaison", "custodian", "overseer"):
        client = desks.at_desk(stage, stage.cv, role)
        for verb in ("authorise", "deny"):
            assert client.post(f"/letters/{draft}/{verb}", typed).status_code == 404
    assert desks.at_desk(stage, stage.cv, "judge").post(f"/letters/{draft}/send", {}).status_code == 404
    assert done() == before
    assert LetterRow.objects.get(digest=draft).state == "draft"


def test_the_token_of_one_session_is_refused_in_another(stage: Stage, draft: str):
    """A page of the attacker's own desk cannot be made to speak for the judge who opens it."""
    mallory = seated(stage.cv, entry(stage, "rui"))
    page = mallory.get("/cases/new").content.decode()
    token = page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    assert token
    judge = Client(enforce_csrf_checks=True, headers={"host": "127.0.0.1"})
    judge.cookies = seated(stage.cv, entry(stage, "julia")).cookies
    before = done()
    for typed in ({"reason": "x"}, {"reason": "x", "csrfmiddlewaretoken": token}):
        assert judge.post(f"/letters/{draft}/deny", typed).status_code == 403
    assert done() == before


def test_who_speaks_in_the_name_of_another_office_is_found_by_the_act(stage: Stage, draft: str):
    """An actor that says more than the directory does: the act reads the directory again."""
    julia, rui = entry(stage, "julia").actor, entry(stage, "rui").actor
    for forged in (
        replace(rui, role=julia.role, powers=julia.powers),
        replace(rui, official="julia"),
        replace(julia, official="rui", mandate=rui.mandate),
        replace(julia, node="nl"),
    ):
        with pytest.raises((MandateNotInForce, PowerMissing, access.NoSuchThing)):
            deny_letter(draft, reason="x", actor=forged, at=stage.cv.clock.now())
    assert LetterRow.objects.get(digest=draft).state == "draft"
