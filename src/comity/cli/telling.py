"""How the demo speaks: a line for each step of the story, and progress where somebody watches."""

import sys
from collections.abc import Callable

import click

from comity.cli.story import Told


class Teller:
    """Prints the story for people; silent where one JSON document is wanted."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._shown = -1
        self._live = sys.stdout.isatty()

    def line(self, text: str) -> None:
        """One line of text."""
        self._clear()
        if not self._quiet:
            click.echo(text)

    def told(self, told: Told) -> None:
        """One step that has just been done."""
        article = f"  [{told.article}]" if told.article else ""
        clock = f"  {told.clock}" if told.clock else ""
        self.line(f"{told.seconds:7.2f} s  {told.node}  {told.step}{article}{clock}")
        for note in told.notes:
            self.line(f"               {note}")

    def progress(self, what: str, done: int, of: int) -> None:
        """How far something is, on a line that is written over."""
        percent = 100 * done // of if of else 0
        if self._live and not self._quiet and percent != self._shown:
            self._shown = percent
            click.echo(f"\r{what} {percent:3d} %  ", nl=False)

    def verified(self, lines: list[str]) -> None:
        """What the verifier said, without its last word."""
        for text in lines[:-1]:
            self.line(f"           {text}")

    def _clear(self) -> None:
        if self._shown >= 0 and self._live and not self._quiet:
            click.echo("\r" + " " * 40 + "\r", nl=False)
        self._shown = -1


class Counter:
    """Adds up lengths for a progress line."""

    def __init__(self, tell: Callable[[int], None]) -> None:
        self._tell = tell
        self._count = 0

    def __call__(self, length: int) -> None:
        self._count += length
        self._tell(self._count)
