"""Office mandates: the power that an office has by itself (decisions 6.2), written as an authorisation.

Acknowledging, asking back and keeping data in place need no judge. They still go through `covers`: the acts are those
of the office's powers, targets and data are the letter's, the time is the mandate's. An ended mandate covers nothing.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from comity.authorisations.authorisation import Authorisation, AuthorisationKind
from comity.authorisations.scope import Scope
from comity.authorities.directory import Entry
from comity.authorities.roles import Power

ACTS: Final[Mapping[Power, frozenset[str]]] = {
    Power.DRAFT_LETTER: frozenset({"answer", "withdraw"}),
    Power.HANDLE_LETTER: frozenset({"acknowledge", "query", "refuse", "execute_partly", "execute"}),
    Power.PRESERVE: frozenset({"preserve"}),
    Power.RECOGNISE: frozenset({"recognise"}),
    Power.EXPORT_EVIDENCE: frozenset({"export"}),
}
"""What an office may do with a letter by itself, by the power that it holds."""


def office_mandate(entry: Entry, *, letter: str, asked: Scope, at: datetime) -> Authorisation:
    """What the office of `entry` may do by itself with a letter (its digest) that asks for `asked`."""
    acts = frozenset().union(*(ACTS.get(power, frozenset()) for power in entry.powers))
    return Authorisation(
        reference=entry.mandate,
        kind=AuthorisationKind.MANDATE,
        scope=replace(asked, acts=acts),
        letter=letter,
        legal_basis={"office": entry.office, "authority": entry.authority},
        purpose="handle the letter",
        necessity="the letter asks for it",
        less_intrusive="no data leave by this act",
        conditions=(),
        from_=entry.from_,
        expires=entry.until,
        decided_at=at,
        by=entry.actor.as_record(),
    )
