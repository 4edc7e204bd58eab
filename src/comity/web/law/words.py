"""Words for the codes of the reading room: kinds of measure that no form asks for, reaches, levels, standings, ways to count.

What a form or a letter asks for has its word in the shell; it is the same word here.
"""

import re
from collections.abc import Mapping
from typing import Final

from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from comity.law.levels import Weight
from comity.law.logic import Truth
from comity.law.rules import FACETS
from comity.web.shell import questions, verdicts
from comity.web.shell.wording import Word, word

_YEARS: Final = re.compile(r"P(\d{1,3})Y")

MEASURES: Final = questions.MEASURES
DATA: Final[Mapping[str, Word]] = {
    **questions.DATA,
    "other_evidence": _("Other evidence"),
    "related_data": _("Data that go with the content"),
}
REACHES: Final[Mapping[str, Word]] = {
    "cross_border": _("Asked of another state"),
    "direct_provider": _("Order straight to a provider elsewhere"),
    "police_or_fiu": _("Information between police or financial intelligence units"),
    "unilateral": _("Done without asking the other state"),
    "domestic": _("Power that each state has at home; it answers no question between states"),
    "condition": _("Conditions for a power that lies elsewhere"),
    "procedure": _("Shapes how another route runs"),
    "network": _("Contact points and platforms"),
    "duty": _("Duty, not a power"),
}
FORCES: Final[Mapping[str, Word]] = {
    "yes": pgettext_lazy("an instrument", "In force"),
    "no": pgettext_lazy("an instrument", "Not in force"),
    "open": pgettext_lazy("an instrument", "Force not stated"),
    "soft": pgettext_lazy("an instrument", "Not binding"),
}
FORCE_TONES: Final[Mapping[str, str]] = {"yes": "good", "no": "bad", "open": "warn", "soft": "info"}
ENCODINGS: Final[Mapping[str, Word]] = {
    "fully": pgettext_lazy("an instrument", "Encoded in full"),
    "partly": pgettext_lazy("an instrument", "Encoded in part"),
    "text": pgettext_lazy("an instrument", "As text only"),
    "not": pgettext_lazy("an instrument", "Not encoded"),
}
ENCODING_TONES: Final[Mapping[str, str]] = {"fully": "good", "partly": "info", "text": "info", "not": "warn"}
ENCODING_SAYS: Final[Mapping[str, Word]] = {
    "fully": _("Every condition that can decide a route is evaluated; the rest is shown as text."),
    "partly": _(
        "Some conditions are evaluated, others are shown as text only: routes stay open until somebody reads them."
    ),
    "text": _("Its rules are shown as text; no condition is evaluated yet, so its routes stay open."),
    "not": _(
        "This edition knows the instrument, but not its rules. That is not the same as no rule: read its text, or ask a "
        "central authority, before you rely on it or rule it out."
    ),
}
STANDINGS: Final[Mapping[Truth, Word]] = {
    Truth.YES: pgettext_lazy("a state", "Bound"),
    Truth.OPEN: pgettext_lazy("a state", "Open"),
    Truth.NO: pgettext_lazy("a state", "Not bound"),
}
STANDING_TONES: Final[Mapping[Truth, str]] = {Truth.YES: "good", Truth.OPEN: "warn", Truth.NO: "bad"}
WEIGHTS: Final[Mapping[Weight, Word]] = {
    Weight.DECIDES: _("Decides."),
    Weight.ADVISES: _("Advises: the route is at best open until somebody confirms the article."),
    Weight.SHOWN: _("Is only shown: it neither opens nor closes a route."),
}
DECLARED: Final[Mapping[str, Word]] = {
    "authority": _("Authority named"),
    "reservation": _("Reservation"),
    "reservation-flag": _("Reservation on file, article not stated"),
    "declaration": _("Declaration"),
    "language": _("Languages"),
    "none": _("Nothing declared"),
}
DECLARED_TONES: Final[Mapping[str, str]] = {"reservation": "warn", "reservation-flag": "warn", "authority": "info"}
JOINED: Final[Mapping[str, Word]] = {
    "R": pgettext_lazy("how a state joined", "Ratified"),
    "R(acceptance)": pgettext_lazy("how a state joined", "Accepted"),
    "R(approval)": pgettext_lazy("how a state joined", "Approved"),
    "A": pgettext_lazy("how a state joined", "Acceded"),
    "Su": pgettext_lazy("how a state joined", "Succeeded"),
    "P": pgettext_lazy("how a state joined", "Party"),
    "bound": pgettext_lazy("how a state joined", "Bound by the act"),
    "bound-in-part": pgettext_lazy("how a state joined", "Bound in part"),
    "not-bound": pgettext_lazy("how a state joined", "Stays outside"),
    "S": pgettext_lazy("how a state joined", "Signed only"),
    "S?": pgettext_lazy("how a state joined", "Signed; more is not known"),
    "S(definitive)": pgettext_lazy("how a state joined", "Definitive signature"),
    "I": pgettext_lazy("how a state joined", "Invited"),
    "U": pgettext_lazy("how a state joined", "Not verified"),
    "assoc": pgettext_lazy("how a state joined", "Associated"),
    "schengen": pgettext_lazy("how a state joined", "Associated with Schengen"),
    "schengen-decision": pgettext_lazy("how a state joined", "Decision about Schengen"),
    "withdrawn": pgettext_lazy("how a state joined", "Withdrew"),
    "none": pgettext_lazy("how a state joined", "None"),
    "LED": pgettext_lazy("how a state joined", "Adequate under the directive for law enforcement"),
    "GDPR": pgettext_lazy("how a state joined", "Adequate under the general regulation"),
    "G7": pgettext_lazy("how a state joined", "In the network of the G7"),
    "art35": pgettext_lazy("how a state joined", "Named a contact point"),
}
COUNTED: Final[Mapping[str, Word]] = {
    "R1182_71": _("by Regulation 1182/71"),
    "directive_national_law": _("by the national law that carries out the directive"),
    "national_law": _("by national law"),
    "treaty_silent": _("the treaty does not say how: both readings are shown"),
}
CLOCK_STATES: Final[Mapping[str, Word]] = {
    "waits": pgettext_lazy("a clock", "Waits for its event"),
    "runs": pgettext_lazy("a clock", "Runs"),
    "stopped": pgettext_lazy("a clock", "Stands still"),
    "done": pgettext_lazy("a clock", "Done"),
}
PARTS: Final[Mapping[str, Word]] = {
    **{part: questions.SECTIONS[section] for section, parts in FACETS.items() for part in parts},
    "common": _("For all its measures"),
    "mla_general": _("Mutual legal assistance in general"),
    "dual_criminality": _("Dual criminality"),
    "status": _("Status"),
    "scope": _("Where it applies"),
    "scope_gate": _("Where it applies"),
    "applies_to": _("Where it applies"),
    "does_not_apply_to": _("Where it does not apply"),
    "temporal": _("When it applies"),
    "relation": _("Relation to other instruments"),
    "definitions": _("Definitions"),
    "emergency_definition": _("What an emergency is"),
    "offence_conditions": _("Conditions of the offence"),
    "principles": _("Principles"),
    "authorities": _("Authorities"),
    "sanctions": _("Penalties"),
    "admissibility": _("Admissibility"),
    "statistics": _("Statistics"),
    "review": _("Review"),
    "disputes": _("Disputes"),
    "declarations": _("Declarations"),
    "reservations": _("Reservations"),
    "corrigendum_2026_07_13": _("Corrigendum"),
}


def spoken(known: Mapping[str, Word], code: str) -> str:
    """The word for a code; one without a word is shown as the law's data write it, marked as English."""
    return word(known, code) if code in known else format_html('<span lang="en">{}</span>', code.replace("_", " "))


def duration(code: str) -> str:
    """A duration of the law in words."""
    if years := _YEARS.fullmatch(code):
        return ngettext("%(n)s year", "%(n)s years", int(years[1])) % {"n": years[1]}
    return verdicts.duration(code)


def long(kind: str, figure: str) -> str:
    """How long a deadline is: its kind and its figure, where it has one."""
    return " ".join(part for part in (word(questions.CLOCKS, kind), duration(figure) if figure else "") if part)
