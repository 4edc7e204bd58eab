"""A bundle in which a mandate changed: a stranger judges each signature by the mandate at its moment."""

import io
from datetime import datetime, timedelta

import pytest

from comity.authorities.standing import STANDING
from comity.canon import JsonObject, moment, stamp
from comity.exchange.verification import DoesNotVerify, Verification
from exported import Exported, unheard

DECISION = "d" * 64


def failed(exported: Exported, added: dict[str, bytes]) -> str:
    """The step at which the bundle fails with these members; empty where it verifies."""
    data = exported.packed(exported.members | added)
    try:
        for _ in Verification(io.BytesIO(data), pinned={}, key=None, progress=unheard).steps():
            continue
    except DoesNotVerify as refused:
        return str(refused.facts["step"])
    return ""


def standing(exported: Exported, official: str, *changes: tuple[str, datetime], node: str = "cv") -> dict[str, bytes]:
    """The bundle with what a node says became of one of its mandates."""
    body = entry_of(exported, official)
    said = [{"change": change, "at": stamp(at), "decision": DECISION} for change, at in changes]
    told = {name: body[name] for name in ("node", "official", "mandate")} | {"changes": said}
    by = exported.stage.cv if node == "cv" else exported.stage.nl
    statement = exported.by_node(STANDING, told, node=by)
    return {f"officials/{statement.digest}.json": statement.to_bytes()}


def entry_of(exported: Exported, official: str) -> JsonObject:
    return next(body for name in exported.only("officials") if (body := exported.body(name))["official"] == official)


def decided_at(exported: Exported) -> datetime:
    """When the judge of cv decided for the first time."""
    found = [exported.body(name) for name in exported.only("authorisations")]
    return min(moment(one["decided_at"]) for one in found if one["by"]["official"] == "julia")


def test_a_judge_who_was_suspended_later_had_decided_and_the_bundle_verifies(exported: Exported):
    later = exported.stage.cv.clock.now() + timedelta(days=1)
    added = standing(exported, "julia", ("suspend", later), ("reinstate", later), ("revoke", later))
    assert failed(exported, added) == ""


def test_a_judge_who_was_suspended_when_deciding_had_not(exported: Exported):
    before = decided_at(exported) - timedelta(milliseconds=1)
    assert failed(exported, standing(exported, "julia", ("suspend", before))) not in {"", "directory"}
    back = standing(exported, "julia", ("suspend", before), ("reinstate", before))
    assert failed(exported, back) == ""


@pytest.mark.parametrize("what", ["another node", "two stories", "the same twice over", "of nobody"])
def test_a_standing_that_its_node_did_not_tell_once_is_found(exported: Exported, what: str):
    later = exported.stage.cv.clock.now() + timedelta(days=1)
    one = standing(exported, "julia", ("suspend", later))
    if what == "another node":
        added = standing(exported, "julia", ("suspend", later), node="nl")
    elif what == "two stories":
        added = one | standing(exported, "julia", ("revoke", later))
    elif what == "the same twice over":
        added = one | standing(exported, "julia", ("suspend", later), ("reinstate", later))
    else:
        changes = [{"change": "suspend", "at": stamp(later), "decision": DECISION}]
        body = {"node": "cv", "official": "nobody", "mandate": "judge-1", "changes": changes}
        statement = exported.by_node(STANDING, body, node=exported.stage.cv)
        added = {f"officials/{statement.digest}.json": statement.to_bytes()}
    assert failed(exported, added) == "directory"
