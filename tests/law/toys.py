"""Small instruments that are added to the packaged edition as data, to show one thing at a time."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from comity import law
from law.cases import EDITION

READ = "primary_text"


def fact(text: str, art: str, v: str = READ) -> dict[str, str]:
    return {"fact": text, "art": art, "v": v}


def parties(*states: str, since: str = "2020-01-01", **table: str) -> dict[str, Any]:
    rows = [
        {"iso2": one, "state": one, "kind": "R", "entry_into_force_date": since, "confidence": "official"}
        for one in states
    ]
    index = {"in_force_since": since, "status_as_of_source": "in force", "completeness": "complete", **table}
    return {"party": rows, "table": index}


def instrument(
    *, conditions: Mapping[str, Any] | None = None, bound: Mapping[str, Any] | None = None, **measure: Any
) -> dict[str, Any]:
    """One instrument with one measure `toy.preserve` that answers preservation."""
    held = {
        "id": "toy.preserve",
        "kind": "preservation",
        "article": "7",
        "verification": READ,
        "reach": "cross_border",
        "answers": ["preservation"],
        "safeguards": [fact("Rights are kept", "8")],
        "notification": [fact("The other state is told", "9")],
        **measure,
    }
    return {
        "instrument": {
            "instrument": {
                "title": "Treaty of the test",
                "source": "S-NLT-BUDAPEST",
                "status": [fact("In force", "20")],
                "relation": [fact("It stands before others", "21")],
            }
        },
        "measures": [held],
        "parties": bound or parties("CV", "NL"),
        "conditions": {"encoded": "fully", **(conditions or {})},
    }


def edition(**instruments: Mapping[str, Any]) -> law.Edition:
    """The packaged edition with these instruments, named with hyphens for underscores."""
    document = deepcopy(EDITION.document)
    for name, one in instruments.items():
        document["instruments"][name.replace("_", "-")] = deepcopy(dict(one))
    return law.Edition.from_document(document)
