"""Words and signs of the gap map: its answers, the parts of the world, and the regions that states lie in (UN M49)."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comity.web.shell.wording import Word

ANSWERS: Final[Mapping[str, Word]] = {
    "lawful": _("Lawful route"),
    "open": _("Route with open points"),
    "without_safeguards": _("Route that lacks safeguards"),
    "not_encoded": _("Route not encoded"),
    "none": _("No route known"),
}
MEANINGS: Final[Mapping[str, Word]] = {
    "lawful": _("Every condition that the edition holds is met."),
    "open": _("A route exists; facts of the case, or a confirmation, decide."),
    "without_safeguards": _(
        "A route exists, and something that protects people is not stated or has to be shown first."
    ),
    "not_encoded": _("An instrument binds both states, and this edition does not hold its rules."),
    "none": _("No instrument of this edition is known to bind both states for this measure."),
}
TONES: Final[Mapping[str, str]] = {
    "lawful": "good",
    "open": "warn",
    "without_safeguards": "info",
    "not_encoded": "",
    "none": "bad",
}
SIGNS: Final[Mapping[str, str]] = {
    "lawful": "✓",
    "open": "?",
    "without_safeguards": "!",
    "not_encoded": "…",
    "none": "×",  # noqa: RUF001 - the sign of a cross is meant
}
"""What stands in a cell of the matrix, so that colour never says it alone."""

PARTS: Final[Mapping[str, Word]] = {
    "world": _("The whole world"),
    "africa": _("Africa"),
    "north_america": _("North and Central America, Caribbean"),
    "south_america": _("South America"),
    "asia": _("Asia"),
    "europe": _("Europe"),
}
DIRECTIONS: Final[Mapping[str, Word]] = {
    "out": pgettext_lazy("direction of a request", "This state asks"),
    "in": pgettext_lazy("direction of a request", "This state is asked"),
}
REGIONS: Final[Mapping[str, Word]] = {
    "015": _("Northern Africa"),
    "011": _("Western Africa"),
    "017": _("Middle Africa"),
    "014": _("Eastern Africa"),
    "018": _("Southern Africa"),
    "021": _("Northern America"),
    "013": _("Central America"),
    "029": _("Caribbean"),
    "005": _("South America"),
    "145": _("Western Asia"),
    "143": _("Central Asia"),
    "034": _("Southern Asia"),
    "030": _("Eastern Asia"),
    "035": _("South-eastern Asia"),
    "154": _("Northern Europe"),
    "155": _("Western Europe"),
    "151": _("Eastern Europe"),
    "039": _("Southern Europe"),
    "053": _("Australia and New Zealand"),
    "054": _("Melanesia"),
    "057": _("Micronesia"),
    "061": _("Polynesia"),
    "": _("Elsewhere"),
}
"""The subregions of UN M49 in its order, and the states that the atlas does not know."""
