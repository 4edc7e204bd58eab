"""The acts that a scope can name: what an office does by itself, and what only a decision on the letter lets it do."""

from enum import StrEnum
from typing import Final


class Act(StrEnum):
    """One thing that is done under a power. The platform carries some today; every one can be named, and refused."""

    ACKNOWLEDGE = "acknowledge"
    QUERY = "query"
    ANSWER = "answer"
    PRESERVE = "preserve"
    RECOGNISE = "recognise"
    REFUSE = "refuse"
    EXECUTE_PARTLY = "execute_partly"
    EXECUTE = "execute"
    WITHDRAW = "withdraw"
    EXPORT = "export"
    COLLECT = "collect"
    DISCLOSE = "disclose"
    REMOTE_ACCESS = "remote_access"
    COVERT = "covert"
    FREEZE = "freeze"
    SEIZE = "seize"
    SUSPEND = "suspend"
    TRANSFER = "transfer"


DECIDED: Final[frozenset[str]] = frozenset(
    {
        Act.COLLECT.value,
        Act.DISCLOSE.value,
        Act.REMOTE_ACCESS.value,
        Act.COVERT.value,
        Act.FREEZE.value,
        Act.SEIZE.value,
        Act.SUSPEND.value,
        Act.TRANSFER.value,
    }
)
"""Acts that touch a person, data or property: an office mandate or a procedural reply never covers one (decisions 6.2)."""

LEAVING: Final[frozenset[str]] = frozenset({Act.DISCLOSE.value, Act.TRANSFER.value, Act.EXPORT.value})
"""Acts by which data leave the place where they are kept."""

KNOWN: Final[frozenset[str]] = frozenset(act.value for act in Act)
