"""Laying a record out again: how a stranger sees that the pages say what the embedded texts say."""

from comity.exchange.document import Document
from comity.registry.documents import paper, typesetting


def laid_out(document: Document) -> bytes:
    """The unsigned PDF of a record; raises `DocumentTooLarge` or `CannotBeLaidOut`."""
    return typesetting.typeset(
        paper.compose(document, translate=typesetting.translator(document.language)),
        record=document.to_bytes(),
        at=paper.moment_of(document),
    )


def laid_out_again(document: Document) -> bytes | None:
    """As `laid_out`; None where this software's layout is another than the one that made the paper."""
    return laid_out(document) if typesetting.layout(document.language) == document.layout else None
