"""Print docs/errors.md: every refusal with its code, its sentence and what to do, read from the classes themselves.

    python scripts/list_errors.py > docs/errors.md

A test compares the page with what this prints.
"""

import importlib
import pkgutil
from collections.abc import Iterator

import comity
from comity.cli import shell  # noqa: F401 - sets Django up before a module imports tables
from comity.errors import ComityError

HEAD = """# Refusals

Every expected "no": what a desk prints, what an address answers, what an overseer finds in the log. Names in braces are
facts of the case. Written by `scripts/list_errors.py`; do not edit.

A command prints `refused (code): sentence. What to do` and exits with 1; with `--json` it prints
`{"error": code, "message": sentence, "hint": what to do, "facts": {...}}`."""
RUNS_WHEN_IMPORTED = ("comity.cli.__main__", "comity.node.wsgi")


def refusals() -> list[type[ComityError]]:
    """Every refusal of the house, by code."""
    for module in pkgutil.walk_packages(comity.__path__, "comity."):
        if module.name not in RUNS_WHEN_IMPORTED:
            importlib.import_module(module.name)
    ours = (one for one in _below(ComityError) if one.__module__.startswith("comity."))
    return sorted(ours, key=lambda one: one.code)


def page() -> str:
    """The whole page."""
    lines, subject = [HEAD], ""
    for one in refusals():
        if (found := one.code.partition(".")[0]) != subject:
            subject = found
            lines += ["", f"## {subject}", "", "| code | sentence | what to do |", "|---|---|---|"]
        lines.append(f"| `{one.code}` | {_cell(one.sentence)} | {_cell(one.hint)} |")
    return "\n".join(lines) + "\n"


def _below(parent: type[ComityError]) -> Iterator[type[ComityError]]:
    for child in parent.__subclasses__():
        yield child
        yield from _below(child)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    print(page(), end="")
