"""A short run of every harness, the same each time: none of them may rot, and none may find anything."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from fuzz.formats import FORMATS

from exported import Exported
from seeds import write_seeds

ROOT = Path(__file__).parents[2]
RUNS = 1000
BROKEN = """
import sys
from fuzz.__main__ import FORMATS, main
def careless(data, cards):
    if b'"body"' in data:
        raise KeyError("body")
FORMATS["letter"] = careless
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def seeds(exported: Exported, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fuzz") / "seeds"
    write_seeds(exported, folder)
    return folder


def fuzzed(*command: object) -> tuple[int, str]:
    asked = [sys.executable, *map(str, command)]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False, errors="replace", timeout=300)
    return done.returncode, done.stdout + done.stderr[-4000:]


def test_every_format_begins_with_real_files(seeds: Path):
    assert {folder.name for folder in seeds.iterdir()} - {"findings"} == set(FORMATS)
    assert all(any((seeds / name).iterdir()) for name in FORMATS)


if find_spec("atheris") is not None:  # it has wheels for Linux on x86-64 only

    @pytest.mark.slow
    def test_no_reader_of_a_strangers_bytes_raises_anything_but_a_refusal(seeds: Path):
        code, said = fuzzed("-m", "fuzz", "--seeds", seeds, "--runs", RUNS)
        assert code == 0, said
        assert [line.split()[0] for line in said.splitlines() if line.endswith(" ...")] == list(FORMATS)

    @pytest.mark.slow
    def test_a_reader_that_raises_anything_else_is_found(seeds: Path):
        code, said = fuzzed("-c", BROKEN, "letter", "--seeds", seeds, "--runs", RUNS)
        assert code == 1, said
        assert "KeyError" in said
        assert list((seeds / "findings").glob("letter-crash-*"))
