"""`comity verify`: check a bundle offline, with public keys alone; needs no node, no network and no Django.

Exit codes: 0 verified; 1 does not verify (the step and the member are named); 2 cannot be read. The last line of the
text says `verified` or `does not verify`.
"""

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import click

from comity.canon import JsonObject
from comity.cli.printing import answer, json_option
from comity.errors import N_, ComityError, as_record, explain
from comity.evidence.seal import KEY_BYTES
from comity.exchange.verification import DoesNotVerify, Result, Step, Verification

KEY_FILE_BYTES_MAX: Final = 1024
TRUST_FILE_BYTES_MAX: Final = 64 * 1024
DOES_NOT_VERIFY: Final = 1
CANNOT_BE_READ: Final = 2
_HEX_KEY: Final = re.compile(rf"[0-9a-fA-F]{{{2 * KEY_BYTES}}}")
_MARKS: Final = {Result.HOLDS: "holds  ", Result.NOT_CHECKED: "not    ", Result.FAILS: "FAILS  "}


class CannotBeRead(ComityError):
    """A file or a value that was handed in is not what the command reads."""

    code = "verify.cannot_be_read"
    sentence = N_("{what} cannot be read: {why}")


@click.command()
@click.argument("bundle", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", help="The item's key, or a file that holds it: 64 hexadecimal characters.")
@click.option(
    "--trust",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help='Fingerprints that you compared: {"nodes": {"cv": "..."}}.',
)
@json_option
def verify(*, bundle: Path, key: str | None, trust: Path | None, as_json: bool) -> None:
    """Verify BUNDLE offline, without any node."""
    try:
        with bundle.open("rb") as stream:
            opened = None if key is None else _key(key)
            pinned = {} if trust is None else _pinned(trust)
