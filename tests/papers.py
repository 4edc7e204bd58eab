"""Signed documents of a world, the keys to make others, and what a stranger reads in them."""

import io
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pikepdf
from pyhanko.sign.validation import validate_pdf_signature

from comity.exchange.card import read_card
from comity.exchange.document import Document
from comity.exchange.verification_pdf import PdfVerification, Pinned
from comity.registry.act import Node
from comity.registry.documents import again, signing
from comity.registry.documents.again import laid_out_again
from comity.registry.documents.stamp import Stamp
from comity.registry.jobs.documents import as_document
from comity.registry.queries import documents as reads
from scenes import World

KINDS = ("letter", "authorisation", "custody", "receipt")


@dataclass(frozen=True)
class Paper:
    """One document before it is signed, and the node that signs it."""

    node: Node
    document: Document
    at: datetime

    def signed(self, *, stamp: Stamp | None = None, typeset: bytes | None = None) -> bytes:
        pdf = again.laid_out(self.document) if typeset is None else typeset
        return signing.sign_pdf(pdf, node=self.node, vouched=self.document.key, stamp=stamp, at=self.at)

    def changed(self, **parts: object) -> "Paper":
        """The same with another record, as its node could make it."""
        return replace(self, document=replace(self.document, **parts))  # type: ignore[arg-type]

    @property
    def pinned(self) -> dict[str, str]:
        return {one.body["node"]: read_card(one).fingerprint for one in self.document.cards}


def papers(world: World, *, language: str = "en") -> dict[str, Paper]:
    """A document of each kind, as the receiving node makes it."""
    stage = world.stage
    letter, item = world.letters["executed"], world.items["accepted"]
    node = stage.cv
    with node.active():
        at = node.clock.now()
        liaison = stage.seat(node, "investigator").entry.actor
        custodian = stage.seat(node, "custodian").entry.actor
        decision = reads.of_letter(letter, viewer=liaison).statements[1].digest
        sheaves = {
            "letter": reads.of_letter(letter, viewer=liaison),
            "authorisation": reads.of_authorisation(letter, decision, viewer=liaison),
            "custody": reads.of_custody(item, viewer=custodian),
            "receipt": reads.of_receipt(letter, "nl", viewer=liaison),
        }
        return {
            kind: Paper(node=node, document=as_document(sheaf, language=language, at=at), at=at)
            for kind, sheaf in sheaves.items()
        }


def steps(pdf: bytes, *, pinned: dict[str, str] | None = None, roots: tuple[object, ...] = ()) -> dict[str, str]:
    """What became of each step; raises what the verification raises."""
    reading = PdfVerification(pdf, pinned=Pinned(pinned or {}, roots), lay_out=laid_out_again)  # type: ignore[arg-type]
    return {one.step: one.result.value for one in reading.steps()}


def text_of(pdf: bytes) -> str:
    """The text of the pages as a reader copies it: each glyph by the table that says which characters it shows."""
    said = []
    with pikepdf.open(io.BytesIO(pdf)) as file:
        for page in file.pages:
            tables = {name: _characters(font) for name, font in page.Resources.Font.items()}
            font: dict[int, str] = {}
            for one in pikepdf.parse_content_stream(page):
                operands, operator = one.operands, one.operator
                if str(operator) == "Tf":
                    font = tables[str(operands[0])]
                elif str(operator) == "Tj":
                    said.append(_shown(bytes(operands[0]), font))
                elif str(operator) == "TJ":
                    said += [_shown(bytes(part), font) for part in operands[0] if isinstance(part, pikepdf.String)]
    return "".join(said)


def _shown(codes: bytes, font: dict[int, str]) -> str:
    return "".join(font.get(int.from_bytes(codes[i : i + 2], "big"), "") for i in range(0, len(codes), 2))


def _characters(font: pikepdf.Object) -> dict[int, str]:
    table = font.ToUnicode.read_bytes().decode("ascii")
    return {
        int(code, 16): bytes.fromhex(shown).decode("utf-16-be")
        for code, shown in re.findall(r"^<([0-9a-fA-F]{4})> <((?:[0-9a-fA-F]{4})+)>$", table, re.MULTILINE)
    }


def judged_by_pyhanko(signature: Any, context: Any) -> Any:
    """What pyHanko says; in a thread of its own, since it begins an event loop and a browser's may run in this one."""
    with ThreadPoolExecutor(max_workers=1) as aside:
        return aside.submit(validate_pdf_signature, signature, context, ts_validation_context=context).result()
