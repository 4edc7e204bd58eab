"""The directory of competence as desks show it: words for its codes, and each entry and answer as what a page tells."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comity.authorities.competence import ChannelKind, Competence, Hours, Level
from comity.authorities.competent import Found, Mark, Reliance
from comity.registry.queries.competence import Listed
from comity.web.shell import questions, wording
from comity.web.shell.wording import Word

LEVELS: Final[Mapping[str, Word]] = {
    Level.LOCAL: pgettext_lazy("level of an authority", "Local"),
    Level.REGIONAL: pgettext_lazy("level of an authority", "Regional"),
    Level.NATIONAL: pgettext_lazy("level of an authority", "National"),
}
CHANNELS: Final[Mapping[str, Word]] = {
    ChannelKind.NODE: _("Node"),
    ChannelKind.SECURE_MAIL: _("Secure mail"),
    ChannelKind.COURIER: _("Courier"),
    ChannelKind.PHONE: _("Telephone of the contact point"),
}
RELIANCES: Final[Mapping[str, Word]] = {
    Reliance.DECIDES: _("confirmed by the state"),
    Reliance.TO_CONFIRM: _("confirm first"),
    Reliance.SHOWN: _("not to be relied on"),
}
TONES: Final[Mapping[str, str]] = {Reliance.DECIDES: "good", Reliance.TO_CONFIRM: "warn", Reliance.SHOWN: ""}
MARKS: Final[Mapping[str, Word]] = {
    Mark.SEEDED: _("taken from a declaration; the state has not confirmed it here"),
    Mark.UNVERIFIED: _("its signatures or its source do not verify"),
    Mark.UNCONFIRMED: _("not confirmed for more than a year"),
    Mark.EXPIRED: _("past its last day"),
    Mark.NOT_YET: _("does not hold yet"),
    Mark.WITHDRAWN: _("withdrawn"),
    Mark.PART: _("competent for a part of the state only"),
    Mark.OVERLAPS: _("another authority of the same level says that it is competent, too"),
    Mark.CLOSED: _("closed at this hour"),
    Mark.NOT_BOUND: _("the state is not known to be bound by the instrument"),
    Mark.ARTICLE_NOT_STATED: _("the declaration names no article"),
    Mark.OTHER_ARTICLE: _("declared for another article of the same instrument"),
}
DAYS: Final[Mapping[str, Word]] = {
    "1": _("Monday"),
    "2": _("Tuesday"),
    "3": _("Wednesday"),
    "4": _("Thursday"),
    "5": _("Friday"),
    "6": _("Saturday"),
    "7": _("Sunday"),
}


@dataclass(frozen=True)
class Told:
    """One authority on a page: how far it carries, what must be known of it, and where it comes from."""

    authority: str
    law: str
    article: str
    reliance: str
    tone: str
    marks: tuple[str, ...]
    entry: Competence | None
    level: str
    hours: str
    measures: tuple[str, ...]
    channels: tuple[tuple[str, str], ...]
    last: datetime | None
    ours: bool = False
    kept_at: datetime | None = None
    declared: Any = None
    escalates_to: str = ""


def found(one: Found) -> Told:
    """An authority in an answer."""
    if one.held is None:
        return Told(
            **_known(one.authority, one.law, one.article, one.reliance, one.marks),
            **_entry(None),
            declared=one.declared,
        )
    return Told(
        **_known(one.authority, one.law, one.article, one.reliance, one.marks),
        **_entry(one.held.entry),
        escalates_to=one.escalates_to,
    )


def listed(one: Listed) -> Told:
    """An entry in a list."""
    entry = one.held.entry
    return Told(
        **_known(entry.authority, entry.law, entry.article, one.reliance, one.marks),
        **_entry(entry),
        ours=one.ours,
        kept_at=one.kept_at,
    )


def hours(told: Hours) -> str:
    """Opening hours in a sentence."""
    if told.always:
        return _now("at any hour")
    days = ", ".join(wording.word(DAYS, str(day)) for day in told.days)
    said = {"days": days, "opens": told.opens, "closes": told.closes, "zone": told.zone}
    return _now("%(days)s, %(opens)s to %(closes)s (%(zone)s)") % said


def choices(words: Mapping[str, Word], codes: Iterable[str]) -> list[tuple[str, str]]:
    """Codes with their words, for a form."""
    return [(str(code), wording.word(words, code)) for code in codes]


def _known(authority: str, law: str, article: str, reliance: Reliance, marks: tuple[Mark, ...]) -> dict[str, Any]:
    return {
        "authority": authority,
        "law": law,
        "article": article,
        "reliance": wording.word(RELIANCES, reliance),
        "tone": TONES[reliance],
        "marks": tuple(wording.word(MARKS, mark) for mark in marks),
    }


def _entry(entry: Competence | None) -> dict[str, Any]:
    if entry is None:
        return {"entry": None, "level": "", "hours": "", "measures": (), "channels": (), "last": None}
    return {
        "entry": entry,
        "level": wording.word(LEVELS, entry.level),
        "hours": hours(entry.hours),
        "measures": tuple(wording.word(questions.MEASURES, one) for one in entry.measures),
        "channels": tuple((wording.word(CHANNELS, one.kind), one.address) for one in entry.channels),
        "last": entry.until - timedelta(milliseconds=1),
    }
