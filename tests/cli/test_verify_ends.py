"""A bundle tells what became of its decisions: ended, suspended for a time; and who looked at a flagged item again."""

import io
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.authorisations.lapse import LAPSE, Cause
from comity.canon import JsonObject
from comity.cli import desk
from comity.cli.exporting import export
from comity.cli.script import warrant
from comity.cli.story import Stage
from comity.evidence.member import MANIFEST, lapse_member
from comity.exchange.verification import DoesNotVerify, Verification
from comity.letters.letter import Form
from comity.letters.life import Step
from comity.registry import decisions
from comity.registry.actions import letters as acts
from comity.registry.actions import reviews
from comity.registry.actions.authorisations import end_decision, resume_decision, suspend_decision
from comity.registry.jobs import exports
from comity.registry.jobs.bundles import gather
from comity.registry.jobs.endings import proven_lapse
from comity.registry.models import AuthorisationRow
from exported import Exported, unheard, unzipped
from scenes import DECISION, accepted, acknowledged, drafted, opened, settle, stepped, taken_in
from stage import staged

WHY = "The witness takes back what the order rested on, in full."
LOOKED = "The child is the victim, and the image proves the offence."


def following(stage: Stage, case: str, linked: str) -> str:
    """A recognised letter that follows another one; its decision was suspended for a time before."""
    letter = drafted(stage, case, form=Form.PRODUCTION, linked=linked)
    judge = stage.seat(stage.cv, "judge")
    with stage.cv.active():
        digest = desk.authorise(letter, warrant(Form.PRODUCTION), seat=judge, at=stage.cv.clock.now())
        suspend_decision(digest, reason=WHY, actor=judge.entry.actor, at=stage.cv.clock.now())
        resume_decision(digest, reason=WHY, actor=judge.entry.actor, at=stage.cv.clock.now())
        acts.send_letter(letter, actor=stage.seat(stage.cv, "investigator").entry.actor, at=stage.cv.clock.now())
    settle(stage)
    stepped(stage.seat(stage.nl, "liaison"), letter, Step.ACKNOWLEDGE)
    with stage.nl.active():
        seat = stage.seat(stage.nl, "judge")
        desk.recognise(letter, DECISION, note="Recognised.", seat=seat, at=stage.nl.clock.now())
    settle(stage)
    return letter


def revoked(stage: Stage, letter: str) -> str:
    with stage.cv.active():
        judge = stage.seat(stage.cv, "judge")
        digest = desk.revoke(letter, reason=WHY, seat=judge, at=stage.cv.clock.now())
    settle(stage)
    return digest


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exported]:
    """The bundle of a reviewed item, whose letter follows one that was taken back by a judge."""
    folder = tmp_path_factory.mktemp("ended")
    with staged(folder, image_bytes=3_000) as stage:
        case = opened(stage)
        first = acknowledged(stage, case)
        second = following(stage, case, first)
        item = taken_in(stage, second)
        accepted(stage, item)
        revoked(stage, first)
        bundle = folder / "ended.bundle"
        with stage.cv.active():
            seat, judge = stage.seat(stage.cv, "custodian"), stage.seat(stage.cv, "judge").entry.actor
            reviews.flag_item(item, ["minor"], reason=LOOKED, actor=seat.entry.actor, at=stage.cv.clock.now())
            reviews.review_item(item, reason=LOOKED, actor=judge, at=stage.cv.clock.now())
            export(item, bundle, reason="For the court", key_file=None, progress=unheard, seat=seat)
        members = unzipped(bundle.read_bytes())
        made = Exported(stage, bundle, folder / "no.key", folder / "no.trust", members)
        object.__setattr__(stage, "item", item)
        yield made


def told(data: bytes) -> dict[str, tuple[str, tuple[str, ...]]]:
    reading = Verification(io.BytesIO(data), pinned={}, key=None, progress=unheard)
    return {step.step: (step.result.value, step.details) for step in reading.steps()}


def failed(ended: Exported, members: dict[str, bytes], **changed: object) -> str:
    """The step at which these members fail, signed by the exporter; empty where they verify."""
    try:
        told(ended.packed(members, **changed))
    except DoesNotVerify as refused:
        return str(refused.facts["step"])
    return ""


def without(ended: Exported, *names: str) -> dict[str, bytes]:
    return {name: data for name, data in ended.members.items() if name not in names}


def entries(ended: Exported, *kinds: str) -> list[str]:
    names = [name for name in ended.only("log") if name.endswith(".json")]
    return [name for name in names if ended.entry(name)["kind"] in kinds]


def the_end(ended: Exported) -> str:
    (name,) = ended.only("lapses")
    return name


def test_a_decision_that_ended_is_said_to_have_ended_with_its_signer_and_its_place_in_the_log(ended: Exported):
    said = told(ended.data)
    result, details = said["ends"]
    (line,) = [one for one in details if "ENDED" in one]
    (entry,) = entries(ended, "letter.lapse")
    index = entry.rpartition("/")[2].removesuffix(".json")
    assert (result, line.startswith("warrant of julia (Court of Praia, cv)")) == ("holds", True), line
    assert "it was revoked (Art. " in line
    assert f"signed by julia (Court of Praia), reason as stated: {WHY} (cv log {index})" in line
    assert sum("not ended, as far as this bundle tells; it runs until" in one for one in details) == 2
    assert details[-1].startswith("cv signs that it knew of no other end at ")


def test_the_letter_that_rested_on_it_is_taken_back_and_the_one_that_follows_it_is_not(ended: Exported):
    lives = told(ended.data)["events"][1]
    assert [one for one in lives if "withdrawn" in one and one.endswith("since its decision ended")]
    assert [one for one in lives if "recognised" in one and "withdrawn" not in one]


def test_a_suspension_is_said_with_its_time_and_its_place(ended: Exported):
    (line,) = [one for one in told(ended.data)["ends"][1] if "suspended from" in one]
    suspended, resumed = (ended.entry(one)["at"] for one in entries(ended, "letter.suspend", "letter.resume"))
    assert f"suspended from {suspended} until {resumed} (cv log " in line


def test_who_looked_at_a_flagged_item_is_said(ended: Exported):
    result, (line,) = told(ended.data)["reviews"]
    assert (result, "flagged (minor), reviewed by julia (Court of Praia)" in line) == ("holds", True)
    assert line.endswith(LOOKED)


def test_what_is_left_out_of_it_is_missed(ended: Exported):
    for name in (the_end(ended), *entries(ended, "letter.lapse", "letter.suspend", "letter.resume", "evidence.review")):
        assert failed(ended, without(ended, name)), name
    back = [one for one in ended.only("receipts") if _peers(ended, one) == "letter.lapse.received"]
    known = entries(ended, "letter.lapse.received")
    assert len(back) == len(known) == 1
    assert failed(ended, without(ended, the_end(ended), *entries(ended, "letter.lapse"))) == "nothing else", "nl knows"


def _peers(ended: Exported, receipt: str) -> object:
    message = ended.body(receipt)["message"]
    names = [one for one in ended.only("log/nl") if one.endswith(".json")]
    return next(entry["kind"] for one in names if (entry := ended.entry(one))["facts"].get("message") == message)


def test_a_changed_byte_in_it_is_found(ended: Exported):
    chance = random.Random(20261126)
    for name in (the_end(ended), *entries(ended, "letter.lapse", "letter.suspend", "letter.resume", "evidence.review")):
        data = ended.members[name]
        for _ in range(4):
            position = chance.randrange(len(data))
            altered = data[:position] + bytes([data[position] ^ 1 << chance.randrange(8)]) + data[position + 1 :]
            assert failed(ended, ended.members | {name: altered}) in {"ends", "logs"}, (name, position)


@pytest.mark.parametrize(
    ("change", "role"),
    [
        ({"cause": "not_validated", "by": {}}, ""),
        ({"cause": "validation_refused"}, "judge"),
        ({"at": "2027-06-01T00:00:00.000Z"}, "judge"),
        ({"reason": "The court was wrong about the person."}, "judge"),
        ({"authorisation": "ab" * 32}, "judge"),
        ({"node": "nl"}, "judge"),
        ({}, "investigator"),
        ({}, "custodian"),
    ],
)
def test_an_end_that_is_signed_anew_is_refused(ended: Exported, change: JsonObject, role: str):
    """By whom it must not be, of what it cannot end, or past the log."""
    stage = ended.stage
    body = ended.body(the_end(ended)) | change
    if role not in {"", "judge"}:
        body["by"] = stage.seat(stage.cv, role).entry.actor.as_record()
    text = ended.signed(LAPSE, body, node=stage.cv, role=role) if role else ended.by_node(LAPSE, body, node=stage.cv)
    members = without(ended, the_end(ended)) | {lapse_member(text.digest): text.to_bytes()}
    assert failed(ended, members) == "ends"


def test_two_ends_of_one_decision_are_refused(ended: Exported):
    body = ended.body(the_end(ended)) | {"reason": "The court was wrong about the person."}
    text = ended.signed(LAPSE, body, node=ended.stage.cv, role="judge")
    assert failed(ended, ended.members | {lapse_member(text.digest): text.to_bytes()}) == "ends"
    assert failed(ended, ended.members | {lapse_member("ab" * 32): ended.members[the_end(ended)]}) == "ends"


def test_a_suspension_that_was_never_taken_up_again_covers_no_sending(ended: Exported):
    """The exporter keeps back that the decision was taken up again, or that it was suspended."""
    suspended, resumed = entries(ended, "letter.suspend", "letter.resume")
    assert failed(ended, without(ended, resumed)) == "sending"
    assert failed(ended, without(ended, suspended)) == "ends"


def test_without_its_review_a_flagged_item_does_not_verify(ended: Exported):
    (review,), (flag,) = entries(ended, "evidence.review"), entries(ended, "evidence.flag")
    assert failed(ended, without(ended, review)) == "reviews"
    assert failed(ended, without(ended, flag)) == "", "a review without a flag hides nothing"


def test_a_bundle_of_the_older_format_is_read_and_says_what_it_lacks(ended: Exported):
    (review,) = entries(ended, "evidence.review")
    said = told(ended.packed(without(ended, review), format=1))
    assert (said["ends"][0], said["reviews"][0]) == ("not checked", "not checked")
    assert "brings no ends of decisions" in said["ends"][1][-1]
    assert "brings no reviews" in said["reviews"][1][0]
    assert failed(ended, ended.members, format=3) == "manifest"


def test_an_item_has_no_bundle_once_its_own_letters_decision_ended(tmp_path: Path):
    """A custodian who gathers one all the same, past the desk, makes one that does not verify."""
    with staged(tmp_path) as stage:
        letter = following(stage, (case := opened(stage)), acknowledged(stage, case))
        item = taken_in(stage, letter)
        accepted(stage, item)
        seat = stage.seat(stage.cv, "custodian")
        with stage.cv.active():
            bundle = tmp_path / "before.bundle"
            export(item, bundle, reason="For the court", key_file=None, progress=unheard, seat=seat)
        assert told(bundle.read_bytes())["nothing else"][0] == "holds"
        digest = revoked(stage, letter)
        with stage.cv.active():
            at = stage.cv.clock.now()
            gathered = gather(item, viewer=seat.entry.actor, progress=unheard, at=at)
            manifest = desk.signed(gathered.manifest, seat=seat, at=at)
            members = {name: b"".join(one.open()) for name, one in gathered.members.items()}
        assert lapse_member(digest) in members
        kept = Exported(stage, bundle, bundle, bundle, {**members, MANIFEST: manifest.to_bytes()})
        assert failed(kept, kept.members) == "recognition"


def test_a_signed_bundle_that_waits_is_not_offered_once_a_decision_in_it_has_ended(tmp_path: Path):
    with staged(tmp_path) as stage:
        first = acknowledged(stage, (case := opened(stage)))
        item = taken_in(stage, following(stage, case, first))
        accepted(stage, item)
        seat = stage.seat(stage.cv, "custodian")
        with stage.cv.active():
            desk.sign_export(item, reason="For the court", seat=seat, at=stage.cv.clock.now())
            _lie_ready(stage, item)
            assert exports.ready(item, viewer=seat.entry.actor) is not None
        revoked(stage, first)
        with stage.cv.active():
            assert exports.ready(item, viewer=seat.entry.actor) is None
            _lie_ready(stage, item)
            assert told(b"".join(exports.pieces(item, viewer=seat.entry.actor)))["ends"][0] == "holds"


def _lie_ready(stage: Stage, item: str) -> None:
    seat, at = stage.seat(stage.cv, "custodian"), stage.cv.clock.now()
    desk.finished(exports.prepare_bundle(item, actor=seat.entry.actor, at=at), seat=seat, at=at)


def test_an_end_of_before_the_sending_means_that_nothing_covered_it(tmp_path: Path):
    """A judge who dates an end back convicts the letter that went out under the decision."""
    with staged(tmp_path) as stage:
        first = acknowledged(stage, (case := opened(stage)))
        item = taken_in(stage, following(stage, case, first))
        accepted(stage, item)
        judge, seat = stage.seat(stage.cv, "judge"), stage.seat(stage.cv, "custodian")
        with stage.cv.active():
            decided = AuthorisationRow.objects.get(letter__digest=first, kind="warrant")
            back, by = decided.decided_at, judge.entry.actor.as_record()
            text = decisions.lapse_of(decided, cause=Cause.REVOKED, article="4", reason=WHY, by=by, at=back)
            proven = proven_lapse(desk.signed(text, seat=judge, at=back), decided, people={})
            end_decision(proven, actor=judge.entry.actor, at=stage.cv.clock.now())
        settle(stage)
        with stage.cv.active():
            bundle = tmp_path / "back.bundle"
            export(item, bundle, reason="For the court", key_file=None, progress=unheard, seat=seat)
        with pytest.raises(DoesNotVerify, match="it was revoked at"):
            told(bundle.read_bytes())
