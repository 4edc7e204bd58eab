"""Documents that leave as PDF: which, by whom, and the hash of the file, so that the log knows every paper there is."""

from datetime import datetime
from typing import Final

from comity.authorities.roles import Actor, Power
from comity.exchange.document import DocumentKind
from comity.registry import access, log, rows
from comity.registry.act import act
from comity.registry.models import ItemRow

_LETTERS: Final = (
    *(Power.DRAFT_LETTER, Power.SEND_LETTER, Power.HANDLE_LETTER, Power.AUTHORISE, Power.RECOGNISE),
    *(Power.TAKE_IN_EVIDENCE, Power.OVERSEE),
)
_CUSTODY: Final = (Power.TAKE_IN_EVIDENCE, Power.DRAFT_LETTER)


@act
def record_document(
    document: DocumentKind, subject: str, *, letter: str, sha256: str, language: str, actor: Actor, at: datetime
) -> None:
    """Record that a document was made and signed; `sha256` is that of the whole file.

    Raises `PowerMissing`, `MandateNotInForce`, `NoSuchThing`, or `OnlyReads` for who opened the letter in an emergency.
    """
    _hold_power(document, actor=actor, at=at)
    if document is DocumentKind.CUSTODY:
        _hold_kept(subject, viewer=actor)
    else:
        access.hold_letter(rows.letter_for_update(letter), actor=actor)
    log.append(
        kind="document.make",
        facts={
            "document": document.value,
            "subject": subject,
            "letter": letter,
            "language": language,
            "file_sha256": sha256,
        },
        statement="",
        actor=actor,
        at=at,
    )


def _hold_kept(subject: str, *, viewer: Actor) -> None:
    """Hold that the item or exhibit is one of which the viewer may know; raises `NoSuchThing`."""
    if ItemRow.objects.filter(reference=subject).exists():
        access.why_item(rows.item_for_update(subject), viewer=viewer)
    else:
        access.why_exhibit(rows.exhibit_for_update(subject), viewer=viewer)


def _hold_power(document: DocumentKind, *, actor: Actor, at: datetime) -> None:
    """Hold that the actor's office deals with such things; raises `PowerMissing` or `MandateNotInForce`."""
    wanted = _CUSTODY if document is DocumentKind.CUSTODY else _LETTERS
    held = [one for one in wanted if one in actor.powers]
    access.require(actor, held[0] if held else wanted[0], at=at)
