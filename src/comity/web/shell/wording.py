"""Words for the codes of the record: states, steps, forms, measures, roles, dates. Every code has its word.

Words of an article stay in the language of the record; these are the words of the desks.
"""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comity.authorisations.authorisation import AuthorisationKind
from comity.authorisations.reasons import Check
from comity.authorities.roles import Power, Role
from comity.evidence.custody import CustodyEvent
from comity.evidence.disclosure import Ground
from comity.exchange.card import NodeKind
from comity.exchange.transfer import Derogation, GroundKind
from comity.letters.due import DueKind
from comity.letters.letter import DeliveryRole, Form
from comity.letters.life import State, Step
from comity.registry.gestures import Prepared
from comity.registry.queries.readers import Why

Word = str | Promise

FORMS: Final[Mapping[str, Word]] = {
    Form.PRESERVATION: _("Preservation"),
    Form.PRODUCTION: _("Production"),
}
STATES: Final[Mapping[str, Word]] = {
    State.DRAFT: pgettext_lazy("state of a letter", "Draft"),
    State.DENIED: pgettext_lazy("state of a letter", "Denied"),
    State.AUTHORISED: pgettext_lazy("state of a letter", "Authorised"),
    State.SENT: pgettext_lazy("state of a letter", "Sent"),
    State.RECEIVED: pgettext_lazy("state of a letter", "Received"),
    State.ACKNOWLEDGED: pgettext_lazy("state of a letter", "Acknowledged"),
    State.QUERIED: pgettext_lazy("state of a letter", "Asked back"),
    State.PRESERVED: pgettext_lazy("state of a letter", "Preserved"),
    State.RECOGNISED: pgettext_lazy("state of a letter", "Recognised"),
    State.PARTLY_EXECUTED: pgettext_lazy("state of a letter", "Partly executed"),
    State.REFUSED: pgettext_lazy("state of a letter", "Refused"),
    State.EXECUTED: pgettext_lazy("state of a letter", "Executed"),
    State.WITHDRAWN: pgettext_lazy("state of a letter", "Withdrawn"),
}
TONES: Final[Mapping[str, str]] = {
    State.DRAFT: "",
    State.DENIED: "bad",
    State.AUTHORISED: "info",
    State.SENT: "info",
    State.RECEIVED: "info",
    State.ACKNOWLEDGED: "info",
    State.QUERIED: "warn",
    State.PRESERVED: "good",
    State.RECOGNISED: "good",
    State.PARTLY_EXECUTED: "warn",
    State.REFUSED: "bad",
    State.EXECUTED: "good",
    State.WITHDRAWN: "",
}
STEPS: Final[Mapping[str, Word]] = {
    Step.DRAFT: pgettext_lazy("step", "Drafted"),
    Step.AUTHORISE: pgettext_lazy("step", "Authorised"),
    Step.DENY: pgettext_lazy("step", "Authorisation denied"),
    Step.SEND: pgettext_lazy("step", "Sent"),
    Step.RECEIVE: pgettext_lazy("step", "Received"),
    Step.ACKNOWLEDGE: pgettext_lazy("step", "Acknowledged"),
    Step.QUERY: pgettext_lazy("step", "Asked back"),
    Step.ANSWER: pgettext_lazy("step", "Answered"),
    Step.PRESERVE: pgettext_lazy("step", "Data preserved"),
    Step.RECOGNISE: pgettext_lazy("step", "Recognised"),
    Step.REFUSE: pgettext_lazy("step", "Refused"),
    Step.EXECUTE_PARTLY: pgettext_lazy("step", "Executed in part"),
    Step.EXECUTE: pgettext_lazy("step", "Executed"),
    Step.WITHDRAW: pgettext_lazy("step", "Withdrawn"),
    Step.VALIDATE: pgettext_lazy("step", "Validated"),
    Step.LAPSE: pgettext_lazy("step", "Decision ended, letter taken back"),
}
TASKS: Final[Mapping[str, Word]] = {
    Step.AUTHORISE: _("Decide on the draft"),
    Step.DENY: _("Refuse to authorise"),
    Step.SEND: _("Send"),
    Step.ACKNOWLEDGE: _("Acknowledge"),
    Step.QUERY: _("Ask back"),
    Step.ANSWER: _("Answer the question"),
    Step.PRESERVE: _("Record the preservation"),
    Step.RECOGNISE: _("Decide on recognition"),
    Step.REFUSE: _("Refuse"),
    Step.EXECUTE_PARTLY: _("Report execution in part"),
    Step.EXECUTE: _("Report execution"),
    Step.WITHDRAW: _("Withdraw"),
    Step.VALIDATE: _("Decide on the validation"),
    Step.LAPSE: _("End the decision"),
    "erase": _("Erase the item"),
    "review": _("Review for protected persons"),
    "take_in": _("Take in the evidence"),
    "hand_over": _("Hand over the item"),
    "accept": _("Accept the item"),
    "request": _("Ask for the preserved data"),
    "overdue": _("A date has passed"),
    "laid_aside": _("Work was laid aside"),
    "alarm": _("Something was opened in an emergency"),
}
DUES: Final[Mapping[str, Word]] = {
    DueKind.VALIDATE_BEFORE: _("To be validated before then, or it is taken back"),
    DueKind.AUTHORISATION_EXPIRES: _("The authorisation expires"),
    DueKind.RECOGNITION_EXPIRES: _("The recognition expires"),
    DueKind.KEEP_UNTIL: _("Data are kept at least until then"),
    DueKind.ASK_BEFORE: _("Ask for the preserved data before then"),
}
KINDS: Final[Mapping[str, Word]] = {
    AuthorisationKind.WARRANT: pgettext_lazy("kind of decision", "Warrant"),
    AuthorisationKind.EMERGENCY: pgettext_lazy("kind of decision", "Emergency decision"),
    AuthorisationKind.VALIDATION: pgettext_lazy("kind of decision", "Validation"),
    AuthorisationKind.RECOGNITION: pgettext_lazy("kind of decision", "Recognition"),
}
FLAGS: Final[Mapping[str, Word]] = {
    "lawyer": _("Lawyer"),
    "doctor": _("Doctor"),
    "clergy": _("Cleric"),
    "journalist": _("Journalist"),
    "minor": _("Minor"),
    "victim": _("Victim"),
    "uninvolved": _("Uninvolved person"),
}
CHECKS: Final[Mapping[str, Word]] = {
    Check.SEALED: _("What leaves is sealed."),
    Check.REVIEWED: _("Somebody else reviews each item before it leaves."),
    Check.NO_CONTENT: _("No content of messages or files."),
    Check.NO_EXPORT: _("Nothing leaves the node in a bundle."),
}
ROLES: Final[Mapping[str, Word]] = {
    Role.ADMINISTRATOR: _("Administrator"),
    Role.INVESTIGATOR: _("Investigator"),
    Role.PROSECUTOR: _("Prosecutor"),
    Role.JUDGE: _("Judge"),
    Role.LIAISON: _("Liaison officer"),
    Role.CUSTODIAN: _("Custodian"),
    Role.OVERSEER: _("Overseer"),
    Role.DEFENCE: _("Counsel for the defence"),
    Role.SERVICE: _("Machine of the node"),
}
GROUNDS_TO_WITHHOLD: Final[Mapping[str, Word]] = {
    Ground.PRIVILEGED: _("privileged"),
    Ground.PROTECTED_PERSON: _("a protected person"),
    Ground.ONGOING_INVESTIGATION: _("an investigation that goes on"),
    Ground.THIRD_PARTY_RIGHTS: _("rights of others"),
    Ground.OWNERS_LEAVE: _("its owner has not given leave"),
    Ground.ERASED: _("it was erased"),
    Ground.OTHER: _("another ground"),
}
POWERS: Final[Mapping[str, Word]] = {
    Power.ADMINISTER: _("administer the node"),
    Power.OPEN_CASE: _("open cases"),
    Power.DRAFT_LETTER: _("draft letters"),
    Power.AUTHORISE: _("authorise letters"),
    Power.ISSUE_EMERGENCY: _("decide in an emergency, before a judge validates"),
    Power.SEND_LETTER: _("send letters"),
    Power.HANDLE_LETTER: _("handle letters that came"),
    Power.PRESERVE: _("have data preserved"),
    Power.RECOGNISE: _("recognise letters"),
    Power.TAKE_IN_EVIDENCE: _("take in evidence"),
    Power.HAND_OVER_EVIDENCE: _("hand over evidence"),
    Power.EXPORT_EVIDENCE: _("export evidence"),
    Power.OVERSEE: _("oversee the node"),
    Power.DISCLOSE: _("disclose cases to the defence"),
    Power.READ_DISCLOSURE: _("read what is disclosed to the defence"),
}
DELIVERY_ROLES: Final[Mapping[str, Word]] = {
    DeliveryRole.ADDRESSEE: _("Addressee"),
    DeliveryRole.NOTIFIED: _("Notified authority"),
    DeliveryRole.COPY: _("Copy"),
}
CUSTODY: Final[Mapping[str, Word]] = {
    CustodyEvent.ACQUISITION: _("Taken in"),
    CustodyEvent.SEIZURE: _("Seized"),
    CustodyEvent.CORRECTION: _("Origin corrected"),
    CustodyEvent.SEALING: _("Sealed"),
    CustodyEvent.PLACEMENT: _("Put in its place"),
    CustodyEvent.ACCESS: _("Opened"),
    CustodyEvent.COPY: _("Copied"),
    CustodyEvent.DERIVATION: _("Something was made of it"),
    CustodyEvent.MARKING: _("Marked"),
    CustodyEvent.LEAVE: _("Leave recorded"),
    CustodyEvent.TRANSFER: _("Handed over"),
    CustodyEvent.HAND_OVER: _("Handed over"),
    CustodyEvent.EXPORT: _("Exported"),
    CustodyEvent.RETURN: _("Returned"),
    CustodyEvent.DISPOSAL: _("Disposed of"),
}
GROUNDS: Final[Mapping[str, Word]] = {
    GroundKind.ADEQUACY: _("Adequacy decision"),
    GroundKind.SAFEGUARDS_AGREEMENT: _("Legally binding instrument with safeguards"),
    GroundKind.SAFEGUARDS_ASSESSED: _("Safeguards assessed by the controller"),
    GroundKind.DEROGATION: _("Derogation"),
    GroundKind.OWN_LAW: _("Own law of the giving state"),
}
DEROGATIONS: Final[Mapping[str, Word]] = {
    Derogation.VITAL_INTERESTS: _("Vital interests of a person"),
    Derogation.LEGITIMATE_INTERESTS: _("Legitimate interests of the person"),
    Derogation.IMMEDIATE_SERIOUS_THREAT: _("Immediate and serious threat"),
    Derogation.INDIVIDUAL_CASE: _("An individual case"),
    Derogation.LEGAL_CLAIM: _("A legal claim"),
}
SELECTOR_KINDS: Final[Mapping[str, Word]] = {
    "account": _("Account"),
    "address": _("Network address"),
    "domain": _("Domain"),
    "handle": _("Handle"),
    "wallet": _("Wallet"),
}
MEASURES: Final[Mapping[str, Word]] = {
    "preservation": _("Preservation of stored data"),
    "production_subscriber": _("Production of subscriber data"),
    "production_identification": _("Production of data that identify a user"),
    "production_traffic": _("Production of traffic data"),
    "production_content": _("Production of content data"),
    "search_seizure_stored": _("Search or seizure of stored data"),
}
DATA: Final[Mapping[str, Word]] = {
    "subscriber": _("Subscriber data"),
    "identification_only": _("Data only to identify a user"),
    "traffic": _("Traffic data"),
    "content": _("Content data"),
    "electronic_evidence": _("Electronic evidence"),
    "domain_registration": _("Domain registration data"),
    "bank": _("Bank data"),
}


READER_REASONS: Final[Mapping[str, Word]] = {
    Why.MEMBER: _("member of the case"),
    Why.DECIDES: _("decides on letters"),
    Why.HANDLES: _("handles letters"),
    Why.KEEPS_EVIDENCE: _("keeps the evidence that the letter moves"),
    Why.OVERSEES: _("oversees the node"),
    Why.OPENED: _("opened it in an emergency, for a short time"),
    Why.OPERATES: _("runs the node: its tables hold letters in clear"),
}
READER_OFFICES: Final[Mapping[str, Word]] = {
    Why.MEMBER: _("investigators of the case"),
    Why.DECIDES: _("judges"),
    Why.HANDLES: _("liaison officers"),
    Why.KEEPS_EVIDENCE: _("custodians"),
    Why.OVERSEES: _("overseers"),
    Why.OPENED: _("who opened it in an emergency"),
    Why.OPERATES: _("its operator"),
}

NODE_KINDS: Final[Mapping[str, Word]] = {
    NodeKind.LIVE: _("live"),
    NodeKind.DRILL: _("drill"),
    NodeKind.DEMO: _("demonstration"),
}


def word(words: Mapping[str, Word], code: str) -> str:
    """The word for a code; a code without one is shown as it is written in the record."""
    return str(words.get(code, code.replace("_", " ")))


_GESTURES: Final[Mapping[str, tuple[Word, Word]]] = {
    "letter.draft": (_("Sign the letter"), _("The letter is drafted. A judge decides on it next.")),
    "letter.authorise": (_("Sign the authorisation"), _("The letter is authorised. Its drafter can send it.")),
    "letter.emergency": (
        _("Sign the emergency decision"),
        _("The letter can be sent. A judge has to validate the decision before its time runs out."),
    ),
    "letter.validate": (_("Sign the validation"), _("The emergency decision is validated; the other side is told.")),
    "letter.lapse": (
        _("Sign the end of the decision"),
        _("The decision has ended. The letter is taken back, what came of it is sealed off, and everybody is told."),
    ),
    "evidence.erase": (_("Sign the erasure"), _("The key of the item is destroyed; the other side is told.")),
    "letter.recognise": (_("Sign the recognition"), _("The letter is recognised. The custodian can take in evidence.")),
    "evidence.take_in": (_("Sign the acquisition"), _("The item is sealed and in your custody.")),
    "evidence.hand_over": (_("Sign the hand-over"), _("The item is offered. The other side fetches and accepts it.")),
    "evidence.accept": (_("Sign for the item"), _("The item is in your custody; both sides have signed.")),
    "item.record": (_("Sign the custody record"), _("It stands in the custody of the item.")),
    "exhibit.seize": (_("Sign the seizure"), _("The exhibit is in your custody.")),
    "exhibit.record": (_("Sign the custody record"), _("It stands in the custody of the exhibit.")),
    "exhibit.hand_over": (_("Sign the hand-over"), _("It is signed over. The receiver signs next.")),
    "exhibit.accept": (_("Sign for the exhibit"), _("The exhibit is in your custody; both have signed.")),
    "evidence.export": (_("Sign the export"), _("The export is recorded. Sign the contents of the bundle next.")),
    "official.propose": (_("Sign the enrolment"), _("Your signature is kept. The second administrator signs next.")),
    "evidence.bundle": (
        _("Sign the contents of the bundle"),
        _("The contents of the bundle are signed. It can be downloaded."),
    ),
    "mandate.propose": (
        _("Sign the decision on a mandate"),
        _("Your signature is kept. Nothing has changed until the second administrator signs."),
    ),
    "mandate.decide": (_("Sign the decision on a mandate"), _("The decision counts from this moment.")),
    "training.record": (_("Sign the record of a training"), _("The training is recorded.")),
    "training.policy": (_("Sign what powers ask for"), _("It counts from this moment.")),
    "disclosure.issue": (_("Sign the list"), _("Counsel sees it at once, and it cannot be taken back.")),
    "retention.adopt": (_("Sign the schedule"), _("It is published, and counts from the day that it names.")),
    "competence.publish": (_("Sign the entry"), _("The entry is published; every admitted node is told.")),
    "official.enrol": (_("Sign the enrolment"), _("The official is enrolled and can sign in.")),
    "credential.ask": (_("Sign the request"), _("The request waits for two administrators.")),
    "credential.propose": (_("Sign for it"), _("Your signature is kept. The second administrator signs next.")),
    "credential.revoke": (_("Sign the revocation"), _("The passkey is revoked. Sessions that it opened are over.")),
    "credential.open": (_("Sign for it"), _("It opens the official's desk from now on.")),
}
_STEPS_DONE: Final[Mapping[str, Word]] = {
    Step.ACKNOWLEDGE: _("The letter is acknowledged; the other side is told."),
    Step.QUERY: _("The question is on its way to the other side."),
    Step.ANSWER: _("The answer is on its way to the other side."),
    Step.PRESERVE: _("The preservation is recorded; the other side is told."),
    Step.REFUSE: _("The letter is refused; the other side is told."),
    Step.EXECUTE_PARTLY: _("Execution in part is recorded; the other side is told."),
    Step.EXECUTE: _("Execution is recorded; the other side is told."),
    Step.WITHDRAW: _("The letter is withdrawn."),
}


def gesture_label(prepared: Prepared) -> str:
    """What an official is about to sign."""
    if prepared.gesture == "letter.step":
        step = word(TASKS, str(prepared.texts[0].body["step"]))
        return _now("Sign: %(step)s") % {"step": step}
    return str(_GESTURES[prepared.gesture][0])


def done(prepared: Prepared) -> str:
    """What is true now that it is signed."""
    if prepared.gesture == "letter.step":
        return word(_STEPS_DONE, str(prepared.texts[0].body["step"]))
    return str(_GESTURES[prepared.gesture][1])
