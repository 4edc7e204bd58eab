"""Where an official can go: the entries of the navigation, by power, and the languages to read in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext_lazy as _

from comity.authorities.directory import Entry
from comity.authorities.roles import Power
from comity.registry.queries import home
from comity.registry.queries.duties import Duty
from comity.registry.queries.listing import Counted


@dataclass(frozen=True)
class Place:
    """One entry of the navigation."""

    url: str
    label: str | Promise
    current: bool
    count: str


@dataclass(frozen=True)
class Language:
    """A language to read in, under its own name."""

    code: str
    name: str
    current: bool


_PLACES: Final[tuple[tuple[str, str | Promise, frozenset[Power]], ...]] = (
    ("desk", _("My desk"), frozenset()),
    ("cases", _("Cases"), frozenset({Power.OPEN_CASE})),
    ("docket", _("Docket"), frozenset({Power.AUTHORISE, Power.RECOGNISE})),
    ("inbox", _("Inbox"), frozenset({Power.HANDLE_LETTER})),
    ("disclosures", _("Disclosures"), frozenset({Power.READ_DISCLOSURE, Power.DISCLOSE})),
    ("letters", _("Letters"), frozenset()),
    ("competence", _("Directory"), frozenset()),
    ("law", _("The law"), frozenset()),
    ("evidence", _("Evidence"), frozenset({Power.TAKE_IN_EVIDENCE})),
    ("oversight", _("Oversight"), frozenset({Power.OVERSEE})),
    ("officials", _("Officials"), frozenset({Power.ADMINISTER})),
    ("nodes", _("Nodes"), frozenset({Power.ADMINISTER})),
)


_WAITING: Final[Mapping[str, frozenset[Duty]]] = {
    "cases": frozenset({Duty.SEND, Duty.ANSWER, Duty.REQUEST}),
    "docket": frozenset({Duty.AUTHORISE, Duty.VALIDATE, Duty.RECOGNISE}),
    "inbox": frozenset({Duty.ACKNOWLEDGE, Duty.PRESERVE, Duty.EXECUTE}),
    "evidence": frozenset({Duty.TAKE_IN, Duty.HAND_OVER, Duty.ACCEPT, Duty.ERASE}),
    "oversight": frozenset({Duty.OVERDUE, Duty.LAID_ASIDE, Duty.ALARM}),
}


def entries(entry: Entry, *, path: str, at: datetime) -> list[Place]:
    """The places of an official, with how much waits there; the one that `path` lies in is marked."""
    return _places(entry, path=path, waiting=home.counts(viewer=entry.actor, at=at))


def uncounted(entry: Entry, *, path: str) -> list[Place]:
    """The places of an official without how much waits there: for pages that lead nowhere, which are asked for in vain."""
    return _places(entry, path=path, waiting={})


def _places(entry: Entry, *, path: str, waiting: Mapping[Duty, Counted]) -> list[Place]:
    places = [
        (name, reverse(name), label)
        for name, label, powers in _PLACES
        if not powers or powers & frozenset(entry.powers)
    ]
    here = max((url for _, url, _ in places if path == url or path.startswith(f"{url}/")), key=len, default="")
    return [
        Place(url=url, label=label, current=url == here, count=_count(name, waiting)) for name, url, label in places
    ]


def _count(name: str, waiting: Mapping[Duty, Counted]) -> str:
    """How much waits, as a figure; empty for nothing."""
    found = sum((waiting[duty] for duty in _WAITING.get(name, ()) if duty in waiting), start=Counted(0))
    return str(found) if found else ""


def languages() -> list[Language]:
    """The languages of this node."""
    now = get_language()
    return [
        Language(code=code, name=get_language_info(code)["name_local"], current=code == now)
        for code, _ in settings.LANGUAGES
    ]
