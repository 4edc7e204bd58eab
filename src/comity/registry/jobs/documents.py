"""Documents for people: gathered, laid out, signed, and then recorded; a file that is not in the log was never given out.

* Reading, layout and signing come first, and touch nothing; the one act records the hash of the finished file.
* Nothing is written to the disk: a document is made for whoever asks, from signed texts, and handed over.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from asn1crypto.tsp import TimeStampResp

from comity.authorities.roles import Actor
from comity.exchange.document import Document
from comity.ledger.time_stamp import (
    NONCE_BITS,
    REQUEST_TYPE,
    StampBroken,
    stamp_request,
    trusted_roots,
    verify_stamp,
)
from comity.registry import post, vouching
from comity.registry.act import current
from comity.registry.actions.documents import record_document
from comity.registry.documents import again, signing, typesetting
from comity.registry.queries.documents import Sheaf

_OK: Final = 200


@dataclass(frozen=True)
class Made:
    """A signed PDF and the name under which it is saved."""

    name: str
    pdf: bytes
    sha256: str


def make(sheaf: Sheaf, *, language: str, actor: Actor, at: datetime) -> Made:
    """The signed document of these texts in a language; that it was made is in the log.

    Raises `DocumentTooLarge`, `CannotBeLaidOut`, and what `record_document` refuses.
    """
    node = current()
    document = as_document(sheaf, language=language, at=at)
    pdf = signing.sign_pdf(
        again.laid_out(document),
        node=node,
        vouched=document.key,
        stamp=stamp_now if vouching.authority(node) else None,
        at=at,
    )
    made = Made(name=f"{sheaf.document.value}-{sheaf.subject[:8]}.pdf", pdf=pdf, sha256=hashlib.sha256(pdf).hexdigest())
    record_document(
        sheaf.document,
        sheaf.subject,
        letter=sheaf.letter,
        sha256=made.sha256,
        language=language,
        actor=actor,
        at=at,
    )
    return made


def stamp_now(digest: bytes) -> bytes | None:
    """The token of this node's authority for time over a SHA-256; None without one, or where it does not answer."""
    authority = vouching.authority(current())
    if authority is None:
        return None
    nonce = secrets.randbits(NONCE_BITS - 1) + 1
    request = stamp_request(digest, nonce=nonce, policy=authority.policies[0] if authority.policies else "")
    try:
        status, answer = post.submit(authority.url, request, to="time stamps", type_=REQUEST_TYPE)
        if status != _OK:
            return None
        roots = trusted_roots(authority.roots)
        verify_stamp(answer, digest=digest, roots=roots, policies=authority.policies, nonce=nonce)
    except (post.PeerDidNotAnswer, post.PeerRefused, StampBroken):
        return None
    token: bytes = TimeStampResp.load(answer)["time_stamp_token"].dump()
    return token


def as_document(sheaf: Sheaf, *, language: str, at: datetime) -> Document:
    """The record that is laid out and embedded, with the node's word for the key of this year."""
    node = current()
    return Document(
        document=sheaf.document,
        subject=sheaf.subject,
        node=node.id,
        kind=node.kind,
        language=language,
        layout=typesetting.layout(language),
        key=signing.vouched_key(node, card=post.own_card(node), at=at),
        cards=sheaf.cards,
        officials=sheaf.officials,
        statements=sheaf.statements,
        verdict=sheaf.verdict,
        entry=sheaf.entry,
    )
