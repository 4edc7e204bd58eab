"""Need-to-know: the one place that decides who sees what. Default deny; that something exists is a secret.

* A case is seen by its members, and by the overseer.
* A letter is seen by the members of its case, and by the offices of the node that have to act on it: judges who decide,
  liaison officers who handle it, custodians where evidence moves. A confidential letter is shown to custodians only once
  it was recognised. A letter marked TLP:RED is shown to those whom it concerns: judges while it waits for them or when they
  decided, liaison officers where it came in, custodians where it moves.
* An overseer sees every letter and every log entry of the node, and no evidence.
* In an emergency an official opens one letter or case past all this, for an hour and to read it (`OpeningRow`): never an
  item, and never who is administrator, custodian or overseer in any office. It is an act of its own, and alarms the overseer.
* Each answer has a reason, which the entitled may read. Who may not see gets `NoSuchThing`, as for what does not exist.
* The time in which an emergency runs is the node's clock; nothing else here depends on a moment.
* What all this means for each role, page and act is declared in `pages` and `deeds`, and compared by the tests.
"""

from comity.registry.access.grounds import (
    DECIDES,
    HANDLES,
    KEEPS,
    MEMBER,
    OPENED,
    OVERSEES,
    Ground,
    NoSuchThing,
    OnlyReads,
    hidden_as,
    hold_case,
    hold_letter,
    of_cases,
    of_disclosures,
    of_items,
    of_letters,
    of_the_authority,
    of_this_node,
    reaching,
    visible_cases,
    visible_disclosures,
    visible_exhibits,
    visible_items,
    visible_letters,
    why_case,
    why_disclosure,
    why_exhibit,
    why_item,
    why_letter,
    why_log,
)
from comity.registry.access.mandates import entry_of, powers_of_person, require, running, training_policy, trainings_of

__all__ = [
    "DECIDES",
    "HANDLES",
    "KEEPS",
    "MEMBER",
    "OPENED",
    "OVERSEES",
    "Ground",
    "NoSuchThing",
    "OnlyReads",
    "entry_of",
    "hidden_as",
    "hold_case",
    "hold_letter",
    "of_cases",
    "of_disclosures",
    "of_items",
    "of_letters",
    "of_the_authority",
    "of_this_node",
    "powers_of_person",
    "reaching",
    "require",
    "running",
    "training_policy",
    "trainings_of",
    "visible_cases",
    "visible_disclosures",
    "visible_exhibits",
    "visible_items",
    "visible_letters",
    "why_case",
    "why_disclosure",
    "why_exhibit",
    "why_item",
    "why_letter",
    "why_log",
]
