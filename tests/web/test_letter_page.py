"""The page of a letter, and the desks of who decides on it and who handles it."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.test import Client

from checker import check
from comity.authorisations.scope import ScopeWider
from comity.cli import desk as gestures
from comity.cli.story import Stage
from comity.letters.letter import Form
from comity.letters.life import Step
from comity.registry.actions.letters import send_letter
from comity.registry.gestures import pending
from comity.registry.models import AuthorisationRow, EntryRow, LetterRow, SigningRow, TransferRow, WorkRow
from comity.registry.queries.texts import scope_asked
from desks import at_desk, signed, summary_of
from scenes import DECISION, acknowledged, drafted, offered, opened, received, recognised, settle, stepped, taken_in

DECIDED = {
    "reach": "whole",
    "law": "Code of criminal procedure",
    "article": "not_stated",
    "purpose": "Secure the evidence on the server.",
    "aim": "Find out who operates the marketplace.",
    "suspicion": "Test purchases were delivered by post.",
    "link": "The server holds the orders of the market.",
    "why_data": "Traffic shows who administers the server.",
    "period": "The market has been open since last year.",
    "seriousness": "Drugs are sold there on a large scale.",
    "means_1": "Public pages",
    "why_1": "Public pages do not show who operates it.",
    "privileges": "No target keeps the confidences of others.",
    "checks": ["sealed"],
    "conditions": "Only the named selectors.\nNo copies for others.",
    "days": "30",
}
PART = DECIDED | {
    "reach": "part",
    "selectors": ["domain:bluelagoon.example"],
    "kinds": ["content"],
    "data_from": "2026-10-01",
    "data_until": "2026-11-01",
}
BIDI = "ab\u202ecd"


@pytest.fixture
def judge(stage: Stage) -> Iterator[Client]:
    with stage.cv.active():
        yield at_desk(stage, stage.cv, "judge")


def state_of(letter: str) -> str:
    return LetterRow.objects.get(digest=letter).state


@pytest.mark.parametrize("role", ["investigator", "judge", "liaison", "custodian", "overseer"])
def test_everybody_who_may_know_a_letter_sees_its_life(stage: Stage, role: str):
    letter = recognised(stage, opened(stage))
    for node in (stage.cv, stage.nl):
        if (node.id, role) == ("nl", "investigator"):
            continue  # no member of a case that stands at the other node
        with node.active():
            client = at_desk(stage, node, role)
            answer = client.get(f"/letters/{letter}")
            assert answer.status_code == 200
            page = answer.content.decode()
            assert "<svg" in page
            assert "Recognised" in page
            assert client.get(f"/letters/{letter}/text").status_code == 200
            assert client.get("/desk").status_code == 200


def test_who_may_not_know_a_letter_is_told_what_is_told_of_letters_that_do_not_exist(stage: Stage):
    letter = received(stage, opened(stage))
    with stage.nl.active():
        client = at_desk(stage, stage.nl, "investigator")
        hidden, missing = client.get(f"/letters/{letter}"), client.get(f"/letters/{'0' * 64}")
        assert (hidden.status_code, missing.status_code) == (404, 404)
        assert summary_of(hidden) == summary_of(missing)


def test_nobody_sees_a_page_without_signing_in(stage: Stage):
    letter = received(stage, opened(stage))
    with stage.nl.active():
        for path in ("/desk", "/docket", "/inbox", f"/letters/{letter}", f"/letters/{letter}/acknowledge"):
            answer = Client(headers={"host": f"nl.localhost:{stage.nl.port}"}).get(path)
            assert answer.status_code == 302
            assert answer["Location"].startswith("/login?next=")


@pytest.mark.parametrize("path", ["/docket", "/letters/{}/authorise", "/letters/{}/deny", "/letters/{}/recognise"])
@pytest.mark.parametrize("role", ["investigator", "liaison", "custodian", "overseer"])
def test_the_judges_pages_do_not_exist_for_others(stage: Stage, path: str, role: str):
    with stage.cv.active():
        assert at_desk(stage, stage.cv, role).get(path.format("0" * 64)).status_code == 404


def test_a_judge_authorises_a_draft_and_signs_what_the_page_showed(stage: Stage, judge: Client):
    letter = drafted(stage, opened(stage))
    assert letter[:8] not in summary_of(judge.get("/docket"))
    assert f"/letters/{letter}/authorise" in judge.get("/docket").content.decode()
    answer = judge.post(f"/letters/{letter}/authorise", DECIDED)
    waiting = SigningRow.objects.get()
    assert state_of(letter) == "draft", "nothing happens before the signature"
    shown = judge.get(answer["Location"]).content.decode()
    kept = pending.find(waiting.reference, entry=stage.people["cv", "judge"], at=stage.cv.clock.now())
    assert kept.prepared.texts[0].digest in shown
    assert judge.post(answer["Location"])["Location"] == f"/letters/{letter}"
    assert state_of(letter) == "authorised"
    assert AuthorisationRow.objects.get().digest == kept.prepared.texts[0].digest


def test_a_text_is_signed_once_from_however_many_windows(stage: Stage, judge: Client):
    letter = drafted(stage, opened(stage))
    page = judge.post(f"/letters/{letter}/authorise", DECIDED)["Location"]
    assert judge.post(page).status_code == 302
    for again in (judge.post(page), judge.get(page), judge.post(f"{page}/drop")):
        assert again.status_code == 422
        assert "handed in already" in summary_of(again)
    assert AuthorisationRow.objects.count() == 1


def test_a_text_that_the_act_refuses_still_waits(stage: Stage, judge: Client):
    letter = drafted(stage, opened(stage))
    first = judge.post(f"/letters/{letter}/authorise", DECIDED)["Location"]
    second = judge.post(f"/letters/{letter}/authorise", DECIDED)["Location"]
    assert judge.post(first).status_code == 302
    refused = judge.post(second)
    assert refused.status_code == 422
    assert "would have to be draft" in summary_of(refused)
    assert judge.get(second).status_code == 200
    assert judge.post(f"{second}/drop").status_code == 302
    assert judge.get(second).status_code == 404


def test_nobody_signs_what_another_prepared(stage: Stage, judge: Client):
    letter = drafted(stage, opened(stage))
    page = judge.post(f"/letters/{letter}/authorise", DECIDED)["Location"]
    assert at_desk(stage, stage.cv, "investigator").get(page).status_code == 404


def test_a_judge_authorises_a_part_and_the_other_side_recognises_no_more(stage: Stage, judge: Client):
    letter = drafted(stage, opened(stage), form=Form.PRODUCTION)
    assert signed(judge, judge.post(f"/letters/{letter}/authorise", PART)).status_code == 302
    send_letter(letter, actor=stage.people["cv", "investigator"].actor, at=stage.cv.clock.now())
    settle(stage)
    stepped(stage.seat(stage.nl, "liaison"), letter, Step.ACKNOWLEDGE)
    seat = stage.seat(stage.nl, "judge")
    with stage.nl.active():
        asked = scope_asked(letter, viewer=seat.entry.actor)
        assert asked.selectors == {"domain:bluelagoon.example"}
        client = at_desk(stage, stage.nl, "judge")
        noted = DECIDED | {"note": "Recognised."}
        assert signed(client, client.post(f"/letters/{letter}/recognise", noted)).status_code == 302
        assert state_of(letter) == "recognised"
    settle(stage)
    with stage.cv.active():
        assert state_of(letter) == "recognised"
    check(stage.cv, stage.nl)


def test_a_recognition_beyond_the_authorised_part_is_refused(stage: Stage, judge: Client):
    letter = drafted(stage, opened(stage), form=Form.PRODUCTION)
    signed(judge, judge.post(f"/letters/{letter}/authorise", PART))
    send_letter(letter, actor=stage.people["cv", "investigator"].actor, at=stage.cv.clock.now())
    settle(stage)
    stepped(stage.seat(stage.nl, "liaison"), letter, Step.ACKNOWLEDGE)
    seat = stage.seat(stage.nl, "judge")
    with stage.nl.active():
        asked = scope_asked(letter, viewer=seat.entry.actor)
        wide = replace(DECISION, scope=replace(asked, selectors=asked.selectors | {"handle:lagoon_admin"}))
        with pytest.raises(ScopeWider):
            gestures.recognise(letter, wide, note="x", seat=seat, at=stage.nl.clock.now())
        assert state_of(letter) == "acknowledged"


def test_a_denied_draft_shows_the_reasons(stage: Stage, judge: Client):
    letter = drafted(stage, opened(stage))
    answer = judge.post(f"/letters/{letter}/deny", {"reason": "Too wide for the suspicion."})
    assert answer.status_code == 302
    assert "Too wide for the suspicion." in summary_of(judge.get(f"/letters/{letter}"))
    assert state_of(letter) == "denied"


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("law", "", "required"),
        ("law", "x" * 201, "at most 200"),
        ("aim", BIDI, "U+202E"),
        ("link", "a\x00b", "U+0000"),
        ("purpose", "x" * 20_000, "at most 4000"),
        ("period", "", "required"),
        ("seriousness", "see above", "says too little"),
        ("suspicion", "Find out WHO operates the marketplace", "says the same as"),
        ("checks", "by_moonlight", "not one of the available choices"),
        ("days", "0", "greater than or equal to 1"),
        ("days", "many", "whole number"),
        ("reach", "everything", "not one of the available choices"),
    ],
)
def test_a_decision_that_cannot_be_is_refused_at_its_field_and_nothing_is_lost(
    stage: Stage, judge: Client, field: str, typed: str, said: str
):
    letter = drafted(stage, opened(stage))
    answer = judge.post(f"/letters/{letter}/authorise", DECIDED | {field: typed})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert said in page
    assert f'href="#id_{field}' in page, "the summary leads to the field"
    assert "Public pages do not show who operates it." in page, "what was typed is kept"
    assert SigningRow.objects.count() == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"selectors": []},
        {"kinds": []},
        {"data_from": "2020-01-01"},
        {"data_until": "2026-09-01"},
        {"selectors": ["domain:other.example"]},
        {"data_from": "yesterday"},
    ],
)
def test_a_part_lies_within_what_is_asked_for(stage: Stage, judge: Client, wrong: dict[str, object]):
    letter = drafted(stage, opened(stage), form=Form.PRODUCTION)
    assert judge.post(f"/letters/{letter}/authorise", PART | wrong).status_code == 422
    assert SigningRow.objects.count() == 0


# Liaison


@pytest.fixture
def liaison(stage: Stage) -> Iterator[Client]:
    with stage.nl.active():
        yield at_desk(stage, stage.nl, "liaison")


def test_the_contact_point_acknowledges_and_preserves_and_sees_the_clock_before(stage: Stage, liaison: Client):
    letter = received(stage, opened(stage))
    with stage.nl.active():
        assert letter in liaison.get("/inbox").content.decode()
        answer = liaison.post(f"/letters/{letter}/acknowledge", {"note": "Handled at once."})
        assert signed(liaison, answer).status_code == 302
        assert "29(7)" in summary_of(liaison.get(f"/letters/{letter}/preserve"))
        answer = liaison.post(f"/letters/{letter}/preserve", {"note": "Preserved by the host."})
        assert signed(liaison, answer).status_code == 302
        assert state_of(letter) == "preserved"
    settle(stage)
    check(stage.cv, stage.nl)


def test_a_refusal_takes_a_ground_of_the_route_and_no_other(stage: Stage, liaison: Client):
    letter = acknowledged(stage, opened(stage))
    with stage.nl.active():
        page = liaison.get(f"/letters/{letter}/refuse").content.decode()
        assert 'name="ground"' in page
        for wrong in ({"note": "No."}, {"note": "No.", "ground": "999"}):
            assert liaison.post(f"/letters/{letter}/refuse", wrong).status_code == 422
        answer = liaison.post(f"/letters/{letter}/refuse", {"note": "No.", "ground": "0"})
        assert signed(liaison, answer).status_code == 302
        assert state_of(letter) == "refused"


def test_a_question_an_answer_and_the_report_of_execution_cross(stage: Stage, liaison: Client):
    letter = recognised(stage, opened(stage))
    with stage.nl.active():
        part = {"note": "Disk one is imaged.", "outstanding": "Disk two follows."}
        assert signed(liaison, liaison.post(f"/letters/{letter}/execute-partly", part)).status_code == 302
        assert signed(liaison, liaison.post(f"/letters/{letter}/execute", {"note": "All done."})).status_code == 302
    settle(stage)
    with stage.cv.active():
        assert state_of(letter) == "executed"
        shown = summary_of(at_desk(stage, stage.cv, "investigator").get(f"/letters/{letter}"))
        assert "Disk two follows." in shown


@pytest.mark.parametrize("step", ["acknowledge", "query", "execute"])
@pytest.mark.parametrize(("typed", "said"), [("", "required"), (BIDI, "U+202E"), ("x" * 5000, "at most 4000")])
def test_a_note_that_cannot_be_is_refused_at_its_field(stage: Stage, liaison: Client, step: str, typed: str, said: str):
    letter = received(stage, opened(stage))
    with stage.nl.active():
        answer = liaison.post(f"/letters/{letter}/{step}", {"note": typed})
        assert answer.status_code == 422
        assert said in answer.content.decode()
        assert SigningRow.objects.count() == 0


def test_a_step_that_does_not_follow_is_refused_when_it_is_signed(stage: Stage, liaison: Client):
    letter = received(stage, opened(stage))
    with stage.nl.active():
        assert "not open now" in summary_of(liaison.get(f"/letters/{letter}/query"))
        answer = liaison.post(f"/letters/{letter}/query", {"note": "Which server?"})
        refused = signed(liaison, answer)
        assert refused.status_code == 422
        assert "would have to be acknowledged" in summary_of(refused)
        assert state_of(letter) == "received"


def test_a_liaison_officer_is_shown_and_acts_on_the_authorised_part_only(stage: Stage, judge: Client):
    letter = drafted(stage, opened(stage))
    asked = scope_asked(letter, viewer=stage.people["cv", "judge"].actor)
    part = PART | {"kinds": sorted(asked.data)[:1]}
    assert signed(judge, judge.post(f"/letters/{letter}/authorise", part)).status_code == 302
    send_letter(letter, actor=stage.people["cv", "investigator"].actor, at=stage.cv.clock.now())
    settle(stage)
    with stage.nl.active():
        client = at_desk(stage, stage.nl, "liaison")
        signed(client, client.post(f"/letters/{letter}/acknowledge", {"note": "Handled."}))
        page = client.get(f"/letters/{letter}/preserve").content.decode()
        power = page.partition('id="power-title"')[2].partition("</section>")[0]
        assert "domain:bluelagoon.example" in power
        assert "handle:lagoon_admin" not in power
        assert b"1 target(s)" in bytes(EntryRow.objects.get(kind="letter.acknowledge").body)


def test_what_is_authorised_whole_was_left_whole(stage: Stage, judge: Client):
    letter = drafted(stage, opened(stage))
    answer = judge.post(f"/letters/{letter}/authorise", DECIDED | {"selectors": ["domain:bluelagoon.example"]})
    assert answer.status_code == 422
    assert "say that only this part is meant" in answer.content.decode()


def test_an_offer_beyond_what_was_recognised_is_not_taken(stage: Stage):
    item = taken_in(stage, recognised(stage, opened(stage)))
    with stage.cv.active():
        AuthorisationRow.objects.filter(kind="recognition").update(withdrawn_at=stage.cv.clock.now())
    offered(stage, item)
    settle(stage)
    with stage.cv.active():
        assert not TransferRow.objects.exists()
    with stage.nl.active():
        assert "registry.not_recognised" in WorkRow.objects.get(state="dead").trouble
