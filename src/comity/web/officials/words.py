"""Words of the administrators' desk for codes: powers, how mandates stand, what happened to people."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comity.authorities.roles import Power
from comity.authorities.standing import Change
from comity.registry.queries.roster import Runs

Word = str | Promise

POWERS: Final[Mapping[str, Word]] = {
    Power.ADMINISTER: _("administer people and nodes"),
    Power.OPEN_CASE: _("open cases"),
    Power.DRAFT_LETTER: _("draft letters"),
    Power.AUTHORISE: _("authorise letters"),
    Power.ISSUE_EMERGENCY: _("decide in an emergency, to be validated"),
    Power.SEND_LETTER: _("send letters"),
    Power.HANDLE_LETTER: _("handle letters that come in"),
    Power.PRESERVE: _("have data preserved"),
    Power.RECOGNISE: _("recognise letters of other states"),
    Power.TAKE_IN_EVIDENCE: _("take in evidence"),
    Power.HAND_OVER_EVIDENCE: _("hand over evidence"),
    Power.EXPORT_EVIDENCE: _("export evidence"),
    Power.OVERSEE: _("oversee the node"),
    Power.DISCLOSE: _("disclose cases to the defence"),
    Power.READ_DISCLOSURE: _("read what is disclosed to the defence"),
}
RUNS: Final[Mapping[str, Word]] = {
    Runs.IN_FORCE: pgettext_lazy("mandate", "In force"),
    Runs.SUSPENDED: pgettext_lazy("mandate", "Suspended"),
    Runs.ENDED: pgettext_lazy("mandate", "Ended"),
    Runs.RUN_OUT: pgettext_lazy("mandate", "Ran out"),
    Runs.NOT_YET: pgettext_lazy("mandate", "Begins later"),
}
TONES: Final[Mapping[str, str]] = {
    Runs.IN_FORCE: "good",
    Runs.SUSPENDED: "warn",
    Runs.ENDED: "bad",
    Runs.RUN_OUT: "",
    Runs.NOT_YET: "info",
}
FILTERS: Final[tuple[tuple[str, Word], ...]] = (
    ("", _("Everybody")),
    ("in_force", _("In office")),
    ("suspended", _("Suspended")),
    ("ended", _("No longer in office")),
    ("untrained", _("Training missing")),
)
HAPPENED: Final[Mapping[str, Word]] = {
    "appointed": pgettext_lazy("history of a person", "Appointed"),
    "passkey": pgettext_lazy("history of a person", "Further passkey"),
    "suspend": pgettext_lazy("history of a person", "Suspended"),
    "reinstate": pgettext_lazy("history of a person", "Reinstated"),
    "revoke": pgettext_lazy("history of a person", "Mandate ended"),
    "trained": pgettext_lazy("history of a person", "Trained"),
}
HAPPENED_TONES: Final[Mapping[str, str]] = {
    "appointed": "good",
    "passkey": "info",
    "suspend": "warn",
    "reinstate": "good",
    "revoke": "bad",
    "trained": "info",
}
DECIDE: Final[Mapping[str, Word]] = {
    Change.SUSPEND: _("Suspend"),
    Change.REINSTATE: _("Reinstate"),
    Change.REVOKE: pgettext_lazy("a mandate", "End"),
}
DECIDE_TITLES: Final[Mapping[str, Word]] = {
    Change.SUSPEND: _("Suspend the mandate of %(name)s"),
    Change.REINSTATE: _("Reinstate the mandate of %(name)s"),
    Change.REVOKE: _("End the mandate of %(name)s"),
}
DECIDE_LEADS: Final[Mapping[str, Word]] = {
    Change.SUSPEND: _(
        "From this moment the official cannot sign in or sign here, until somebody reinstates the mandate. Texts that wait for "
        "the official's signature are void, sessions end. What was done before stays valid."
    ),
    Change.REINSTATE: _(
        "The mandate runs again from this moment. What was signed while it was suspended does not become valid by it."
    ),
    Change.REVOKE: _(
        "From this moment the official cannot sign in or sign here, also not what is pending. What was done before stays valid. "
        "It cannot be undone: a new invitation begins a new mandate."
    ),
}
