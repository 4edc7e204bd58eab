"""`comity exhibit`: things on a shelf, seized, labelled, and signed over from hand to hand."""

from pathlib import Path
from typing import Any

import click

from comity.cli import desk
from comity.cli.evidence import ground_options, stated_ground
from comity.cli.printing import answer, table, told
from comity.cli.shell import at_desk, seat
from comity.evidence.exhibit import ExhibitKind, typed_seals
from comity.registry.gestures.exhibits import Seized
from comity.registry.queries import custody, exhibits, letters
from comity.registry.queries.evidence import Origin


@click.group()
def exhibit() -> None:
    """Seize, label and hand over things: devices, cold wallets, documents."""


@exhibit.command(name="list")
@click.option("--tag", default="", help="Only those with this tag.")
@at_desk
def list_(*, tag: str, folder: Path, official: str, as_json: bool) -> None:
    """List the exhibits of this node, and what waits for your signature."""
    with seat(folder, official) as here:
        found = exhibits.exhibits(viewer=here.entry.actor, tag=tag)
        waiting = exhibits.hand_overs(viewer=here.entry.actor)
    text = table(found, columns=("id", "number", "kind", "place", "keeper", "held"), empty="no exhibit")
    text += "\n\n" + table(waiting, columns=("transfer", "exhibit", "number", "from"), empty="nothing waits for you")
    answer({"exhibits": found, "waiting": waiting}, as_json=as_json, text=text)


@exhibit.command()
@click.argument("reference")
@at_desk
def show(*, reference: str, folder: Path, official: str, as_json: bool) -> None:
    """Show the exhibit REFERENCE with its custody."""
    with seat(folder, official) as here:
        record = exhibits.exhibit(reference, viewer=here.entry.actor)
        links = custody.exhibit_history(reference, viewer=here.entry.actor).links
    record = record | {"custody": [one.body | {"digest": one.digest, "settled": one.settled} for one in links]}
    answer(record, as_json=as_json, text=told(record))


@exhibit.command()
@click.argument("number")
@click.option("--letter", required=True, help="The recognised letter (short form) under which it was seized.")
@click.option("--kind", type=click.Choice([one.value for one in ExhibitKind]), required=True)
@click.option("--description", required=True)
@click.option("--serial", default="", help="What the maker wrote on it.")
@click.option("--shelf", required=True, help="Where it lies now.")
@click.option("--seals", default="", help="Numbers of the seals, with commas between.")
@click.option("--place", required=True, help="Where it was seized.")
@click.option("--device", required=True, help="Of what it was part, or itself.")
@click.option("--method", required=True)
@click.option("--tool", default="not_stated", show_default=True)
@click.option("--tool-version", default="not_stated", show_default=True)
@click.option("--time-source", required=True)
@click.option("--taken-at", default="not_stated", show_default=True)
@click.option("--taken-by", default="not_stated", show_default=True)
@click.option(
    "--selector", "selectors", multiple=True, help="Which of the letter's targets it concerns; all if left out."
)
@at_desk
def seize(*, number: str, folder: Path, official: str, as_json: bool, **typed: Any) -> None:
    """Record that a thing was seized, as exhibit NUMBER."""
    names = ("place", "device", "method", "tool", "tool_version", "time_source", "taken_at", "taken_by")
    with seat(folder, official) as here:
        seized = Seized(
            number=number,
            kind=ExhibitKind(typed["kind"]),
            description=typed["description"],
            serial=typed["serial"],
            letter=letters.find(typed["letter"], viewer=here.entry.actor),
            origin=Origin(**{name: typed[name] for name in names}),
            selectors=frozenset(typed["selectors"]),
            place=typed["shelf"],
            seals=typed_seals(typed["seals"]),
        )
        reference = desk.seize(seized, seat=here, at=here.node.clock.now())
    answer({"exhibit": reference, "number": number}, as_json=as_json, text=f"exhibit {number} is {reference}")


@exhibit.command(name="hand-over")
@click.argument("reference")
@click.option("--to", default="", help="A custodian of this node; left out: to whom the letter names.")
@click.option("--shelf", required=True, help="Where it lies then.")
@click.option("--why", required=True, help="Why it changes hands.")
@ground_options
@at_desk
def hand_over(
    *, reference: str, to: str, shelf: str, why: str, folder: Path, official: str, as_json: bool, **typed: Any
) -> None:
    """Sign the exhibit REFERENCE over; the receiver signs next."""
    with seat(folder, official) as here:
        at = here.node.clock.now()
        desk.hand_over_exhibit(reference, to=to, place=shelf, reason=why, ground=stated_ground(typed), seat=here, at=at)
        waiting = exhibits.exhibit(reference, viewer=here.entry.actor)["waiting"]
    answer({"exhibit": reference, "transfer": waiting}, as_json=as_json, text=f"signed over as {waiting}")


@exhibit.command()
@click.argument("transfer")
@at_desk
def accept(*, transfer: str, folder: Path, official: str, as_json: bool) -> None:
    """Sign for the exhibit of the hand-over TRANSFER."""
    with seat(folder, official) as here:
        reference = desk.accept_exhibit(transfer, seat=here, at=here.node.clock.now())
    answer(
        {"transfer": transfer, "exhibit": reference}, as_json=as_json, text=f"exhibit {reference} is in your custody"
    )
