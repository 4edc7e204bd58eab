"""A restored node shows that its tables go on with the history that others hold, or signs nothing.

Its peers and witnesses are asked what they hold of its log. Everybody who answers must hold a beginning of the tree in the
tables; so many must hold one as `node.toml` asks witnesses for, and at least one, where anybody may ever have seen the log.
Who says that it never saw it confirms nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from comity.canon import JsonObject
from comity.errors import N_, ComityError
from comity.ledger import claimed
from comity.registry import log, post, vouching
from comity.registry.act import current
from comity.registry.actions import backups as acts
from comity.registry.jobs import witnesses
from comity.registry.models import CosignatureRow

NOT_FOUND: Final = 404
UNPROCESSABLE: Final = 422


class HistoryUnproven(ComityError):
    """Too few of those who saw this log could be asked."""

    code = "rejoining.history_unproven"
    sentence = N_(
        "{held} hold a beginning of this node's log, and {needed} have to; silent: {silent}; never saw it: {unaware}"
    )
    hint = N_("Ask again when they answer. Until then the node neither serves nor signs.")


class HistoryLost(ComityError):
    """Somebody holds more of this log than the restored tables, or another one."""

    code = "rejoining.history_lost"
    sentence = N_("{holder} holds this log at size {held}, and the restored tables have {size}: {kind}")
    hint = N_("Restore a newer backup. Until then the node neither serves nor signs.")


@dataclass(frozen=True)
class Rejoined:
    """Who holds what of the log, who did not answer, who never saw it; `size` is that of the restored tables."""

    size: int
    held: dict[str, int]
    silent: tuple[str, ...]
    unaware: tuple[str, ...]

    @property
    def needed(self) -> int:
        """How many have to hold a beginning of it: none where nobody can have seen it."""
        seen = bool(self.held) or bool(self.silent) or CosignatureRow.objects.exists()
        return max(vouching.witnesses(current()).needed, 1) if seen else 0


def rejoin(*, at: datetime) -> Rejoined:
    """Ask everybody who saw this log, and go on; raises `HistoryLost` or `HistoryUnproven`, and then nothing has changed."""
    node = current()
    found = asked()
    if len(found.held) < found.needed:
        raise HistoryUnproven(
            held=len(found.held),
            needed=found.needed,
            silent=", ".join(found.silent) or "-",
            unaware=", ".join(found.unaware) or "-",
        )
    facts: JsonObject = {"size": found.size, "held": dict(found.held), "silent": list(found.silent)}
    acts.record_rejoining(facts, actor=node.machine("restore"), at=at)
    (node.folder / log.RESTORED).unlink(missing_ok=True)
    log.sequence(at=at)
    return found


def asked() -> Rejoined:
    """What each peer and each witness holds of this log; raises `HistoryLost` with the first that does not fit."""
    size, signed = log.newest_checkpoint()
    held: dict[str, int] = {}
    silent, unaware = [], []
    outside = {one.key.name: one for one in witnesses.asked() if not one.peer}
    for name in [*post.peers(), *outside]:
        try:
            found = _outside(outside[name], size, signed) if name in outside else _peer(name, size)
            if found:
                held[name] = found
            else:
                unaware.append(name)
        except HistoryLost:
            raise
        except ComityError:
            silent.append(name)
    return Rejoined(size=size, held=held, silent=tuple(silent), unaware=tuple(unaware))


def _peer(name: str, size: int) -> int:
    """The size at which a peer holds this log; 0 where it says that it never saw it."""
    try:
        signed = post.fetch_public(f"/log/witnessed/{current().id}", from_=name)
    except post.PeerRefused as refusal:
        if refusal.facts.get("status") == NOT_FOUND:
            return 0
        raise
    kind = witnesses.doubted(signed)
    found = claimed(signed).size
    if kind:
        raise HistoryLost(holder=name, held=found, size=size, kind=kind)
    return found


def _outside(one: witnesses.Asked, size: int, signed: bytes) -> int:
    """The size at which a witness of another house holds this log, 0 for none: it says so when it is asked to cosign."""
    status, answer = witnesses.submit(one, old=size, size=size, signed=signed)
    if status == witnesses.CONFLICT:
        found = witnesses.size_told(one, answer)
        if found > size:
            raise HistoryLost(holder=one.key.name, held=found, size=size, kind="rollback")
        if not found:
            return 0
        status, _ = witnesses.submit(one, old=found, size=size, signed=signed)
        if status in {witnesses.CONFLICT, UNPROCESSABLE}:
            raise HistoryLost(holder=one.key.name, held=found, size=size, kind="fork")
    if status != witnesses.OK:
        raise witnesses.WitnessRefused(witness=one.key.name, why=f"HTTP {status}")
    return size
