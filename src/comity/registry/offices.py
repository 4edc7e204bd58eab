"""Offices: the rows of one office of one person, who can administer, and what stops when a mandate does.

Nothing here is an act: each function is part of the one that calls it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from comity.authorities.roles import MandateNotInForce, Role
from comity.canon import Json, JsonObject, parse_object
from comity.exchange.delivery import DeliveryState
from comity.letters.life import State
from comity.registry import access
from comity.registry.act import current
from comity.registry.models import (
    CredentialRow,
    DecisionRow,
    EntryRow,
    InvitationRow,
    LetterRow,
    OfficialRow,
    OutboxRow,
    SeatRow,
    SigningRow,
)

NAMED_MAX: Final = 100
"""How many things that stopped or stand open an entry of the log names."""
_BODY_BYTES_MAX: Final = 4 * 1024 * 1024
_LEFT: Final = (DeliveryState.RECEIPTED.value, DeliveryState.DEAD.value)
_UNSENT: Final = (State.DRAFT.value, State.AUTHORISED.value)


def rows_of(official: str, mandate: str) -> list[OfficialRow]:
    """The rows of one office of this node, the first one first, one for each passkey; locked until the act ends.

    Nothing if the mandate is no first one, or none at all: the act says that there is no such mandate.
    """
    held = OfficialRow.objects.select_for_update().filter(node=current().id, official=official)
    office = [row for row in held.order_by("id") if mandate in {row.mandate, row.beside}]
    return office if office and office[0].mandate == mandate else []


def usable_administrators(*, at: datetime) -> set[tuple[str, str]]:
    """Who can administer now, by official and mandate; their rows are locked until the act ends."""
    rows = OfficialRow.objects.select_for_update().filter(node=current().id, role=Role.ADMINISTRATOR.value)
    usable = set()
    for row in rows.order_by("id"):
        try:
            access.running(row, at=at)
        except MandateNotInForce:
            continue
        usable.add((row.official, row.mandate))
    return usable


def stop(office: Sequence[OfficialRow], *, final: bool, at: datetime) -> JsonObject:
    """Stop what an office has not finished; what that was, and what stands open, for the log and the colleagues.

    * Texts that were shown and not signed can no longer be signed. Sessions end.
    * Enrolments and decisions of which this official signed the first half, or was to sign the second, begin again.
    * What was done before stays: a letter that was sent goes out, a decision holds. `on_the_way` and `unsent` name them.
    """
    official, mandates = office[0].official, [row.mandate for row in office]
    texts = SigningRow.objects.filter(official=official, mandate__in=mandates, taken_at=None, expires_at__gt=at)
    named = [f"{row.gesture} {_subject(row)}" for row in texts[:NAMED_MAX]]
    texts.update(expires_at=at)
    sessions, _ = SeatRow.objects.filter(official=official, mandate__in=mandates).delete()
    stopped: dict[str, Json] = {
        "texts": list(named),
        "sessions": sessions,
        "enrolments": list(_enrolments(official)) if office[0].role == Role.ADMINISTRATOR.value else [],
        "decisions": list(_decisions(official, at=at)) if office[0].role == Role.ADMINISTRATOR.value else [],
        "unsent": list(unsent(official)),
        "on_the_way": list(on_the_way(official)),
    }
    if final:
        asked = CredentialRow.objects.filter(official=official, mandate__in=mandates, closed_at=None)
        stopped["passkeys_asked_for"] = asked.update(closed_at=at)
    return stopped


def unsent(official: str) -> list[str]:
    """The letters (digests) that this official drafted and that nobody has sent yet."""
    drafted = LetterRow.objects.filter(drafted_by=official, outgoing=True, state__in=_UNSENT).order_by("-id")
    return list(drafted.values_list("digest", flat=True)[:NAMED_MAX])


def on_the_way(official: str) -> list[str]:
    """The letters (digests) that this official sent and of which no receipt came yet."""
    waiting = OutboxRow.objects.filter(subject="letter").exclude(state__in=_LEFT).exclude(letter=None)
    letters = sorted(set(waiting.values_list("letter__digest", flat=True)[: 10 * NAMED_MAX]))
    sent = EntryRow.objects.filter(kind="letter.send", official=official, letter__in=letters)
    return sorted(set(sent.values_list("letter", flat=True)))[:NAMED_MAX]


def _subject(row: SigningRow) -> str:
    prepared = parse_object(bytes(row.body), limit=_BODY_BYTES_MAX)["prepared"]
    return str(prepared["subject"])[:64]


def _enrolments(official: str) -> list[str]:
    """Enrolments with one signature in which this official has a part: they wait for two signatures again."""
    begun = InvitationRow.objects.select_for_update().filter(closed_at=None).exclude(statement=b"")
    again = []
    for row in begun:
        text = parse_object(bytes(row.statement), limit=_BODY_BYTES_MAX)
        if official in text["body"]["enrolled_by"]:
            row.statement = b""
            row.save(update_fields=["statement"])
            again.append(row.reference)
    return again


def _decisions(official: str, *, at: datetime) -> list[str]:
    """Decisions with one signature in which this official has a part: they are thrown away."""
    begun = DecisionRow.objects.filter(decided_at=None, dropped_at=None)
    mine = begun.filter(first=official) | begun.filter(second=official)
    references = list(mine.values_list("reference", flat=True))
    DecisionRow.objects.filter(reference__in=references).update(dropped_at=at)
    return references
