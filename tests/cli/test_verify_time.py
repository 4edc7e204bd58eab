"""Time stamps in a bundle: what an authority outside the nodes says of its records, held by who brought roots."""

import io
from pathlib import Path

import pytest

from authority import TimeAuthority
from comity.authorities.statement import Statement
from comity.evidence.member import checkpoint_member, token_member
from comity.exchange.verification import DoesNotVerify, Result, Verification
from comity.ledger import text_digest
from comity.ledger.time_stamp import stamp_request, trusted_roots
from comity.registry.jobs.bundles import gather
from comity.registry.models import StampRow
from exported import Exported, unheard


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> TimeAuthority:
    return TimeAuthority(tmp_path_factory.mktemp("tsa"))


def record(exported: Exported) -> str:
    """The digest of the first custody record, as it is stamped."""
    return Statement.from_bytes(exported.members[exported.only("custody")[0]]).digest


def token(authority: TimeAuthority, digest: str) -> bytes:
    return authority.answer(stamp_request(bytes.fromhex(digest), nonce=7))


def steps(exported: Exported, tokens: dict[str, bytes], *, roots: bytes = b"") -> dict[str, tuple[Result, str]]:
    data = exported.packed(exported.members | tokens)
    certificates = tuple(trusted_roots(roots)) if roots else ()
    reading = Verification(io.BytesIO(data), pinned={}, key=None, progress=unheard, time_roots=certificates)
    return {one.step: (one.result, " ".join(one.details)) for one in reading.steps()}


def test_a_token_is_held_under_the_roots_that_the_reader_brought(exported: Exported, authority: TimeAuthority):
    head = text_digest(exported.members[checkpoint_member("cv")])
    tokens = {token_member(one): token(authority, one) for one in (record(exported), head)}
    result, said = steps(exported, tokens, roots=authority.roots)["time stamps"]
    assert result is Result.HOLDS
    assert said.count("Clock of Utopia") == 2
    assert "the checkpoint of cv existed at" in said


def test_without_roots_a_token_is_reported_and_not_believed(exported: Exported, authority: TimeAuthority):
    tokens = {token_member(record(exported)): token(authority, record(exported))}
    result, said = steps(exported, tokens)["time stamps"]
    assert result is Result.NOT_CHECKED
    assert "--time-roots" in said


def test_a_bundle_without_tokens_says_that_its_moments_are_the_nodes_own(exported: Exported, authority: TimeAuthority):
    result, said = steps(exported, {}, roots=authority.roots)["time stamps"]
    assert result is Result.HOLDS
    assert "own clocks" in said


@pytest.mark.parametrize("what", ["strange roots", "another digest", "of nothing here", "flipped", "no answer"])
def test_a_token_that_shows_nothing_fails(exported: Exported, authority: TimeAuthority, tmp_path: Path, what: str):
    digest = record(exported)
    good = token(authority, digest)
    member, data = {
        "another digest": (token_member(digest), token(authority, "0" * 64)),
        "of nothing here": (token_member("0" * 64), token(authority, "0" * 64)),
        "flipped": (token_member(digest), good[:-9] + bytes([good[-9] ^ 1]) + good[-8:]),
        "no answer": (token_member(digest), b"{}"),
    }.get(what, (token_member(digest), good))
    roots = TimeAuthority(tmp_path / "other").roots if what == "strange roots" else authority.roots
    with pytest.raises(DoesNotVerify) as refused:
        steps(exported, {member: data}, roots=roots)
    assert (refused.value.facts["step"], refused.value.facts["member"]) == ("time stamps", member)


def test_a_bundle_brings_the_tokens_that_its_node_holds(exported: Exported, authority: TimeAuthority):
    stage, digest = exported.stage, record(exported)
    answer = token(authority, digest)
    at = stage.cv.clock.now()
    with stage.cv.active():
        row = StampRow.objects.create(digest=digest, about="acquisition", asked_at=at, answer=answer, stamped_at=at)
        gathered = gather(stage.item, viewer=stage.seat(stage.cv, "custodian").entry.actor, progress=unheard, at=at)
        row.delete()
    assert [name for name in gathered.members if name.startswith("tokens/")] == [token_member(digest)]
    assert b"".join(gathered.members[token_member(digest)].open()) == answer
