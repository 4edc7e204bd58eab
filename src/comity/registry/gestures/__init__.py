"""What an official does with a text at any desk: it is prepared, signed by the official, countersigned, proven, and acted on.

* `prepare_...` composes the exact texts. They are shown, and signed as they are or not at all.
* `finish` takes them back signed, countersigns with the node's key, proves every signature, and hands the record to its act.
* The desks differ only in who holds the key: a passkey in a browser, or the marked software authenticator.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final

from comity.authorities.roles import Actor
from comity.authorities.statement import Statement
from comity.registry import post
from comity.registry.gestures import (
    competence,
    credentials,
    disclosures,
    evidence,
    exhibits,
    letters,
    mandates,
    people,
    records,
    retention,
)
from comity.registry.gestures.prepared import Done, Prepared

Finish = Callable[..., Done]

FINISH: Final[Mapping[str, Finish]] = MappingProxyType(
    letters.FINISH
    | evidence.FINISH
    | exhibits.FINISH
    | records.FINISH
    | people.FINISH
    | credentials.FINISH
    | mandates.FINISH
    | competence.FINISH
    | retention.FINISH
    | disclosures.FINISH
)


def finish(prepared: Prepared, signed: Sequence[Statement], *, actor: Actor, at: datetime) -> Done:
    """Act on the texts that the official signed; raises what proving or the act refuses, and then nothing has happened."""
    texts = tuple(post.countersign(one) for one in signed)
    return FINISH[prepared.gesture](prepared, texts, actor=actor, at=at)


__all__ = ["FINISH", "Done", "Prepared", "finish"]
