"""The list of erasures beside the tables: what was erased stays erased when older tables are brought back.

`erasures.jsonl` in the node's folder has a line for each erasure: its signed text, and that of the disposal, where there is one. It is
written from the tables and only ever grows; each line proves itself, so that nobody has to be believed who keeps a copy of it.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from comity.authorities.statement import Statement
from comity.canon import JsonObject, canonical, parse_object
from comity.errors import N_, ComityError
from comity.evidence.events import CustodyEvent
from comity.registry.act import Node
from comity.registry.models import CustodyRow, ItemRow

FILE: Final = "erasures.jsonl"
LINE_BYTES_MAX: Final = 256 * 1024


class ErasuresBroken(ComityError):
    """A list of erasures cannot be read."""

    code = "erasures.broken"
    sentence = N_("line {line} of the list of erasures cannot be read: {why}")
    hint = N_("Take another copy of it. What is not applied again would be there again after a restore.")


@dataclass(frozen=True)
class Erased:
    """One erasure, with the disposal of what was held here."""

    erasure: Statement
    disposal: Statement | None

    @property
    def item(self) -> str:
        return str(self.erasure.body["item"])

    def as_record(self) -> JsonObject:
        return {"erasure": self.erasure.as_json(), "disposal": self.disposal.as_json() if self.disposal else None}


def held(path: Path) -> list[Erased]:
    """The erasures of a file, nothing if it is not there; raises `ErasuresBroken`. A last line that broke off counts as none."""
    if not path.exists():
        return []
    lines = path.read_bytes().split(b"\n")
    return list(_read(lines[:-1]))


def _read(lines: Sequence[bytes]) -> Iterator[Erased]:
    for number, line in enumerate(lines, start=1):
        try:
            told = parse_object(line, limit=LINE_BYTES_MAX)
            disposal = told["disposal"]
            yield Erased(Statement.from_json(told["erasure"]), Statement.from_json(disposal) if disposal else None)
        except (ComityError, KeyError, TypeError) as broken:
            raise ErasuresBroken(line=number, why=str(broken)[:200]) from broken


def note(node: Node) -> int:
    """Bring the list up to what the tables say; how many lines were added. Durable when it returns."""
    path = node.folder / FILE
    known = {one.item for one in held(path)}
    fresh = [one for one in _in_tables() if one.item not in known]
    if not fresh:
        return 0
    kept = path.read_bytes() if path.exists() else b""
    whole = kept[: kept.rfind(b"\n") + 1]  # a line that a crash broke off is written again
    draft = path.with_name(f"{FILE}.new")
    with draft.open("wb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(whole + b"".join(canonical(one.as_record()) + b"\n" for one in fresh))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    return len(fresh)


def _in_tables() -> Iterator[Erased]:
    for row in ItemRow.objects.exclude(erased_at=None).order_by("pk").iterator(chunk_size=500):
        last = CustodyRow.objects.filter(item=row, event=CustodyEvent.DISPOSAL.value).first()
        erasure = Statement.from_bytes(bytes(row.erasure))
        disposal = Statement.from_bytes(bytes(last.statement)) if last else None
        yield Erased(erasure, disposal if disposal and disposal.body["facts"]["document"] == erasure.digest else None)
