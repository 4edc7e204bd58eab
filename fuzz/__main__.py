"""`python -m fuzz [FORMAT ...]`: try each format for some seconds or runs, led by what its code does.

* `--seeds` names a folder of real files for each format, as `tests/seeds.py` makes it. New inputs that reach
  further are kept beside them, an input that broke something lies there in `findings`.
* Each format is tried in a process of its own, which libFuzzer ends; the exit code is 1 if one of them found something.
"""

import argparse
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import atheris

from fuzz.mutation import mutated

with atheris.instrument_imports(include=["comity"]):
    from comity.authorities.statement import Statement
    from comity.errors import ComityError
    from comity.exchange.card import NodeCard, read_card
    from fuzz.formats import FORMATS, Harness

LIMITS: Final = ("-timeout=20", "-rss_limit_mb=1024", "-max_len=262144", "-verbosity=0")
"""Of one input: seconds, and memory of the process."""


def main(arguments: Iterable[str]) -> int:
    """0 if no format found anything, 1 otherwise."""
    asked = _asked(arguments)
    enough = [f"-runs={asked.runs}"] if asked.runs else [f"-max_total_time={asked.seconds}"]
    found = [
        name for name in asked.formats or FORMATS if not tried(name, asked.seeds, [f"-seed={asked.seed}", *enough])
    ]
    print(f"found something: {', '.join(found)}" if found else "nothing found")
    return int(bool(found))


def tried(name: str, seeds: Path, options: list[str]) -> bool:
    """Whether a format held, in a child of this process that has loaded everything already."""
    print(f"{name} ...", flush=True)
    child = os.fork()
    if child == 0:
        _try(FORMATS[name], cards=_cards(seeds / "card"), folder=seeds / name, options=options)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 0


def _try(harness: Harness, *, cards: dict[str, NodeCard], folder: Path, options: list[str]) -> None:
    """Give the harness one input after another until the options say that it is enough; ends the process."""

    def once(data: bytes) -> None:
        try:
            harness(data, cards)
        except ComityError:
            return

    findings = folder.parent / "findings"
    findings.mkdir(exist_ok=True)
    kept = f"-artifact_prefix={findings}/{folder.name}-"
    atheris.Setup([sys.argv[0], *LIMITS, kept, *options, str(folder)], once, custom_mutator=mutated)
    atheris.Fuzz()


def _cards(folder: Path) -> dict[str, NodeCard]:
    """The cards among the seeds: they alone are named so."""
    cards = (read_card(Statement.from_bytes(file.read_bytes())) for file in sorted(folder.glob("seed-*")))
    return {card.node: card for card in cards}


def _asked(arguments: Iterable[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description="Try what reads a stranger's bytes.")
    parser.add_argument("formats", nargs="*", help=f"all, or some of: {', '.join(FORMATS)}")
    parser.add_argument("--seeds", type=Path, default=Path("build/fuzz"))
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--runs", type=int, default=0, help="so many inputs instead of so many seconds")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(list(arguments))
    for name in asked.formats:
        if name not in FORMATS:
            parser.error(f"there is no format {name}")
    return asked


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
