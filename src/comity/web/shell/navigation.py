"""Where an official can go: the entries of the navigation, by power, and the languages to read in."""

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext_lazy as _

from comity.authorities.directory import Entry
from comity.authorities.roles import Power


@dataclass(frozen=True)
class Place:
    """One entry of the navigation."""

    url: str
    label: str | Promise
    current: bool


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
    ("letters", _("Letters"), frozenset()),
    ("evidence", _("Evidence"), frozenset({Power.TAKE_IN_EVIDENCE})),
    ("oversight", _("Oversight"), frozenset({Power.OVERSEE})),
    ("officials", _("Officials"), frozenset({Power.ADMINISTER})),
)


def entries(entry: Entry, *, path: str) -> list[Place]:
    """The places of an official; the one that `path` lies in is marked."""
    places = [
        (reverse(name), label) for name, label, powers in _PLACES if not powers or powers & frozenset(entry.powers)
    ]
    here = max((url for url, _ in places if path == url or path.startswith(f"{url}/")), key=len, default="")
    return [Place(url=url, label=label, current=url == here) for url, label in places]


def languages() -> list[Language]:
    """The languages of this node."""
    now = get_language()
    return [
        Language(code=code, name=get_language_info(code)["name_local"], current=code == now)
        for code, _ in settings.LANGUAGES
    ]
