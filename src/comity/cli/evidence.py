"""`comity evidence`: take in, hand over, accept and export evidence."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Final, cast

import click

from comity.cli import custody, desk
from comity.cli.printing import answer, json_option, table, told
from comity.cli.shell import Seat, at_desk, seat
from comity.evidence.events import NOT_STATED, ORIGIN, Derived, Thing
from comity.exchange.transfer import Derogation, GroundKind, TransferGround
from comity.registry import vault
from comity.registry.documents.case_import import read_case
from comity.registry.gestures.evidence import MadeOf
from comity.registry.gestures.records import is_exhibit
from comity.registry.queries import evidence as reads
from comity.registry.queries import letters
from comity.registry.vault.store import Source

STREAM: Final = "-"


@click.group()
def evidence() -> None:
    """Take in, hand over, accept and export evidence."""


for one in custody.COMMANDS:
    evidence.add_command(one)


@evidence.command(name="list")
@click.option("--tag", default="", help="Only items with this tag.")
@at_desk
def list_(*, tag: str, folder: Path, official: str, as_json: bool) -> None:
    """List the items of this node, and what other nodes offer."""
    with seat(folder, official) as here:
        items, offers = reads.items(viewer=here.entry.actor, tag=tag), reads.offered(viewer=here.entry.actor)
    text = table(items, columns=("id", "name", "bytes", "held", "letter"), empty="no item")
    text += "\n\n" + table(offers, columns=("transfer", "item", "from", "state"), empty="nothing is offered")
    answer({"items": items, "offered": offers}, as_json=as_json, text=text)


@evidence.command()
@click.argument("item")
@at_desk
def show(*, item: str, folder: Path, official: str, as_json: bool) -> None:
    """Show ITEM with its custody."""
    with seat(folder, official) as here:
        record = reads.item(item, viewer=here.entry.actor)
    answer(record, as_json=as_json, text=told(record))


@evidence.command()
@click.argument("file", type=click.Path(exists=True, allow_dash=True, path_type=Path))
@click.option("--letter", required=True, help="The recognised letter (short form) under which it was collected.")
@click.option("--name", help="Name of the item; the file's if left out; needed for -.")
@click.option("--media-type", default="", help="Left out: application/octet-stream, of a folder application/x-tar.")
@click.option("--place", required=True, help="Where it was collected.")
@click.option("--device", required=True, help="From which device.")
@click.option("--method", required=True, help="By which method.")
@click.option("--tool", required=True)
@click.option("--tool-version", required=True)
@click.option("--time-source", required=True, help="Which clock the times come from.")
@click.option("--taken-at", default=NOT_STATED, show_default=True, help="When it was collected.")
@click.option("--taken-by", default=NOT_STATED, show_default=True, help="Who collected it.")
@click.option("--selector", "selectors", multiple=True, help="Which of the letter's targets it holds; all if left out.")
@click.option(
    "--case",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CASE/UCO of another tool that describes it: its hash has to be there, and the file is kept beside it.",
)
@click.option("--made-of", default="", help="The item or exhibit here that it was made of.")
@click.option("--as-what", type=click.Choice([one.value for one in Derived]), help="What it is of that.")
@click.option("--why", default="", help="Why it was made.")
@at_desk
def add(*, file: Path, folder: Path, official: str, as_json: bool, **typed: Any) -> None:
    """Seal FILE into the vault and record its acquisition: a file, a folder as one tar, or - for what comes in."""
    origin = reads.Origin(**{name: typed[name] for name in ORIGIN})
    named, media_type = _called(file, typed)
    said = typed["case"].read_bytes() if typed["case"] else b""
    told = read_case(said) if said else None
    with seat(folder, official) as here, _source(file) as (source, length):
        letter = letters.find(typed["letter"], viewer=here.entry.actor)
        with click.progressbar(length=length or 0, label="sealing", hidden=as_json or length is None) as bar:
            item = desk.take_in(
                source,
                name=named,
                media_type=media_type,
                letter=letter,
                origin=origin,
                selectors=frozenset(typed["selectors"]),
                progress=bar.update,
                seat=here,
                at=here.node.clock.now(),
                made_of=_made_of(typed),
                expected=told.hold if told else None,
            )
        kept = _described(said, typed, letter=letter, origin=origin, here=here) if told else ""
        record = reads.item(item, viewer=here.entry.actor) | ({"description": kept} if kept else {})
    answer(record, as_json=as_json, text=f"item {item}\nSHA-256 {record['sha256']}")


def _described(said: bytes, typed: dict[str, Any], *, letter: str, origin: reads.Origin, here: Seat) -> str:
    """The description, byte for byte, as an item of its own; its reference."""
    return desk.take_in(
        cast("Source", io.BytesIO(said)),
        name=typed["case"].name,
        media_type="application/ld+json",
        letter=letter,
        origin=origin,
        selectors=frozenset(typed["selectors"]),
        progress=lambda _bytes: None,
        seat=here,
        at=here.node.clock.now(),
    )


@evidence.command(name="read-case")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
def read_case_(*, file: Path, as_json: bool) -> None:
    """Say what a CASE/UCO file of another tool describes; nothing is fetched, kept or believed."""
    told = read_case(file.read_bytes())
    listed = [one.as_record() for one in told.files]
    record = {"files": listed, "tools": list(told.tools), "statements": told.statements}
    text = table(listed, columns=("name", "bytes", "sha256"), empty="no file")
    answer(record, as_json=as_json, text=f"{text}\n\ntools: {', '.join(told.tools) or 'none named'}")


def _called(file: Path, typed: dict[str, Any]) -> tuple[str, str]:
    """The name and the type of the item: a folder is a tar, and what comes in needs a name."""
    if str(file) == STREAM and not typed["name"]:
        raise click.UsageError("what comes in has no name: give one with --name")
    if file.is_dir():
        named, type_ = f"{file.resolve().name}.tar", "application/x-tar"
    else:
        named, type_ = file.name, "application/octet-stream"
    return typed["name"] or named, typed["media_type"] or type_


@contextmanager
def _source(file: Path) -> Iterator[tuple[Source, int | None]]:
    """What is sealed, and how long it is, where somebody knows."""
    if str(file) == STREAM:
        yield cast("Source", sys.stdin.buffer), None
        return
    with vault.source(file) as found:
        yield found


def _made_of(typed: dict[str, Any]) -> MadeOf | None:
    if not typed["made_of"]:
        return None
    if not typed["as_what"] or not typed["why"]:
        raise click.UsageError("--made-of goes with --as-what and --why")
    thing = Thing.EXHIBIT if is_exhibit(typed["made_of"]) else Thing.ITEM
    return MadeOf(thing=thing, reference=typed["made_of"], kind=Derived(typed["as_what"]), reason=typed["why"])


_GROUND = (
    click.option(
        "--ground", type=click.Choice([kind.value for kind in GroundKind]), help="Left out where none is needed."
    ),
    click.option("--law", default=""),
    click.option("--article", default=""),
    click.option("--reason", default="", help="Why the transfer is necessary."),
    click.option("--recipient", default="", help="The competent authority that receives."),
    click.option("--origin", default="", help="Whose data they are, or who authorised onward transfer."),
    click.option("--document", default="", help="The instrument, or the assessment, that gives safeguards."),
    click.option("--supervisor-told", default=""),
    click.option("--derogation", type=click.Choice(["", *(one.value for one in Derogation)]), default=""),
    click.option("--rights-weighed", default="", help="Why the person's rights do not override."),
)


def ground_options(command: Any) -> Any:
    """The options that state a ground of transfer."""
    for option in reversed(_GROUND):
        command = option(command)
    return command


def stated_ground(typed: dict[str, Any]) -> TransferGround | None:
    """The ground that the options state; None where none is named."""
    ground = typed.pop("ground")
    return TransferGround(kind=GroundKind(ground), **typed) if ground else None


@evidence.command(name="hand-over")
@click.argument("item")
@ground_options
@at_desk
def hand_over(*, item: str, folder: Path, official: str, as_json: bool, **typed: Any) -> None:
    """Offer ITEM to the node whose letter asked for it, on a ground of transfer."""
    stated = stated_ground(typed)
    with seat(folder, official) as here:
        transfer = desk.hand_over(item, ground=stated, seat=here, at=here.node.clock.now())
    answer({"item": item, "transfer": transfer}, as_json=as_json, text=f"offered as transfer {transfer}")


@evidence.command()
@click.argument("transfer")
@at_desk
def accept(*, transfer: str, folder: Path, official: str, as_json: bool) -> None:
    """Sign for the item of TRANSFER that arrived."""
    with seat(folder, official) as here:
        item = desk.accept(transfer, seat=here, at=here.node.clock.now())
    answer({"transfer": transfer, "item": item}, as_json=as_json, text=f"item {item} is in our custody")


@evidence.command()
@click.argument("item")
@click.argument("bundle", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--reason", required=True, help="For whom, and why.")
@click.option("--key-file", type=click.Path(dir_okay=False, path_type=Path), help="Write the item's key here.")
@at_desk
def export(
    *, item: str, bundle: Path, reason: str, key_file: Path | None, folder: Path, official: str, as_json: bool
) -> None:
    """Write ITEM with everything that proves it into the file BUNDLE; the item stays sealed in it."""
    from comity.cli.exporting import export as export_bundle

    with (
        seat(folder, official) as here,
        click.progressbar(length=reads.sealed_bytes(item, viewer=here.entry.actor), hidden=as_json) as bar,
    ):
        export_bundle(item, bundle, reason=reason, key_file=key_file, progress=bar.update, seat=here)
    record = {"item": item, "bundle": str(bundle), "key_file": str(key_file) if key_file else ""}
    answer(record, as_json=as_json, text=f"bundle {bundle}; check it with `comity verify {bundle}`")


@evidence.command(name="export-age")
@click.argument("item")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--reason", required=True, help="For whom, and why.")
@click.option("--to", "recipients", multiple=True, required=True, help="A public key: age1..., ssh-ed25519 ...")
@at_desk
def export_age(
    *, item: str, file: Path, reason: str, recipients: tuple[str, ...], folder: Path, official: str, as_json: bool
) -> None:
    """Write the content of ITEM and its custody into the age FILE, which stock `age` opens for these recipients only."""
    from comity.cli.exporting import export_age as export_file

    with (
        seat(folder, official) as here,
        click.progressbar(length=reads.sealed_bytes(item, viewer=here.entry.actor), hidden=as_json) as bar,
    ):
        to = export_file(item, file, reason=reason, recipients=recipients, progress=bar.update, seat=here)
    record = {"item": item, "file": str(file), "recipients": to}
    answer(record, as_json=as_json, text=f"{file}; it opens with `age -d -i IDENTITY {file} | tar x`")


import_module("comity.cli.evidence_protection")  # its commands join the same noun
