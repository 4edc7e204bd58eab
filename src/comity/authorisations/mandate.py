"""Office mandates: the power that an office has by itself (decisions 6.2), written as an authorisation.

Acknowledging, asking back and keeping data in place need no judge. They still go through `covers`: the acts are those
of the office's powers, targets and data are the letter's, the time is the mandate's. An ended mandate covers nothing.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from comity.authorisations.authorisation import Authorisation, AuthorisationKind
from comity.authorisations.reasons import Means, Necessity, Privileges
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

_OF_AN_OFFICE: Final = Necessity(
    aim="the letter is handled",
    suspicion="stated in the letter",
    link="stated in the letter",
    data="those of the letter",
    period="that of the letter",
    seriousness="stated in the letter",
)
"""An office weighs nothing anew: what it does by itself touches no data beyond what was decided."""


def office_mandate(entry: Entry, *, letter: str, asked: Scope, at: datetime) -> Authorisation:
    """What the office of `entry` may do by itself with a letter (its digest) that asks for `asked`."""
    acts = frozenset().union(*(ACTS.get(power, frozenset()) for power in entry.powers))
    return Authorisation(
        reference=entry.mandate,
        kind=AuthorisationKind.MANDATE,
        scope=replace(asked, acts=acts, territory=entry.reach(asked.territory)),
        letter=letter,
        legal_basis={"office": entry.office, "authority": entry.authority},
        purpose="handle the letter",
        necessity=_OF_AN_OFFICE,
        less_intrusive=(Means(means="not to act", why_not="the letter would stay without an answer"),),
        privileges=Privileges(considered="nothing is read by this act", allowed=frozenset()),
        conditions=(),
        validation=None,
        validates="",
        from_=entry.from_,
        expires=entry.until,
        decided_at=at,
        by=entry.actor.as_record(),
    )
