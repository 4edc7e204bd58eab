"""One text alone: a checkpoint, a proof, a receipt, a letter, each under the card of the node that made it."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from comity.authorities.statement import Statement
from comity.cli.verify import verify
from comity.evidence.member import checkpoint_member, node_member
from comity.exchange.card import NodeCard, read_card
from comity.exchange.verification import DoesNotVerify, Result
from comity.exchange.verification_text import TEXT_BYTES_MAX, CardNotBrought, NotAText, TextVerification
from exported import Exported


def card(exported: Exported, node: str) -> NodeCard:
    return read_card(Statement.from_bytes(exported.members[node_member(node)]))


def read(exported: Exported, data: bytes, *nodes: str) -> dict[str, tuple[Result, str]]:
    reading = TextVerification(data, cards={node: card(exported, node) for node in nodes})
    return {one.step: (one.result, " ".join(one.details)) for one in reading.steps()}


def first(exported: Exported, folder: str) -> bytes:
    return exported.members[next(name for name in exported.only(folder) if name.endswith(".json"))]


def test_a_checkpoint_is_held_with_its_witnesses(exported: Exported):
    note = exported.members[checkpoint_member("cv")]
    held = read(exported, note, "cv", "nl")
    assert held["checkpoint"][0] is Result.HOLDS
    assert held["witnesses"][0] is Result.HOLDS
    assert "comity.example/witness/nl" in held["witnesses"][1]
    assert read(exported, note, "cv")["witnesses"][0] is Result.NOT_CHECKED


def test_a_proof_is_held_up_to_the_checkpoint(exported: Exported):
    held = read(exported, first(exported, "log/cv"), "cv")
    assert list(held) == ["checkpoint", "witnesses", "inclusion"]
    assert held["inclusion"][0] is Result.HOLDS


def test_a_receipt_says_who_received_what_and_when(exported: Exported):
    result, said = read(exported, first(exported, "receipts"), "nl")["receipt"]
    assert result is Result.HOLDS
    assert said.startswith("nl received message ")


def test_of_a_letter_the_nodes_signature_is_held_and_the_officials_are_not_claimed(exported: Exported):
    held = read(exported, first(exported, "letters"), "cv")
    assert held["node's signature"][0] is Result.HOLDS
    assert held["officials' signatures"][0] is Result.NOT_CHECKED


def test_without_the_card_of_its_node_nothing_is_verified(exported: Exported):
    for folder in ("letters", "receipts", "log/cv"):
        with pytest.raises(CardNotBrought):
            TextVerification(first(exported, folder), cards={})
    with pytest.raises(CardNotBrought, match="log/cv"):
        TextVerification(exported.members[checkpoint_member("cv")], cards={"nl": card(exported, "nl")})


@pytest.mark.parametrize("folder", ["letters", "receipts", "log/cv", "custody"])
def test_a_changed_text_is_refused_or_nothing_else_is_held_of_it_than_before(exported: Exported, folder: str):
    data = first(exported, folder)
    before = read(exported, data, "cv", "nl")
    for place in range(1, len(data), max(1, len(data) // 150)):
        try:
            held = read(exported, data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :], "cv", "nl")
        except (DoesNotVerify, NotAText, CardNotBrought):
            continue
        for step, found in held.items():  # a signature that is not held here may have been changed
            assert found[0] is Result.NOT_CHECKED or found == before[step], place


def test_an_entry_under_the_proof_of_another_does_not_verify(exported: Exported):
    names = [name for name in exported.only("log/cv") if name.endswith(".json")]
    one, other = (json.loads(exported.members[name]) for name in names[:2])
    mixed = {"entry": one["entry"], "inclusion": other["inclusion"]}
    with pytest.raises(DoesNotVerify) as refused:
        read(exported, json.dumps(mixed, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode(), "cv")
    assert refused.value.facts["step"] == "inclusion"


@given(st.binary(max_size=400) | st.binary(max_size=200).map(lambda data: b"{" + data))
def test_what_is_no_text_is_refused(data: bytes):
    with pytest.raises(NotAText):
        TextVerification(data, cards={})


@pytest.mark.parametrize(
    "data", [b"[" * 100_000, b'{"a":' * 100_000, b"{" + b" " * TEXT_BYTES_MAX, b'{"entry":{},"inclusion":{}}']
)
def test_deep_large_and_empty_texts_are_refused(data: bytes):
    with pytest.raises(NotAText):
        TextVerification(data, cards={})


def run(tmp_path: Path, data: bytes, *cards: bytes) -> tuple[int, dict[str, Any]]:
    (tmp_path / "text").write_bytes(data)
    command = [str(tmp_path / "text"), "--json"]
    for number, one in enumerate(cards):
        (tmp_path / f"card-{number}").write_bytes(one)
        command += ["--card", str(tmp_path / f"card-{number}")]
    done = CliRunner().invoke(verify, command)
    return done.exit_code, json.loads(done.stdout)


def test_the_command_says_what_it_read_and_ends_with_0_1_or_2(exported: Exported, tmp_path: Path):
    ours, receipt = exported.members[node_member("nl")], first(exported, "receipts")
    code, said = run(tmp_path, receipt, ours)
    assert (code, said["verified"], said["node"], said["kind"]) == (0, True, "nl", "demo")
    changed = receipt.replace(b'"log_within":', b'"log_within":1')
    code, said = run(tmp_path, changed, ours)
    assert (code, said["refusal"]["error"]) == (1, "exchange.does_not_verify")
    code, said = run(tmp_path, receipt)
    assert (code, said["refusal"]["error"]) == (2, "exchange.card_not_brought")
    code, said = run(tmp_path, b"nothing of ours", ours)
    assert (code, said["refusal"]["error"]) == (2, "exchange.not_a_text")
