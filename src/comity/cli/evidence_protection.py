"""`comity evidence`: protected persons in an item, and the erasure of what a decision that has ended brought."""

from pathlib import Path

import click

from comity.cases.protection import FLAGS
from comity.cli import desk
from comity.cli.evidence import evidence
from comity.cli.printing import answer
from comity.cli.shell import at_desk, seat
from comity.registry.actions import reviews


@evidence.command(name="flag")
@click.argument("item")
@click.option("--flag", "flags", multiple=True, required=True, type=click.Choice(FLAGS))
@click.option("--reason", required=True, help="Whom you found in it.")
@at_desk
def flag(*, item: str, flags: tuple[str, ...], reason: str, folder: Path, official: str, as_json: bool) -> None:
    """Say that somebody who is protected turned up in ITEM: it leaves only after somebody else reviewed it."""
    listed = sorted(set(flags))
    with seat(folder, official) as here:
        reviews.flag_item(item, listed, reason=reason, actor=here.entry.actor, at=here.node.clock.now())
    answer({"item": item, "flags": listed}, as_json=as_json, text=f"flagged: {', '.join(listed)}")


@evidence.command(name="review")
@click.argument("item")
@click.option("--reason", required=True, help="Why it is still necessary.")
@at_desk
def review(*, item: str, reason: str, folder: Path, official: str, as_json: bool) -> None:
    """Review ITEM for protected persons; who reviewed it neither hands it over nor exports it."""
    with seat(folder, official) as here:
        reviews.review_item(item, reason=reason, actor=here.entry.actor, at=here.node.clock.now())
    answer({"item": item, "reviewed_by": official}, as_json=as_json, text="reviewed")


@evidence.command(name="erase")
@click.argument("item")
@at_desk
def erase(*, item: str, folder: Path, official: str, as_json: bool) -> None:
    """Destroy the key of ITEM, whose decision has ended; the other side is told."""
    with seat(folder, official) as here:
        digest = desk.erase(item, seat=here, at=here.node.clock.now())
    answer({"item": item, "erasure": digest}, as_json=as_json, text=f"erased: {digest}")
