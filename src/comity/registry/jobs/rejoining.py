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
from comity.registry.actions import witnesses as acts_of
from comity.registry.jobs import witnesses
from comity.registry.models import CosignatureRow, EntryRow

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


class EpochHalfBegun(ComityError):
    """The node's card names a log of another name already, and that log does not say yet why it begins."""

    code = "rejoining.epoch_half_begun"
    sentence = N_("log {origin} was named as the one that goes on, and nothing was written into it yet")
    hint = N_("End what was begun: `comity node epoch`.")


@dataclass(frozen=True)
class Holding:
    """What somebody holds of this log; `kind` says how it does not fit the tables, and `note` is what they show, if they do."""

    holder: str
    size: int
    kind: str = ""
    note: bytes = b""


@dataclass(frozen=True)
class Holdings:
    """Who holds what of the log, who did not answer, who never saw it; `size` is that of the restored tables."""

    size: int
    held: tuple[Holding, ...]
    silent: tuple[str, ...]
    unaware: tuple[str, ...]

    @property
    def sizes(self) -> dict[str, int]:
        """How many entries each holds."""
        return {one.holder: one.size for one in self.held}

    def hold_enough(self) -> None:
        """Hold that as many hold some of it as have to, none where nobody can have seen it; raises `HistoryUnproven`."""
        seen = bool(self.held) or bool(self.silent) or CosignatureRow.objects.exists()
        needed = max(vouching.witnesses(current()).needed, 1) if seen else 0
        if len(self.held) < needed:
            raise HistoryUnproven(
                held=len(self.held),
                needed=needed,
                silent=", ".join(self.silent) or "-",
                unaware=", ".join(self.unaware) or "-",
            )


def rejoin(*, at: datetime) -> Holdings:
    """Ask everybody who saw this log, and go on; what is refused has changed nothing.

    Raises `HistoryLost`, `HistoryUnproven` or `EpochHalfBegun`.
    """
    node = current()
    found = asked()
    for one in found.held:
        if one.kind:
            raise HistoryLost(holder=one.holder, held=one.size, size=found.size, kind=one.kind)
    found.hold_enough()
    if half_begun():
        raise EpochHalfBegun(origin=post.own_card(node).log_origin)
    facts: JsonObject = {"size": found.size, "held": dict(found.sizes), "silent": list(found.silent)}
    acts.record_rejoining(facts, actor=node.machine("restore"), at=at)
    go_on(at=at)
    return found


def go_on(*, at: datetime) -> None:
    """The restored node serves and signs again."""
    (current().folder / log.RESTORED).unlink(missing_ok=True)
    log.sequence(at=at)


def half_begun() -> bool:
    """Whether the card names a log of another name, in which nothing stands yet that says why."""
    card = post.own_card(current())
    if not card.former_logs or card.former_logs[-1].ended.size != log.newest_checkpoint()[0]:
        return False
    return EntryRow.objects.filter(kind=acts.EPOCH).count() < len(card.former_logs)


def asked() -> Holdings:
    """What each peer and each witness holds of this log."""
    size, signed = log.newest_checkpoint()
    held, silent, unaware = [], [], []
    outside = {one.key.name: one for one in witnesses.asked() if not one.peer}
    for name in [*post.peers(), *outside]:
        try:
            found = _outside(outside[name], size, signed) if name in outside else _peer(name)
        except ComityError:
            silent.append(name)
            continue
        if found is None or not found.size:
            unaware.append(name)
        else:
            held.append(found)
    return Holdings(size=size, held=tuple(held), silent=tuple(silent), unaware=tuple(unaware))


def _peer(name: str) -> Holding | None:
    """What a peer shows of this log; None where it says that it never saw it."""
    try:
        signed = post.fetch_public(f"/log/witnessed/{current().id}", from_=name)
    except post.PeerRefused as refusal:
        if refusal.facts.get("status") == NOT_FOUND:
            return None
        raise
    return Holding(holder=name, kind=witnesses.doubted(signed), size=claimed(signed).size, note=signed)


def _outside(one: witnesses.Asked, size: int, signed: bytes) -> Holding | None:
    """What a witness of another house holds of this log; it says how much when it is asked to cosign, and shows nothing."""
    status, answer = witnesses.submit(one, old=size, size=size, signed=signed)
    found = size
    if status == witnesses.CONFLICT:
        found = witnesses.size_told(one, answer)
        if found > size:
            return Holding(holder=one.key.name, size=found, kind=acts_of.ROLLBACK)
        if not found:
            return None
        status, _ = witnesses.submit(one, old=found, size=size, signed=signed)
        if status in {witnesses.CONFLICT, UNPROCESSABLE}:
            return Holding(holder=one.key.name, size=found, kind=acts_of.FORK)
    if status != witnesses.OK:
        raise witnesses.WitnessRefused(witness=one.key.name, why=f"HTTP {status}")
    return Holding(holder=one.key.name, size=found)
