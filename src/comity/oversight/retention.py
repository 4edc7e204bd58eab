"""A retention schedule: how long this node keeps evidence, by category of data; after that its key is destroyed.

* An administrator signs it and the node; everybody can read it. It is what authorises the node to erase by itself.
* It begins a notice after it was signed, so that nobody shortens a period over night and empties the vault.
* A category that no rule names has no period: `not_stated` is shown, and nothing of it is erased by itself.
* Of several categories in one item the shortest period counts: an item cannot be erased in part, and a bound that is kept
  for all of it is kept for each. Who needs it longer holds it, with a reason, until a day.
* The periods are the node's own; `law` and `article` are where its officials say that they come from (`not_stated`).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from comity.authorities.directory import verify_official
from comity.authorities.officials import NotThisOfficial, Officials, Proven
from comity.authorities.roles import Power
from comity.authorities.statement import Statement, verify_all
from comity.canon import Json, JsonObject, moment, plain, stamp
from comity.errors import N_, ComityError
from comity.evidence.erasure import RETENTION, Erasure

SCHEDULE: Final = "comity/retention-schedule/v1"
NOTICE: Final = timedelta(days=14)
"""So long before it begins a schedule is signed."""
HOLD_MAX: Final = timedelta(days=400)
"""So long an item is held at most before somebody has to say again why."""
RULES_MAX: Final = 200
DAYS_MAX: Final = 36_525
OTHER: Final = "other"
"""The rule for every category that has none of its own."""
_NAMES: Final = frozenset({"node", "version", "previous", "rules", "from", "by", "at"})
_RULE_NAMES: Final = frozenset({"category", "after", "period_days", "law", "article", "reason"})


class ScheduleBroken(ComityError):
    """A text is no retention schedule."""

    code = "oversight.schedule_broken"
    sentence = N_("this is no retention schedule: {why}")


class NotDue(ComityError):
    """An item is erased by the schedule before its time, or by another rule than the one that counts."""

    code = "oversight.not_due"
    sentence = N_("the schedule does not let item {item} be erased at {found}: {why}")


class After(StrEnum):
    """From when a period runs."""

    LETTER_ENDED = "letter_ended"
    HANDED_OVER = "handed_over"


@dataclass(frozen=True)
class Rule:
    """So many days after the letter ended, or after this node handed the item over, the item is erased."""

    category: str
    after: After
    period_days: int
    law: str
    article: str
    reason: str

    def as_record(self) -> JsonObject:
        return {**vars(self), "after": self.after.value}

    @classmethod
    def from_record(cls, record: Json) -> "Rule":
        """Read `as_record` back; raises `ScheduleBroken` or `TextNotAllowed`."""
        if not isinstance(record, dict) or set(record) != _RULE_NAMES:
            raise ScheduleBroken(why=f"a rule states exactly {', '.join(sorted(_RULE_NAMES))}")
        if record["after"] not in [one.value for one in After]:
            raise ScheduleBroken(why=f"a period runs after {', '.join(After)}")
        days = record["period_days"]
        if type(days) is not int or not 1 <= days <= DAYS_MAX:
            raise ScheduleBroken(why=f"a period has 1 to {DAYS_MAX} days")
        texts = {
            name: plain(record[name], field=name, limit=limit)
            for name, limit in (("category", 60), ("law", 200), ("article", 200), ("reason", 1000))
        }
        if not all(texts.values()):
            raise ScheduleBroken(why="category, law, article and reason are stated; what nobody read is not_stated")
        return cls(after=After(record["after"]), period_days=days, **texts)


@dataclass(frozen=True)
class Schedule:
    """All rules of a node, in force `from_`; `previous` is the digest of the version before, empty for the first."""

    node: str
    version: int
    previous: str
    rules: tuple[Rule, ...]
    from_: datetime
    by: JsonObject
    at: datetime

    def as_body(self) -> JsonObject:
        """The schedule as the body of a statement."""
        return {
            "node": self.node,
            "version": self.version,
            "previous": self.previous,
            "rules": [one.as_record() for one in self.rules],
            "from": stamp(self.from_),
            "by": self.by,
            "at": stamp(self.at),
        }

    @classmethod
    def from_body(cls, body: JsonObject) -> "Schedule":
        """Read `as_body` back; raises `ScheduleBroken`, `TextNotAllowed` or `NotAMoment`."""
        match body:
            case {
                "node": str(node),
                "version": int(version),
                "previous": str(previous),
                "rules": list(rules),
                "by": dict(by),
            } if set(body) == _NAMES and version >= 1 and bool(previous) == (version > 1):
                pass
            case _:
                raise ScheduleBroken(why=f"expected exactly {', '.join(sorted(_NAMES))}; each version cites the last")
        if not 1 <= len(rules) <= RULES_MAX:
            raise ScheduleBroken(why=f"it has 1 to {RULES_MAX} rules")
        read = tuple(Rule.from_record(one) for one in rules)
        if len({(one.category, one.after) for one in read}) != len(read):
            raise ScheduleBroken(why="two rules speak of one category after the same event")
        schedule = cls(
            node=node,
            version=version,
            previous=previous,
            rules=read,
            from_=moment(body["from"]),
            by=by,
            at=moment(body["at"]),
        )
        if schedule.from_ < schedule.at + NOTICE:
            raise ScheduleBroken(why=f"it begins at least {NOTICE.days} days after it was signed")
        return schedule

    def rule_for(self, category: str, after: After) -> Rule | None:
        """The rule that counts for a category; None where no period is stated."""
        named = {one.category: one for one in self.rules if one.after is after}
        return named.get(category, named.get(OTHER))


@dataclass(frozen=True)
class Due:
    """When the period of an item ends, by which rule, and since when it runs."""

    rule: Rule
    since: datetime
    at: datetime


def due(
    schedule: Schedule, *, data: Collection[str], ended_at: datetime | None, handed_over_at: datetime | None
) -> Due | None:
    """The first end of a period for an item with these categories; None while nothing began, or no period is stated.

    Nothing ends before the schedule itself is in force.
    """
    found = [
        Due(rule=rule, since=since, at=max(since + timedelta(days=rule.period_days), schedule.from_))
        for after, since in ((After.LETTER_ENDED, ended_at), (After.HANDED_OVER, handed_over_at))
        if since is not None
        for rule in (schedule.rule_for(category, after) for category in sorted(data))
        if rule is not None
    ]
    return min(found, key=lambda one: (one.at, one.rule.category, one.rule.after), default=None)


def erasure_by(schedule: Proven[Schedule], found: Due, *, item: str, sha256: str, letter: str, at: datetime) -> Erasure:
    """The erasure that the schedule asks for; raises `NotDue`."""
    erasure = Erasure(
        item=item,
        sha256=sha256,
        letter=letter,
        ended_by=schedule.digest,
        ground=RETENTION,
        article=cited(found.rule),
        node=schedule.record.node,
        by={},
        at=moment(stamp(at)),
    )
    hold_due(erasure, schedule, found)
    return erasure


def hold_due(erasure: Erasure, schedule: Proven[Schedule], found: Due | None) -> None:
    """Hold that this erasure is the one that the schedule asks for; raises `NotDue`."""
    if (erasure.ended_by, erasure.node, erasure.ground) != (schedule.digest, schedule.record.node, RETENTION):
        raise NotDue(item=erasure.item[:8], found=stamp(erasure.at), why="it rests on another schedule")
    if found is None:
        raise NotDue(item=erasure.item[:8], found=stamp(erasure.at), why="no period runs for it")
    if erasure.at < found.at:
        raise NotDue(item=erasure.item[:8], found=stamp(erasure.at), why=f"its period ends at {stamp(found.at)}")
    if erasure.article != cited(found.rule):
        raise NotDue(item=erasure.item[:8], found=stamp(erasure.at), why="it names another rule")


def cited(rule: Rule) -> str:
    """The rule as an erasure cites it: where it stands, category and period."""
    return f"{rule.law}, {rule.article}: {rule.category}, {rule.period_days} days after {rule.after.value}"[:200]


def read_schedule(statement: Statement, *, known: Officials) -> Proven[Schedule]:
    """The schedule, signed by an administrator of its node and by the node; raises what does not hold."""
    schedule = Schedule.from_body(statement.body)
    entry, home = known.who(schedule.by, what="retention schedule")
    if entry.node != schedule.node:
        raise NotThisOfficial(what="retention schedule", named=schedule.node, signed=entry.node)
    entry.actor.require(Power.ADMINISTER)
    verify_official(statement, type=SCHEDULE, entry=entry, at=schedule.at)
    verify_all(statement, type=SCHEDULE, keys=(entry.credential, home.key))
    return Proven(statement=statement, record=schedule)


def succeed(schedule: Proven[Schedule], before: Proven[Schedule] | None) -> None:
    """Hold that a schedule is the next version; raises `ScheduleBroken`."""
    expected = (before.record.version + 1, before.digest) if before else (1, "")
    if (schedule.record.version, schedule.record.previous) != expected:
        raise ScheduleBroken(why=f"version {expected[0]} that follows the one in force was expected")
