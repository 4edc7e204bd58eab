"""Words for evidence: kinds of exhibit, handling codes, schemes of evaluation, and how a criterion stands."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comity.cases.handling import Handling, Light, Restriction
from comity.errors import N_
from comity.evidence.admissibility import Judged, Standing
from comity.evidence.custody import CustodyEvent
from comity.evidence.events import Derived
from comity.evidence.exhibit import ExhibitKind
from comity.evidence.marking import LIGHT
from comity.evidence.reliability import CONTENTS, SOURCES, Reliability, Scheme
from comity.evidence.tags import OBJECTS
from comity.web.shell import questions, wording

Word = str | Promise

SCHEMES: Final[Mapping[str, Word]] = {
    Scheme.ADMIRALTY: _("Admiralty code (A to F, 1 to 6)"),
    Scheme.EUROPOL: _("Europol's code (A, B, C, X; 1 to 4)"),
}
LIGHTS: Final[Mapping[str, Word]] = {
    Light.NOT_STATED: _("none"),
    Light.CLEAR: _("TLP:CLEAR"),
    Light.GREEN: _("TLP:GREEN"),
    Light.AMBER: _("TLP:AMBER"),
    Light.AMBER_STRICT: _("TLP:AMBER+STRICT"),
    Light.RED: _("TLP:RED"),
}
CODES: Final[Mapping[str, Word]] = {
    Restriction.H0: _("H0: to prevent and combat crime"),
    Restriction.H1: _("H1: no evidence in court without leave of who gave it"),
    Restriction.H2: _("H2: not passed on without leave of who gave it"),
    Restriction.H3: _("H3: other restrictions, in words"),
}
KINDS: Final[Mapping[str, Word]] = {
    ExhibitKind.DEVICE: _("Device"),
    ExhibitKind.MEDIUM: _("Storage medium"),
    ExhibitKind.WALLET: _("Cold wallet"),
    ExhibitKind.DOCUMENT: _("Document"),
    ExhibitKind.CARD: _("Card"),
    ExhibitKind.OTHER: _("Something else"),
}
DERIVED: Final[Mapping[str, Word]] = {
    Derived.EXTRACT: _("Extract"),
    Derived.CONVERSION: _("Conversion"),
    Derived.TRANSLATION: _("Translation"),
    Derived.REDACTION: _("Redaction"),
    Derived.IMAGE: _("Image"),
    Derived.PHOTOGRAPH: _("Photograph"),
}
RECORDS: Final[Mapping[str, Word]] = {
    CustodyEvent.ACCESS: _("Record an access"),
    CustodyEvent.MARKING: _("Mark"),
    CustodyEvent.SEALING: _("Record the seal"),
    CustodyEvent.COPY: _("Record a copy"),
    CustodyEvent.CORRECTION: _("Correct the origin"),
    CustodyEvent.LEAVE: _("Record a leave"),
    CustodyEvent.PLACEMENT: _("Put elsewhere"),
    CustodyEvent.RETURN: _("Record the return"),
    CustodyEvent.DISPOSAL: _("Record the disposal"),
}
STANDINGS: Final[Mapping[Standing, tuple[Word, str]]] = {
    Standing.MET: (pgettext_lazy("criterion", "met"), "good"),
    Standing.MISSING: (pgettext_lazy("criterion", "missing"), "bad"),
    Standing.NOT_KNOWN: (pgettext_lazy("criterion", "not known"), "warn"),
}
GENERAL: Final = frozenset(
    {
        N_("General profile"),
        N_("Where, from which device and by whom it was collected is recorded."),
        N_("It was collected under a decision of a competent authority that still stands."),
        N_("It can be shown that it is what was collected."),
        N_("Who had it is recorded without a gap from the collection to today."),
        N_("When it was collected is recorded, with the clock that said so."),
        N_("How it was collected is recorded, with the tool and its version, so that it can be repeated."),
        N_("The court can read it."),
        N_("The defence can examine it."),
        N_("Nobody whose leave is needed has withheld it from courts."),
        N_("What concerns privilege, victims or uninvolved persons was reviewed."),
    }
)
"""What the packaged profile says; a state's own profile speaks its own words."""
_FAMILIES: Final = {"object": OBJECTS, "data": questions.DATA, "offence": questions.OFFENCES}


def tag(typed: str) -> str:
    """The word for a tag; the tag itself where this release has none."""
    family, _colon, name = typed.partition(":")
    found = _FAMILIES.get(family, {}).get(name)
    return _now(str(found)) if found else typed


def leave(code: str) -> str:
    """For what a leave is."""
    if code == LIGHT:
        return _now("Traffic light")
    return wording.word(CODES, Restriction(code))


def reliability(one: Reliability) -> str:
    """A code with its scheme, in words."""
    source, content = SOURCES[one.scheme][one.source], CONTENTS[one.scheme][one.content]
    return _now("%(code)s by %(scheme)s: %(source)s; %(content)s") % {
        "code": one.code,
        "scheme": SCHEMES[one.scheme],
        "source": _now(source),
        "content": _now(content),
    }


def handling(stated: Handling) -> str:
    """Handling codes in words; "" for none."""
    listed = [str(LIGHTS[stated.light])] if stated.light else []
    listed += [str(CODES[one]) for one in sorted(stated.restrictions)]
    return "; ".join([*listed, stated.remark] if stated.remark else listed)


def profiled(sentence: str) -> str:
    """What a profile says: translated where the packaged one says it, else as the state wrote it."""
    return _now(sentence) if sentence in GENERAL else sentence


def judged(one: Judged) -> tuple[str, str]:
    """Why a criterion stands so, and what would cure it."""
    facts = dict(one.facts)
    return _now(one.why).format(**facts) if facts else _now(one.why), _now(one.cure) if one.cure else ""
