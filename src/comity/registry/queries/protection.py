"""Protected persons: what is flagged in a letter or an item, and who looked at it; read by everybody who sees the letter."""

from dataclasses import dataclass
from datetime import datetime

from comity.authorities.roles import Actor
from comity.registry import access, rows
from comity.registry.models import ItemRow, LetterRow, ReviewRow


@dataclass(frozen=True)
class Review:
    """Somebody else's look at what is flagged."""

    official: str
    flags: tuple[str, ...]
    reason: str
    at: datetime


@dataclass(frozen=True)
class Flagged:
    """What is flagged: each target of a letter, or one item, with its flags; and the reviews.

    `missing` are the flags that nobody but the drafter has looked at yet.
    """

    letter: str
    short: str
    name: str
    flags: tuple[tuple[str, tuple[str, ...]], ...]
    reviews: tuple[Review, ...]
    missing: tuple[str, ...]


def of_letter(digest: str, *, viewer: Actor) -> Flagged:
    """The protected targets of a letter; raises `NoSuchThing`."""
    row = rows.letter(digest, viewer=viewer)
    flags = tuple((one.selector, tuple(sorted(one.flags))) for one in rows.letter_of(row).protected)
    return _flagged(row, "", name=row.subject, flags=flags, but=row.drafted_by)


def items_of(digest: str, *, viewer: Actor) -> tuple[tuple[str, Flagged], ...]:
    """The flagged items under a letter, by their references, for whoever sees the letter; raises `NoSuchThing`."""
    row = rows.letter(digest, viewer=viewer)
    held = ItemRow.objects.filter(letter=row).order_by("id").values_list("reference", "flags")
    return tuple((reference, of_item(reference, viewer=viewer)) for reference, flags in held if flags)


def of_item(reference: str, *, viewer: Actor) -> Flagged:
    """The flags of an item, for whoever sees its letter; raises `NoSuchThing`."""
    item = ItemRow.objects.filter(reference=reference).select_related("letter").first()
    if item is None:
        raise access.NoSuchThing(what="item", reference=reference[:8])
    with access.hidden_as("item", reference[:8]):
        access.why_letter(item.letter, viewer=viewer)
    name = str(item.record["name"])
    return _flagged(item.letter, reference, name=name, flags=((name, tuple(item.flags)),), but="")


def _flagged(
    row: LetterRow, item: str, *, name: str, flags: tuple[tuple[str, tuple[str, ...]], ...], but: str
) -> Flagged:
    reviews = tuple(
        Review(official=one.official, flags=tuple(one.flags), reason=one.reason, at=one.at)
        for one in ReviewRow.objects.filter(letter=row, item=item).order_by("id")
    )
    every = {flag for _, listed in flags for flag in listed}
    seen = {flag for one in reviews if one.official != but for flag in one.flags}
    return Flagged(
        letter=row.digest, short=row.short, name=name, flags=flags, reviews=reviews, missing=tuple(sorted(every - seen))
    )
