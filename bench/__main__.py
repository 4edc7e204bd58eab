"""`python -m bench`: measure every subject and print each figure beside its peer.

* A row is `{"name", "ours", "peer", "ratio", "unit", "peer_name"}`, and `"goal"` where a ratio has one.
* A ratio is written so that more is better: 1 is as good as the peer.
* The exit code is 1 if a ratio stays below its goal, so that a machine can ask.
"""

import argparse
import importlib
import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

SUBJECTS: Final = ("sealing", "ledger", "law", "letters", "lists")
COLUMNS: Final = ("what", "ours", "peer", "unit", "ratio", "goal", "beside")

Row: TypeAlias = Mapping[str, Any]


def main(arguments: Iterable[str]) -> int:
    asked = _asked(arguments)
    rows = [row for subject in asked.subjects or SUBJECTS for row in _measured(subject, quick=asked.quick)]
    if asked.json:
        print(json.dumps(rows, indent=2))
    else:
        print(table(rows))
    return int(any(below_goal(row) for row in rows))


def table(rows: Iterable[Row]) -> str:
    """The rows aligned, figures to the right; a ratio below its goal carries an exclamation mark."""
    lines = [COLUMNS, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(COLUMNS))]
    figures = {COLUMNS.index(name) for name in ("ours", "peer", "ratio", "goal")}
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column in figures else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def below_goal(row: Row) -> bool:
    """Whether the row has a goal and does not reach it."""
    return "goal" in row and row["ratio"] < row["goal"]


def _cells(row: Row) -> tuple[str, ...]:
    ratio = f"{row['ratio']:.2f}" + ("!" if below_goal(row) else "")
    goal = f"{row['goal']:.2f}" if "goal" in row else ""
    return (row["name"], _figure(row["ours"]), _figure(row["peer"]), row["unit"], ratio, goal, row["peer_name"])


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _measured(subject: str, *, quick: bool) -> list[Row]:
    print(f"measuring {subject} ...", file=sys.stderr)
    measured: list[Row] = importlib.import_module(f"bench.{subject}").rows(quick=quick)
    return measured


def _asked(arguments: Iterable[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Figures beside their peers, median of 5.")
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT", help=f"of {', '.join(SUBJECTS)}; all if none")
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    parser.add_argument("--quick", action="store_true", help="smaller amounts: shows that it runs, not how fast it is")
    asked = parser.parse_args(list(arguments))
    unknown = set(asked.subjects) - set(SUBJECTS)
    if unknown:
        parser.error(f"no such subject: {', '.join(sorted(unknown))}")
    return asked


sys.exit(main(sys.argv[1:]))
