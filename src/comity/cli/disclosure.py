"""`comity disclosure`: the complete list of a case for the defence, what is withheld and why, and its file."""

import re
from pathlib import Path
from typing import Final

import click

from comity.cli import desk
from comity.cli.exporting import FileTaken
from comity.cli.printing import answer, table
from comity.cli.shell import at_desk, seat
from comity.errors import N_, ComityError
from comity.evidence.disclosure import Ground
from comity.registry.gestures.disclosures import Choice, prepare_disclosure
from comity.registry.jobs import disclosures as jobs
from comity.registry.queries import disclosures as reads

_TYPED: Final = re.compile(
    r"(?P<name>[a-z]+:[0-9a-f]{32})(?P<closed>(/[^=,]*)(,/[^=,]*)*)?=(?P<ground>[a-z_]+):(?P<reason>.+)"
)


class ChoiceBroken(ComityError):
    """What is to be withheld was not typed as it has to be."""

    code = "disclosure.choice_broken"
    sentence = N_("{typed} says nothing that can be withheld")
    hint = N_(
        "Type kind:reference=ground:reason, or kind:reference/field,/field=ground:reason to close fields of a text."
    )


@click.group()
def disclosure() -> None:
    """Disclose a case to the defence: everything is listed, also what is withheld."""


@disclosure.command()
@click.argument("case")
@at_desk
def held(*, case: str, folder: Path, official: str, as_json: bool) -> None:
    """List everything that is held in CASE, as a disclosure has to."""
    with seat(folder, official) as here:
        found = [{"name": one.name, "label": one.label} for one in reads.held_in(case, viewer=here.entry.actor)]
    answer({"things": found}, as_json=as_json, text=table(found, columns=("name", "label"), empty="nothing"))


@disclosure.command()
@click.argument("case")
@click.option("--to", "counsel", required=True, help="Counsel for the defence, by the short name at this node.")
@click.option("--for", "for_", required=True, help="Whom counsel defends.")
@click.option(
    "--withhold", multiple=True, help="kind:reference=ground:reason, or kind:reference/field,/field=ground:reason."
)
@click.option("--knowingly", is_flag=True, help="What is closed in one text may stand openly in another.")
@at_desk
def issue(
    *,
    case: str,
    counsel: str,
    for_: str,
    withhold: tuple[str, ...],
    knowingly: bool,
    folder: Path,
    official: str,
    as_json: bool,
) -> None:
    """Sign the complete list of CASE for counsel; what is not withheld is disclosed."""
    choices = dict(map(_choice, withhold))
    with seat(folder, official) as here:
        at = here.node.clock.now()
        prepared = prepare_disclosure(
            case, counsel=counsel, for_=for_, choices=choices, knowingly=knowingly, actor=here.entry.actor, at=at
        )
        reference = desk.finished(prepared, seat=here, at=at)
    answer({"disclosure": reference}, as_json=as_json, text=f"disclosed: {reference}")


def _choice(typed: str) -> tuple[str, Choice]:
    read = _TYPED.fullmatch(typed)
    if read is None or read["ground"] not in list(Ground):
        raise ChoiceBroken(typed=repr(typed)[:80])
    closed = tuple(read["closed"].split(",")) if read["closed"] else ()
    return read["name"], Choice(ground=Ground(read["ground"]), reason=read["reason"], closed=closed)


@disclosure.command(name="list")
@at_desk
def list_(*, folder: Path, official: str, as_json: bool) -> None:
    """List the disclosures that you see."""
    with seat(folder, official) as here:
        found = reads.disclosures(viewer=here.entry.actor)
    columns = ("disclosure", "counsel", "for", "at", "by", "things")
    answer({"disclosures": found}, as_json=as_json, text=table(found, columns=columns, empty="none"))


@disclosure.command()
@click.argument("reference")
@at_desk
def show(*, reference: str, folder: Path, official: str, as_json: bool) -> None:
    """Show every line of a disclosure: what is disclosed, what is withheld and why."""
    with seat(folder, official) as here:
        record = reads.disclosure(reference, viewer=here.entry.actor)
    columns = ("number", "kind", "outcome", "label", "ground", "reason")
    answer(record, as_json=as_json, text=table(record["lines"], columns=columns, empty="nothing"))


@disclosure.command()
@click.argument("reference")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@at_desk
def take(*, reference: str, file: Path, folder: Path, official: str, as_json: bool) -> None:
    """Write the file of a disclosure, to be verified with `comity verify`."""
    if file.exists():
        raise FileTaken(file=file.name)
    with seat(folder, official) as here:
        data = jobs.take(reference, actor=here.entry.actor, at=here.node.clock.now())
        with file.open("xb") as out:
            out.write(data)
    answer({"disclosure": reference, "file": str(file), "bytes": len(data)}, as_json=as_json, text=f"written: {file}")
