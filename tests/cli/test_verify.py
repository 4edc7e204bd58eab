"""`comity verify` on real bundles: what it says, what it leaves to the reader, its exit codes, and what it runs on."""

import io
import json
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import scenes
from comity.authorities.directory import ENTRY
from comity.authorities.statement import Statement
from comity.cli.exporting import export
from comity.cli.verify import verify
from comity.exchange import verification
from comity.exchange.verification import CHECKS, DoesNotVerify, Verification
from exported import Exported, unheard, unzipped
from stage import staged

ROOT = Path(__file__).parents[2]


def called(*arguments: object) -> Result:
    return CliRunner().invoke(verify, [str(one) for one in arguments])


def steps(data: bytes, *, key: bytes | None = None, pinned: dict[str, str] | None = None) -> dict[str, str]:
    reading = Verification(io.BytesIO(data), pinned=pinned or {}, key=key, progress=unheard)
    return {step.step: step.result.value for step in reading.steps()}


def test_a_real_bundle_verifies_with_key_and_fingerprints(exported: Exported):
    found = steps(exported.data, key=exported.key, pinned=exported.pinned)
    assert found == dict.fromkeys([check.step for check in CHECKS], "holds")


def test_who_cosigned_a_log_is_said_and_who_did_not(exported: Exported):
    reading = Verification(io.BytesIO(exported.data), pinned={}, key=None, progress=unheard)
    said = next(step.details for step in reading.steps() if step.step == "logs")
    cosigned = [one.partition(": ")[2] for one in said if "cosigned" in one]
    assert len(cosigned) == 2
    assert cosigned[0].startswith("cosigned by comity.example/witness/nl at 2026-11-23T")
    assert cosigned[1] == "no node in this bundle cosigned it"


def test_what_the_reader_does_not_bring_is_not_called_held(exported: Exported):
    found = steps(exported.data)
    assert {step for step, result in found.items() if result != "holds"} == {"fingerprints", "content"}
    assert found["fingerprints"] == found["content"] == "not checked"
    half = {"nl": exported.pinned["nl"]}
    assert steps(exported.data, pinned=half)["fingerprints"] == "not checked"


def test_fingerprints_may_be_typed_without_spaces(exported: Exported):
    typed = {node: "".join(one.split()).upper() for node, one in exported.pinned.items()}
    assert steps(exported.data, pinned=typed)["fingerprints"] == "holds"


def test_another_fingerprint_does_not_verify(exported: Exported):
    with pytest.raises(DoesNotVerify) as refused:
        steps(exported.data, pinned=exported.pinned | {"nl": exported.pinned["cv"]})
    assert refused.value.facts["step"] == "fingerprints"
    assert refused.value.facts["member"] == "nodes/nl.json"


def test_another_key_does_not_verify(exported: Exported):
    with pytest.raises(DoesNotVerify) as refused:
        steps(exported.data, key=bytes(32))
    assert refused.value.facts["step"] == "content"


def test_every_step_names_a_standard_and_says_what_it_found(exported: Exported):
    reading = Verification(io.BytesIO(exported.data), pinned={}, key=exported.key, progress=unheard)
    for step in reading.steps():
        assert step.standard, step.step
        assert step.details, step.step
    assert (reading.kind, reading.node, reading.fingerprints) == ("demo", "cv", exported.pinned)


def test_the_giving_nodes_own_bundle_verifies_before_the_hand_over(tmp_path: Path):
    with staged(tmp_path) as stage:
        item = scenes.taken_in(stage, scenes.recognised(stage, scenes.opened(stage)))
        scenes.settle(stage)
        with stage.nl.active():
            seat = stage.seat(stage.nl, "custodian")
            bundle = tmp_path / "held.bundle"
            export(item, bundle, reason="For the judge", key_file=None, progress=unheard, seat=seat)
    found = steps(bundle.read_bytes())
    assert set(found) == {check.step for check in CHECKS}
    assert "receipts/" in "".join(unzipped(bundle.read_bytes()))


def test_the_text_says_what_kind_it_is_and_ends_with_verified(exported: Exported):
    result = called(exported.path, "--key", exported.key_file, "--trust", exported.trust_file)
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0] == "DEMO bundle of node cv: not evidence, its nodes are for practice"
    assert lines[-1] == "verified"
    assert "not checked" not in result.output
    for fingerprint in exported.pinned.values():
        assert fingerprint in result.output


def test_without_a_trust_file_people_are_told_to_read_the_fingerprints_aloud(exported: Exported):
    result = called(exported.path)
    assert result.exit_code == 0
    assert result.output.count("not compared, read it aloud") == 2
    assert "not opened, its key was not given" in result.output


def test_the_key_may_be_typed(exported: Exported):
    result = called(exported.path, "--key", exported.key.hex())
    assert "opened, 3000 bytes" in result.output


def test_a_failure_names_step_member_and_reason_and_ends_so(exported: Exported, tmp_path: Path):
    broken = tmp_path / "broken.bundle"
    name = exported.only("events")[0]
    altered = exported.members | {name: exported.members[name].replace(b'"note":"', b'"note":"Not ', 1)}
    broken.write_bytes(exported.packed(altered))
    result = called(broken)
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert lines[-1] == "does not verify"
    assert lines[-2].startswith(f"the step `events` fails at {name}: the signature by key")
    assert any(line.startswith("fails:       events [") for line in lines)


def test_the_json_says_the_same(exported: Exported, tmp_path: Path):
    result = called(exported.path, "--trust", exported.trust_file, "--json")
    told = json.loads(result.output)
    assert set(told) == {"verified", "kind", "node", "fingerprints", "steps", "refusal"}
    assert (told["verified"], told["kind"], told["node"], told["refusal"]) == (True, "demo", "cv", None)
    assert told["fingerprints"] == exported.pinned
    assert [step["step"] for step in told["steps"]] == [check.step for check in CHECKS]
    assert all(set(step) == {"step", "standard", "result", "details"} for step in told["steps"])
    broken = tmp_path / "broken.bundle"
    broken.write_bytes(exported.data[:-1])
    refused = called(broken, "--json")
    assert refused.exit_code == 1
    told = json.loads(refused.output)
    assert not told["verified"]
    assert told["refusal"]["error"] == "exchange.does_not_verify"
    assert [step["result"] for step in told["steps"]] == ["fails"]


def test_what_cannot_be_read_ends_with_2(exported: Exported, tmp_path: Path):
    empty, text, trust = tmp_path / "empty", tmp_path / "text", tmp_path / "trust.json"
    empty.touch()
    text.write_text("This is no bundle.")
    for file in (tmp_path / "missing", tmp_path, empty, text, "/dev/zero"):
        assert called(file).exit_code == 2, file
    for typed in ("no-such-file", "ab" * 31, "\0", str(text), str(tmp_path)):
        assert called(exported.path, "--key", typed).exit_code == 2, typed
    for said in (
        "",
        "[]",
        "[" * 60_000,
        '{"nodes": {"cv": 1}}',
        '{"nodes": {"cv": "abcd"}}',
        '{"cv": ""}',
        " " * 70_000,
    ):
        trust.write_text(said)
        assert called(exported.path, "--trust", trust).exit_code == 2, said[:60]
    assert json.loads(called(text, "--json").output)["refusal"]["error"] == "exchange.not_a_text"


def test_text_in_a_bundle_cannot_act_on_the_terminal(exported: Exported, tmp_path: Path):
    """The exporter's own name, vouched for by an administrator pair that has gone over to the forgers."""
    stage = exported.stage
    name = next(one for one in exported.only("officials") if exported.body(one)["official"] == "carla")
    body = exported.body(name) | {"name": "Carla\x1b[2J\nverified\n\u202e"}
    entry = exported.witnessed(Statement(ENTRY, body), node=stage.cv)
    members = {**exported.members, f"officials/{entry.digest}.json": entry.to_bytes()}
    del members[name]
    forged = tmp_path / "forged.bundle"
    forged.write_bytes(exported.packed(members))
    result = called(forged)
    assert result.exit_code == 1, result.output
    assert not {*result.output} & {"\x1b", "\u202e"}
    assert "verified" not in {line.strip() for line in result.output.splitlines()}


OFFLINE = """
import sys
before = set(sys.modules)
for absent in ("django", "sqlite3", "httpx"):
    sys.modules[absent] = None
def watch(event, arguments):
    if event.startswith(("socket.", "subprocess.", "os.system", "os.exec", "sqlite3.", "urllib.")):
        raise RuntimeError(event)
sys.addaudithook(watch)
from comity.cli import main
try:
    main(sys.argv[1:])
finally:
    loaded = {name for name, module in sys.modules.items() if module} - before
    print(" ".join({name.partition(".")[0] for name in loaded}), file=sys.stderr)
"""


def offline(*arguments: object) -> subprocess.CompletedProcess[str]:
    """In a Python without Django, without a database and without a network."""
    command = [sys.executable, "-c", OFFLINE, "verify", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_stranger_needs_no_django_no_database_and_no_network(exported: Exported, tmp_path: Path):
    done = offline(exported.path, "--key", exported.key_file, "--trust", exported.trust_file)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[-1] == "verified"
    broken = tmp_path / "broken.bundle"
    broken.write_bytes(exported.data[:-1] + b"\1")
    failed = offline(broken)
    assert (failed.returncode, failed.stdout.splitlines()[-1]) == (1, "does not verify")
    assert "Traceback" not in failed.stderr
    assert offline(tmp_path / "missing").returncode == 2


NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


def closure(file: Path) -> set[str]:
    """The distributions of a requirements file, and what those need on this system."""
    here = {one.name.lower().replace("_", "-") for one in metadata.distributions()}
    waiting = {name for line in file.read_text(encoding="utf-8").splitlines() for name in NAME.findall(line)[:1]}
    found: set[str] = set()
    while waiting:
        name = waiting.pop().lower().replace("_", "-")
        if name in here - found:
            found.add(name)
            needed = [one for one in metadata.requires(name) or () if "extra ==" not in one]
            waiting |= {word for one in needed for word in NAME.findall(one)[:1]}
    return found


def test_the_listed_requirements_are_all_that_it_imports(exported: Exported):
    done = offline(exported.path, "--key", exported.key_file)
    imported = set(done.stderr.splitlines()[-1].split()) - set(sys.stdlib_module_names)
    owners = metadata.packages_distributions()
    used = {name.lower().replace("_", "-") for module in imported for name in owners.get(module, [])} - {"comity"}
    assert {"cryptography", "webauthn", "rfc8785", "click"} <= used
    assert used <= closure(ROOT / "requirements" / "verify.in")


def test_every_step_is_told_in_the_strangers_page():
    page = (ROOT / "docs" / "verify.md").read_text(encoding="utf-8")
    for check in verification.CHECKS:
        assert f"| {check.step} |" in page, check.step
