"""The words of the access matrix: to what somebody reaches, how they stand to it, and what they are answered.

Nothing here decides: the grounds do (`grounds`). It says the same once more, as a table that people can read, and the tests
compare the two over every address and every act.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from comity.authorities.roles import Role


class What(StrEnum):
    """What an address or an act is about."""

    NOTHING = "nothing"
    CASE = "case"
    VERDICT = "verdict"
    LETTER = "letter"
    ARRIVED = "letter that came"
    ITEM = "item"
    EXHIBIT = "exhibit"
    DISCLOSURE = "disclosure"
    HAND_OVER = "hand-over of an exhibit"
    FLAGGED = "item, by its letter"
    KEPT = "item kept for another node"
    TRANSFER = "transfer"
    SIGHT_OF_LETTER = "who sees a letter"
    SIGHT_OF_CASE = "who sees a case"
    SIGHT_OF_ITEM = "who sees an item"
    TEXT = "text to sign"
    DESK = "thing of one's own desk"
    ENTRY = "log entry"
    OFFICE = "thing of an office"
    LAW = "page of the law"


class Relation(StrEnum):
    """How somebody stands to it."""

    ANY = "any"
    OWN = "own case"
    FOREIGN = "foreign case"
    CONFIDENTIAL = "foreign case, confidential letter"
    RED = "foreign case, letter marked red"
    ELSEWHERE = "of another node"
    MISSING = "does not exist"
    REVOKED = "mandate ended"
    NOBODY = "nobody signed in"


class Answer(StrEnum):
    """What is answered: it is opened, there is no such thing, or sign in first."""

    OPEN = "open"
    HIDDEN = "hidden"
    LOGIN = "login"


_ANYBODY: Final = frozenset(Role) - {Role.SERVICE}
_EVERYBODY: Final = _ANYBODY - {Role.DEFENCE}
_HANDLE: Final = frozenset({Role.JUDGE, Role.LIAISON, Role.OVERSEER})
_KEEP: Final = frozenset({Role.CUSTODIAN})
_OVERSEE: Final = frozenset({Role.OVERSEER})
_NOBODY: Final[frozenset[Role]] = frozenset()

_GONE: Final[Mapping[Relation, frozenset[Role]]] = {Relation.ELSEWHERE: _NOBODY, Relation.MISSING: _NOBODY}
SEEN: Final[Mapping[What, Mapping[Relation, frozenset[Role]]]] = {
    What.NOTHING: {Relation.ANY: _ANYBODY},
    What.LAW: {Relation.ANY: _ANYBODY, Relation.MISSING: _NOBODY},
    What.CASE: {
        Relation.OWN: _EVERYBODY,
        Relation.FOREIGN: _OVERSEE,
        **_GONE,
    },
    What.VERDICT: {
        Relation.OWN: _EVERYBODY,
        Relation.FOREIGN: _HANDLE | _KEEP,
        **_GONE,
    },
    What.LETTER: {
        Relation.OWN: _EVERYBODY,
        Relation.FOREIGN: _HANDLE | _KEEP,
        Relation.CONFIDENTIAL: _HANDLE,
        Relation.RED: _HANDLE - {Role.LIAISON},
        **_GONE,
    },
    What.ARRIVED: {
        Relation.FOREIGN: _HANDLE | _KEEP,
        Relation.CONFIDENTIAL: _HANDLE,
        Relation.RED: _HANDLE,
        **_GONE,
    },
    What.ITEM: {Relation.OWN: _EVERYBODY, Relation.FOREIGN: _KEEP, **_GONE},
    What.EXHIBIT: {Relation.FOREIGN: _KEEP, **_GONE},
    What.DISCLOSURE: {
        Relation.OWN: frozenset({Role.DEFENCE, Role.OVERSEER, Role.INVESTIGATOR, Role.PROSECUTOR}),
        Relation.FOREIGN: _OVERSEE,
        **_GONE,
    },
    What.HAND_OVER: {Relation.FOREIGN: _KEEP, Relation.MISSING: _NOBODY},
    What.FLAGGED: {Relation.OWN: _EVERYBODY, Relation.FOREIGN: _HANDLE | _KEEP, **_GONE},
    What.KEPT: {Relation.FOREIGN: _KEEP, **_GONE},
    What.TRANSFER: {Relation.OWN: _EVERYBODY, Relation.FOREIGN: _HANDLE | _KEEP, **_GONE},
    What.SIGHT_OF_LETTER: {
        Relation.OWN: _EVERYBODY,
        Relation.FOREIGN: _OVERSEE,
        Relation.CONFIDENTIAL: _OVERSEE,
        Relation.RED: _OVERSEE,
        **_GONE,
    },
    What.SIGHT_OF_CASE: {Relation.OWN: _EVERYBODY, Relation.FOREIGN: _OVERSEE, **_GONE},
    What.SIGHT_OF_ITEM: {Relation.OWN: _EVERYBODY, Relation.FOREIGN: _OVERSEE, **_GONE},
    What.TEXT: {Relation.OWN: _ANYBODY, Relation.FOREIGN: _NOBODY, **_GONE},
    What.DESK: {Relation.FOREIGN: _NOBODY, **_GONE},
    What.ENTRY: {Relation.ANY: _ANYBODY, Relation.MISSING: _NOBODY},
    What.OFFICE: {Relation.ANY: _ANYBODY, **_GONE},
}
"""Who sees what, by relation: the rule of need-to-know as a table. An address asks for its powers as well.

Own: of a case of which the viewer is a member, in whatever office. Foreign: of another case, or come from another node. A judge
sees a red letter while it waits for a decision, which drafts and acknowledged letters do.
"""
