"""`comity document`: signed PDF files for people, with the signed texts inside; they work without any node."""

import os
from pathlib import Path

import click

from comity.cli.printing import answer
from comity.cli.shell import Seat, at_desk, seat
from comity.cli.verify import verify
from comity.errors import N_, ComityError
from comity.exchange.document import DocumentKind
from comity.registry.jobs import documents as jobs
from comity.registry.queries import documents as reads
from comity.registry.queries import letters
from comity.registry.queries.documents import Sheaf


class NotNamed(ComityError):
    """A document that is about a part of a letter, and the part is not named."""

    code = "cli.document_part_not_named"
    sentence = N_("a document of kind {kind} needs {option}")


class FileThere(ComityError):
    """A document never overwrites."""

    code = "cli.document_file_there"
    sentence = N_("{file} cannot be written: {why}")
    hint = N_("Name another file.")


@click.group()
def document() -> None:
    """Make signed PDF files that work without a node, and verify them."""


@document.command()
@click.argument("kind", type=click.Choice([one.value for one in DocumentKind]))
@click.argument("name")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--decision", default="", help="Digest of the decision (authorisation).")
@click.option("--of", "node_of", default="", help="The node that gave the receipt (receipt).")
@click.option("--language", default="en", help="The language of the labels; texts stay as they were signed.")
@at_desk
def make(
    *,
    kind: str,
    name: str,
    file: Path,
    decision: str,
    node_of: str,
    language: str,
    folder: Path,
    official: str,
    as_json: bool,
) -> None:
    """Make the document of NAME (a letter's short form or digest; for custody an item) and write it to the new FILE."""
    if file.exists():
        raise FileThere(file=file, why="it is there already")
    with seat(folder, official) as here:
        actor = here.entry.actor
        sheaf = _sheaf(DocumentKind(kind), name, decision=decision, node_of=node_of, seat=here)
        made = jobs.make(sheaf, language=language, actor=actor, at=here.node.clock.now())
    _write(file, made.pdf)
    record = {
        "document": kind,
        "subject": sheaf.subject,
        "file": str(file),
        "bytes": len(made.pdf),
        "sha256": made.sha256,
        "language": language,
    }
    answer(record, as_json=as_json, text=f"{file}: {len(made.pdf)} bytes, SHA-256 {made.sha256}")


document.add_command(verify)


def _sheaf(kind: DocumentKind, name: str, *, decision: str, node_of: str, seat: Seat) -> Sheaf:
    viewer = seat.entry.actor
    if kind is DocumentKind.CUSTODY:
        return reads.of_custody(name, viewer=viewer)
    letter = letters.find(name, viewer=viewer)
    if kind is DocumentKind.LETTER:
        return reads.of_letter(letter, viewer=viewer)
    if kind is DocumentKind.AUTHORISATION:
        if not decision:
            raise NotNamed(kind=kind.value, option="--decision")
        return reads.of_authorisation(letter, decision, viewer=viewer)
    if not node_of:
        raise NotNamed(kind=kind.value, option="--of")
    return reads.of_receipt(letter, node_of, viewer=viewer)


def _write(file: Path, pdf: bytes) -> None:
    """A file that only its owner reads; raises `FileThere`."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as broken:
        raise FileThere(file=file, why=broken.strerror or "it cannot be made") from broken
    with os.fdopen(descriptor, "wb") as out:
        out.write(pdf)
