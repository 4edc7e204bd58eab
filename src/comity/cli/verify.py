"""`comity verify`: check what a node hands out as a file, offline, with public keys alone; no network, no Django.

Exit codes: 0 verified; 1 does not verify (the step and the member are named); 2 cannot be read. The last line of the
text says `verified` or `does not verify`.
"""

import json
import logging
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

import click

from comity.authorities.statement import Statement
from comity.cli.printing import answer, json_option
from comity.errors import N_, ComityError, as_record, explain
from comity.evidence.seal import KEY_BYTES
from comity.exchange.card import CARD_BYTES_MAX, NodeCard, NodeKind, read_card
from comity.exchange.document import PDF_BYTES_MAX, PDF_HEADER, NotADocument
from comity.exchange.verification import DoesNotVerify, NotABundle, Result, Step, Verification
from comity.exchange.verification_text import TEXT_BYTES_MAX, CardNotBrought, NotAText, TextVerification
from comity.ledger.time_stamp import RootsBroken, trusted_roots

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from comity.exchange.verification_pdf import PdfVerification

KEY_FILE_BYTES_MAX: Final = 1024
TRUST_FILE_BYTES_MAX: Final = 64 * 1024
_LAYING_OUT: Final = ("typst", "fontTools", "fontpkg_noto_sans", "fontpkg_noto_sans_arabic")
"""What a reader may go without: then the pages are not made again."""

DOES_NOT_VERIFY: Final = 1
CANNOT_BE_READ: Final = 2
_ZIP: Final = b"PK"
_HEX_KEY: Final = re.compile(rf"[0-9a-fA-F]{{{2 * KEY_BYTES}}}")
_FINGERPRINT: Final = re.compile(r"[0-9a-fA-F]{64}")


class CannotBeRead(ComityError):
    """A file or a value is not what the command reads."""

    code = "verify.cannot_be_read"
    sentence = N_("{what} cannot be read: {why}")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", "typed_key", help="The item's key, or a file that holds it: 64 hexadecimal characters.")
@click.option(
    "--trust",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help='Fingerprints that people compared: {"nodes": {"cv": "..."}}.',
)
@click.option(
    "--card",
    "cards",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The card of a node, as you got it from its authority; its key is the one that counts. Several are taken.",
)
@click.option(
    "--time-roots",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Root certificates (PEM) of the authorities for time that you trust.",
)
@json_option
def verify(
    *,
    file: Path,
    typed_key: str | None,
    trust: Path | None,
    cards: tuple[Path, ...],
    time_roots: Path | None,
    as_json: bool,
) -> None:
    """Verify FILE offline, without any node: a bundle, a signed PDF, a checkpoint, a proof, a receipt or a signed text."""
    try:
        key = None if typed_key is None else _key(typed_key)
        pinned, read = _joined({} if trust is None else _pinned(trust), cards)
        roots = () if time_roots is None else _roots(time_roots)
        brought = _Brought(pinned=pinned, cards=read, key=key, roots=roots)
        with file.open("rb") as stream:
            passed = _verified(stream, brought=brought, as_json=as_json)
    except (CannotBeRead, CardNotBrought, NotABundle, NotADocument, NotAText) as refusal:
        _cannot_be_read(refusal, as_json=as_json)
    except OSError as broken:
        _cannot_be_read(CannotBeRead(what=file, why=broken.strerror or str(broken)), as_json=as_json)
    else:
        sys.exit(0 if passed else DOES_NOT_VERIFY)


def _cannot_be_read(refusal: ComityError, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"verified": False, "refusal": as_record(refusal)}, indent=2, ensure_ascii=False))
    else:
        click.echo(f"cannot be read: {explain(refusal)}", err=True)
    sys.exit(CANNOT_BE_READ)


@dataclass(frozen=True)
class _Brought:
    """What the reader has from elsewhere: fingerprints and cards by node, the item's key, roots that certify time."""

    pinned: dict[str, str]
    cards: dict[str, NodeCard]
    key: bytes | None
    roots: "tuple[Certificate, ...]"


def _verified(stream: BinaryIO, *, brought: _Brought, as_json: bool) -> bool:
    """Whether every step held; says what was found. Raises `NotABundle`, `NotADocument`, `NotAText` or `CardNotBrought`."""
    begins = stream.read(len(PDF_HEADER))
    size = stream.seek(0, 2)
    stream.seek(0)
    refusal: DoesNotVerify | None = None
    steps: list[Step] = []
    silent = as_json or not sys.stderr.isatty()
    with click.progressbar(length=size * (1 if brought.key is None else 2), hidden=silent, file=sys.stderr) as bar:
        said, reading = _reading(stream, begins, brought=brought, progress=bar.update)
        try:
            for step in reading.steps():
                steps.append(step)  # noqa: PERF402 - what held before the failure is shown, too
        except DoesNotVerify as failed:
            refusal = failed
            details = (f"{failed.facts['member']}: {failed.facts['why']}",)
            found = (str(failed.facts["step"]), str(failed.facts["standard"]), Result.FAILS, details)
            steps.append(Step(*found))
    record = {
        "verified": refusal is None,
        "kind": reading.kind,
        "node": reading.node,
        "fingerprints": reading.fingerprints,
        "steps": [vars(step) for step in steps],
        "refusal": None if refusal is None else as_record(refusal),
    }
    answer(record, as_json=as_json, text="\n".join(_lines(said, reading, steps, refusal)))
    return refusal is None


def _reading(
    stream: BinaryIO, begins: bytes, *, brought: _Brought, progress: Callable[[int], None]
) -> "tuple[str, Verification | PdfVerification | TextVerification]":
    """What a file is, by how it begins, and its reading."""
    if begins == PDF_HEADER:
        data = stream.read(PDF_BYTES_MAX + 1)
        return "document", _document(data, pinned=brought.pinned, roots=brought.roots)
    if begins.startswith(_ZIP):
        pinned, key, roots = brought.pinned, brought.key, brought.roots
        return "bundle", Verification(stream, pinned=pinned, key=key, progress=progress, time_roots=roots)
    return "text", TextVerification(stream.read(TEXT_BYTES_MAX + 1), cards=brought.cards)


def _document(data: bytes, *, pinned: dict[str, str], roots: "tuple[Certificate, ...]") -> "PdfVerification":
    """The reading of a signed PDF; its libraries are loaded for one only."""
    from comity.exchange.verification_pdf import PdfVerification, Pinned
    from comity.registry.documents.again import laid_out_again

    # what its reader finds odd in a file is not printed: the file's own words would stand on the terminal
    logging.getLogger("pyhanko").addHandler(logging.NullHandler())

    lay_out = laid_out_again if all(find_spec(name) for name in _LAYING_OUT) else None
    return PdfVerification(data, pinned=Pinned(fingerprints=pinned, time_roots=roots), lay_out=lay_out)


def _lines(
    said: str,
    reading: "Verification | PdfVerification | TextVerification",
    steps: list[Step],
    refusal: DoesNotVerify | None,
) -> Iterator[str]:
    if reading.kind:
        warning = "" if reading.kind == NodeKind.LIVE else ": not evidence, its nodes are for practice"
        yield f"{reading.kind.upper()} {said} of node {reading.node}{warning}"
    for step in steps:
        yield f"{step.result.value + ':':12} {step.step} [{step.standard}]"
        yield from (f"{'':15}{_shown(detail)}" for detail in step.details)
    if refusal is not None:
        yield _shown(explain(refusal))
    yield "verified" if refusal is None else "does not verify"


def _shown(text: str) -> str:
    """Text from a bundle without what would act on a terminal or deceive the eye."""
    return "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in text)


def _key(typed: str) -> bytes:
    """The key that was typed, or that lies in the file of that name; raises `CannotBeRead`."""
    found = typed
    if not _HEX_KEY.fullmatch(typed):
        try:
            with Path(typed).open("rb") as file:
                found = file.read(KEY_FILE_BYTES_MAX).decode("ascii", errors="replace").strip()
        except (OSError, ValueError) as broken:  # a name with NUL is a ValueError
            raise CannotBeRead(what="--key", why="it is neither 64 hexadecimal characters nor a file") from broken
    if not _HEX_KEY.fullmatch(found):
        raise CannotBeRead(what="--key", why=f"the file {typed} does not hold 64 hexadecimal characters")
    return bytes.fromhex(found)


def _pinned(file: Path) -> dict[str, str]:
    """The fingerprints in a trust file, by node; raises `CannotBeRead`."""
    with file.open("rb") as stream:
        data = stream.read(TRUST_FILE_BYTES_MAX + 1)
    try:
        if len(data) > TRUST_FILE_BYTES_MAX:
            raise CannotBeRead(what=file, why=f"it is longer than {TRUST_FILE_BYTES_MAX} bytes")
        read = json.loads(data)
    except (ValueError, RecursionError) as broken:
        raise CannotBeRead(what=file, why=f"it is no JSON: {broken}") from broken
    match read:
        case {"nodes": dict(nodes), **rest} if not rest and all(_is_fingerprint(one) for one in nodes.values()):
            return nodes
        case _:
            raise CannotBeRead(what=file, why='expected {"nodes": {"<node>": "<fingerprint>"}}')


def _joined(pinned: dict[str, str], cards: tuple[Path, ...]) -> tuple[dict[str, str], dict[str, NodeCard]]:
    """The pinned fingerprints with those of cards that the reader holds, and the cards; raises `CannotBeRead`."""
    read: dict[str, NodeCard] = {}
    for file in cards:
        with file.open("rb") as stream:
            data = stream.read(CARD_BYTES_MAX + 1)
        try:
            card = read_card(Statement.from_bytes(data, limit=CARD_BYTES_MAX))
        except ComityError as broken:
            raise CannotBeRead(what=file, why=f"it is no node card: {broken}") from broken
        before = pinned.setdefault(card.node, card.fingerprint)
        if "".join(before.split()).lower() != "".join(card.fingerprint.split()):
            raise CannotBeRead(what=file, why=f"node {card.node} is pinned with another key")
        read[card.node] = card
    return pinned, read


def _roots(file: Path) -> "tuple[Certificate, ...]":
    """The certificates in a PEM file; raises `CannotBeRead`."""
    with file.open("rb") as stream:
        data = stream.read(TRUST_FILE_BYTES_MAX)
    try:
        return tuple(trusted_roots(data))
    except RootsBroken as broken:
        raise CannotBeRead(what=file, why=str(broken)) from broken


def _is_fingerprint(value: object) -> bool:
    return isinstance(value, str) and bool(_FINGERPRINT.fullmatch("".join(value.split())))
