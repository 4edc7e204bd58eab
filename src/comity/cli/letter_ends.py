"""`comity letter`: a decision before validation, its validation, its end and its suspension, and the review of protected targets."""

from pathlib import Path
from typing import Any

import click

from comity.cli import desk
from comity.cli.deciding import decided, decision
from comity.cli.letter_noun import letter
from comity.cli.printing import answer
from comity.cli.shell import at_desk, seat
from comity.registry.actions import authorisations, reviews
from comity.registry.queries import letters as reads
from comity.registry.queries.life import standing_decision


@letter.command()
@click.argument("name")
@decided
@at_desk
def emergency(*, name: str, folder: Path, official: str, as_json: bool, **typed: Any) -> None:
    """Let the draft NAME go out before a judge validates it, where its route lets that be."""
    with seat(folder, official) as here:
        found = reads.find(name, viewer=here.entry.actor)
        digest = desk.issue_emergency(found, decision(typed), seat=here, at=here.node.clock.now())
        due = reads.letter(found, viewer=here.entry.actor)["due_at"]
    record = {"letter": found, "authorisation": digest, "validate_before": due}
    answer(record, as_json=as_json, text=f"decided: {digest}; to be validated before {due}")


@letter.command()
@click.argument("name")
@decided
@at_desk
def validate(*, name: str, folder: Path, official: str, as_json: bool, **typed: Any) -> None:
    """Validate the emergency decision of the letter NAME."""
    with seat(folder, official) as here:
        found = reads.find(name, viewer=here.entry.actor)
        digest = desk.validate(found, decision(typed), seat=here, at=here.node.clock.now())
    answer({"letter": found, "validation": digest}, as_json=as_json, text=f"validated: {digest}")


@letter.command()
@click.argument("name")
@click.option("--reason", required=True)
@at_desk
def revoke(*, name: str, reason: str, folder: Path, official: str, as_json: bool) -> None:
    """End the decision of the letter NAME: it is taken back, and what came of it is sealed off."""
    with seat(folder, official) as here:
        found = reads.find(name, viewer=here.entry.actor)
        digest = desk.revoke(found, reason=reason, seat=here, at=here.node.clock.now())
    answer({"letter": found, "lapse": digest}, as_json=as_json, text=f"ended: {digest}")


@letter.command()
@click.argument("name")
@click.option("--reason", required=True)
@at_desk
def suspend(*, name: str, reason: str, folder: Path, official: str, as_json: bool) -> None:
    """Suspend this node's decision on the letter NAME: it covers nothing until it is taken up again."""
    with seat(folder, official) as here:
        found = reads.find(name, viewer=here.entry.actor)
        digest = standing_decision(found, viewer=here.entry.actor)
        authorisations.suspend_decision(digest, reason=reason, actor=here.entry.actor, at=here.node.clock.now())
    answer({"letter": found, "suspended": digest}, as_json=as_json, text="suspended")


@letter.command()
@click.argument("name")
@click.option("--reason", required=True)
@at_desk
def resume(*, name: str, reason: str, folder: Path, official: str, as_json: bool) -> None:
    """Take this node's suspended decision on the letter NAME up again."""
    with seat(folder, official) as here:
        found = reads.find(name, viewer=here.entry.actor)
        digest = standing_decision(found, viewer=here.entry.actor)
        authorisations.resume_decision(digest, reason=reason, actor=here.entry.actor, at=here.node.clock.now())
    answer({"letter": found, "resumed": digest}, as_json=as_json, text="taken up again")


@letter.command()
@click.argument("name")
@click.option("--reason", required=True, help="Why it is still necessary.")
@at_desk
def review(*, name: str, reason: str, folder: Path, official: str, as_json: bool) -> None:
    """Review the protected targets of somebody else's letter NAME."""
    with seat(folder, official) as here:
        found = reads.find(name, viewer=here.entry.actor)
        reviews.review_letter(found, reason=reason, actor=here.entry.actor, at=here.node.clock.now())
    answer({"letter": found, "reviewed_by": official}, as_json=as_json, text="reviewed")
