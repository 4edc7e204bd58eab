"""`comity document` and `comity verify` of a PDF: what is written, what is said, exit codes, and what it runs on."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import scenes
from comity.cli.document import document
from comity.cli.verify import verify
from comity.exchange.verification_pdf import _AFTER, _BEFORE, _TEXTS
from comity.registry.queries import documents as reads
from stage import staged

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Desk:
    """A node with a letter that was received at the other one, and a folder for files."""

    node: Path
    letter: str
    decision: str
    folder: Path

    def make(self, *arguments: object) -> Result:
        command = ["make", *map(str, arguments), "--node", str(self.node), "--as", "ivo"]
        return CliRunner().invoke(document, command)

    @property
    def card(self) -> Path:
        return self.node / "card.json"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("documents")
    with staged(folder, image_bytes=3_000) as stage:
        letter = scenes.received(stage, scenes.opened(stage))
        with stage.cv.active():
            viewer = stage.seat(stage.cv, "investigator").entry.actor
            decision = reads.of_letter(letter, viewer=viewer).statements[1].digest
        yield Desk(node=stage.cv.folder, letter=letter, decision=decision, folder=folder)


@pytest.fixture(scope="module")
def pdf(desk: Desk) -> Path:
    file = desk.folder / "letter.pdf"
    done = desk.make("letter", desk.letter, file, "--json", "--language", "pt")
    assert done.exit_code == 0, done.output
    return file


def called(*arguments: object) -> Result:
    return CliRunner().invoke(verify, [str(one) for one in arguments])


def test_a_document_of_each_kind_of_a_letter_is_written_once(desk: Desk, pdf: Path):
    others = {
        "authorisation": ("--decision", desk.decision),
        "receipt": ("--of", "nl"),
    }
    for kind, options in others.items():
        file = desk.folder / f"{kind}.pdf"
        done = desk.make(kind, desk.letter, file, *options, "--json")
        assert done.exit_code == 0, done.output
        told = json.loads(done.output)
        assert (told["document"], told["file"], told["bytes"]) == (kind, str(file), file.stat().st_size)
        assert called(file, "--card", desk.card).exit_code == 0
    again = desk.make("letter", desk.letter, pdf)
    assert again.exit_code == 1
    assert type(again.exception).__name__ == "FileThere"
    unnamed = desk.make("authorisation", desk.letter, desk.folder / "none.pdf")
    assert type(unnamed.exception).__name__ == "NotNamed"
    assert not (desk.folder / "none.pdf").exists()


def test_the_card_is_all_that_a_stranger_brings(desk: Desk, pdf: Path):
    done = called(pdf, "--card", desk.card, "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    assert (told["verified"], told["kind"], told["node"]) == (True, "demo", "cv")
    found = {one["step"]: one["result"] for one in told["steps"]}
    assert {step for step, result in found.items() if result != "holds"} == {"time", "fingerprints"}, "nl is not pinned"
    assert "cv: as you brought it" in done.output
    assert all(one["standard"] and one["details"] for one in told["steps"])
    text = called(pdf, "--card", desk.card).output.splitlines()
    assert text[0] == "DEMO document of node cv: not evidence, its nodes are for practice"
    assert text[-1] == "verified"


def test_another_key_than_the_readers_does_not_verify(desk: Desk, pdf: Path, tmp_path: Path):
    trust = tmp_path / "trust.json"
    trust.write_text(json.dumps({"nodes": {"cv": "0" * 64}}))
    done = called(pdf, "--trust", trust)
    assert done.exit_code == 1
    assert "the step `fingerprints` fails at the card of node cv" in done.output
    assert called(pdf, "--trust", trust, "--card", desk.card).exit_code == 2, "two keys for one node"


def test_an_altered_document_ends_with_1_and_what_is_none_with_2(desk: Desk, pdf: Path, tmp_path: Path):
    data = pdf.read_bytes()
    altered, none = tmp_path / "altered.pdf", tmp_path / "none.pdf"
    altered.write_bytes(data[:5000] + bytes([data[5000] ^ 1]) + data[5001:])
    done = called(altered)
    assert (done.exit_code, done.output.splitlines()[-1]) == (1, "does not verify")
    none.write_bytes(b"%PD")
    assert called(none).exit_code == 2
    none.write_bytes(data + bytes(25 * 2**20))
    assert called(none).exit_code == 2
    for option in ("--card", "--time-roots"):
        assert called(pdf, option, pdf).exit_code == 2, option


OFFLINE = """
import sys
before = set(sys.modules)
for absent in ("django", "sqlite3", "httpx", *sys.argv.pop().split()):
    sys.modules[absent] = None
def watch(event, arguments):
    if event.startswith(("socket.", "subprocess.", "os.system", "os.exec", "sqlite3.", "urllib.")):
        raise RuntimeError(event)
sys.addaudithook(watch)
from comity.cli import main
main(sys.argv[1:])
"""


def test_a_stranger_needs_no_django_no_database_and_no_network(desk: Desk, pdf: Path):
    command = [sys.executable, "-c", OFFLINE, "verify", str(pdf), "--card", str(desk.card), "--json"]
    whole = subprocess.run([*command, ""], capture_output=True, text=True, check=False)
    assert whole.returncode == 0, whole.stderr
    assert {one["step"]: one["result"] for one in json.loads(whole.stdout)["steps"]}["paper"] == "holds"
    bare = subprocess.run([*command, "typst fontTools"], capture_output=True, text=True, check=False)
    assert bare.returncode == 0, bare.stderr
    assert {one["step"]: one["result"] for one in json.loads(bare.stdout)["steps"]}["paper"] == "not checked"


def test_every_step_is_told_in_the_strangers_page():
    page = (ROOT / "docs" / "verify.md").read_text(encoding="utf-8")
    for step in [*(one.step for one in (*_BEFORE, *_AFTER)), *_TEXTS.values()]:
        assert f"| {step} |" in page, step
