"""A signed text as people read it: every field of the record with a label, nothing left out and nothing added.

What is shown comes from the very text that is signed. Codes keep their spelling beside the word, so that the reader can
compare with the exact bytes below.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comity.canon import Json, JsonObject
from comity.web.shell import wording

LABELS: Final[Mapping[str, str | Promise]] = {
    "actor": _("Who acted"),
    "acts": _("Acts"),
    "address": _("Address"),
    "after": _("From when the period runs"),
    "aim": _("What is to be found out or secured"),
    "algorithm": _("Algorithm"),
    "allowed": _("Reaches the confidences of"),
    "always": _("At any hour"),
    "appointed_at": _("Appointed at"),
    "article": _("Article"),
    "at": _("Moment"),
    "authorisation": _("Authorisation (digest)"),
    "authority": _("Authority"),
    "broken": _("Numbers of the broken seals"),
    "by": _("By"),
    "bytes": _("Length in bytes"),
    "capacity_per_week": _("Requests that it can take a week"),
    "case": _("Case"),
    "category": _("Category of data"),
    "cause": _("Cause"),
    "change": _("Change"),
    "changes": _("Changes"),
    "channels": _("How it is reached"),
    "check": _("What the node checks"),
    "checkpoint": _("Signed state of the log"),
    "clock": _("How the date was counted"),
    "closes": _("Closes at"),
    "code": _("Code of the refusal"),
    "codes": _("May be used (H codes)"),
    "commitment": _("Commitment (hash with a salt)"),
    "conditions": _("Conditions"),
    "confidential": _("Confidential"),
    "confirmed_at": _("Confirmed at"),
    "considered": _("What was considered"),
    "content": _("The content"),
    "convention": _("Route of the convention"),
    "course": _("Course"),
    "covered_by": _("Covered by (digest)"),
    "credential": _("Passkey"),
    "data": _("Data"),
    "days": _("Days (1 is Monday)"),
    "decided_at": _("Decided at"),
    "decision": _("Decision (digest)"),
    "deliveries": _("Goes to"),
    "derived": _("What was made of it"),
    "derogation": _("Case of derogation"),
    "description": _("Description"),
    "device": _("Device"),
    "digest": _("Digest"),
    "document": _("Document"),
    "drafted_by": _("Drafted by"),
    "edition": _("Edition of the law"),
    "ended_by": _("Ended by (digest)"),
    "enrolled_by": _("Enrolled by"),
    "event": _("Event"),
    "evidence_to": _("Evidence goes to"),
    "executing": _("Highest penalty in the requested state, years"),
    "exhibit": _("Exhibit"),
    "expires": _("Expires"),
    "expires_at": _("Must be used by"),
    "facts": _("What is stated"),
    "fingerprint": _("Fingerprint"),
    "flags": _("Flags"),
    "for": _("Whom counsel defends"),
    "form": _("Form"),
    "forms": _("Forms that it accepts"),
    "from": _("From"),
    "gate": _("What the transfer gate held"),
    "given_by": _("Given by"),
    "ground": _("Ground"),
    "handling": _("Handling codes"),
    "held_on": _("Held on"),
    "hours": _("Hours"),
    "id": _("Name in the record"),
    "index": _("Place in the log"),
    "issued_at": _("Issued at"),
    "issuer": _("Issuer"),
    "issuing": _("Highest penalty in the requesting state, years"),
    "item": _("Item"),
    "keep_until_min": _("Keep at least until"),
    "key_commitment": _("Commitment to the item's key"),
    "kind": _("Kind"),
    "languages": _("Languages"),
    "law": _("Law"),
    "leaf": _("Hash of the log entry"),
    "legal_basis": _("Legal basis"),
    "less_intrusive": _("Milder means considered"),
    "letter": _("Letter (digest)"),
    "level": _("Level"),
    "link": _("How data and offence are linked"),
    "linked": _("Follows the letter"),
    "log_key": _("Key of its log"),
    "log_origin": _("Name of its log"),
    "mandate": _("Mandate"),
    "means": _("Means"),
    "measure": _("Measure"),
    "measures": _("Measures"),
    "media_type": _("Type of file"),
    "medium": _("Medium"),
    "message": _("Message"),
    "message_digest": _("Digest of the message"),
    "messages": _("Messages"),
    "method": _("Method"),
    "name": _("Name"),
    "necessity": _("Necessity and proportionality"),
    "node": _("Node"),
    "node_kind": _("Kind of node"),
    "nonce": _("One-time number"),
    "note": _("Note"),
    "number": _("Number"),
    "of": _("Receipt of the message"),
    "offences": _("Offences"),
    "office": _("Office"),
    "official": _("Official"),
    "official_origin": _("Address of its desks"),
    "official_rp_id": _("Site of its officials' passkeys"),
    "on": _("On the day"),
    "opened": _("Opened as"),
    "outcome": _("What became of it"),
    "opens": _("Opens at"),
    "origin": _("Origin"),
    "outstanding": _("Outstanding"),
    "peer": _("Other node"),
    "period": _("Why this period"),
    "period_days": _("Period in days"),
    "place": _("Place"),
    "power": _("Power"),
    "powers": _("Powers"),
    "preserved_at": _("Preserved at"),
    "previous": _("Record before (digest)"),
    "privileges": _("Protected confidences"),
    "protected": _("Protected persons"),
    "public": _("Public key"),
    "purpose": _("Purpose"),
    "reason": _("Reason"),
    "reasons": _("What it rests on"),
    "receive_keys": _("Keys for what is sent to it"),
    "receiver": _("Receiver"),
    "recipient": _("Recipient"),
    "record": _("Record (digest)"),
    "recorded_by": _("Recorded by"),
    "redaction": _("Root of its fields"),
    "reference": _("Reference"),
    "reliability": _("Reliability"),
    "remark": _("Other restrictions"),
    "requires": _("What powers ask for"),
    "responsible": _("Answers for it"),
    "revoked": _("Mandate of the passkey that is revoked"),
    "rights_weighed": _("Rights weighed"),
    "role": _("Role"),
    "route": _("Route"),
    "rules": _("Rules"),
    "salt": _("Salt"),
    "scheme": _("Scheme of the evaluation"),
    "scope": _("Scope"),
    "sealed_bytes": _("Length of the sealed file in bytes"),
    "sealed_sha256": _("SHA-256 of the sealed file"),
    "seals": _("Seals"),
    "selector": _("Target"),
    "selectors": _("Targets"),
    "sentence": _("What was refused"),
    "seq": _("Number in the custody record"),
    "serial": _("Serial number"),
    "seriousness": _("How serious the offence is"),
    "sha256": _("SHA-256 of the content"),
    "signing_key": _("Key that it signs with"),
    "software_authenticator": _("Marked software authenticator"),
    "source": _("Source"),
    "standing": _("How the mandate stands"),
    "state": pgettext_lazy("country", "State"),
    "stated": _("What the step states"),
    "statement": _("Signed text it rests on (digest)"),
    "step": _("Step"),
    "stopped": _("What was stopped"),
    "subject": _("Subject"),
    "suite": _("Cipher suite"),
    "supervisor_told": _("Supervisory authority told"),
    "suspicion": _("What the suspicion rests on"),
    "tags": _("Tags"),
    "taken_at": _("Collected at"),
    "taken_by": _("Collected by"),
    "territory": _("Territory"),
    "text": _("In words"),
    "their_leaf": _("Leaf in the other log"),
    "thing": _("Kind"),
    "things": _("Everything that is held"),
    "time_source": _("Source of time"),
    "tlp": _("Traffic light (TLP)"),
    "to": _("To"),
    "to_state": _("To the state"),
    "told": _("Peers that were told"),
    "tool": _("Tool"),
    "tool_version": _("Version of the tool"),
    "transfer": _("Transfer"),
    "type": _("Format"),
    "until": _("Until"),
    "urgent": _("Urgent"),
    "url": _("Address"),
    "valid_until": _("Counts until"),
    "validates": _("Validates the decision (digest)"),
    "validation": _("To be validated"),
    "verdict": _("Answer of the law"),
    "version": _("Version"),
    "why_not": _("Why it is not enough"),
    "withdrawn": _("Withdrawn because"),
    "witness": pgettext_lazy("disposal", "Witness"),
    "witnesses": _("Witnesses"),
    "written_at": _("Written at"),
    "zone": _("Time zone"),
}
_WORDS: Final[Mapping[str, Mapping[str, str | Promise]]] = {
    "form": wording.FORMS,
    "step": wording.STEPS,
    "measure": wording.MEASURES,
    "role": {**wording.ROLES, **wording.DELIVERY_ROLES},
    "derogation": wording.DEROGATIONS,
    "event": wording.CUSTODY,
}
_DIGEST_CHARACTERS: Final = 32
_FIRST: Final = (
    *("subject", "kind", "form", "event", "step", "name", "item"),
    *("facts", "purpose", "necessity", "less_intrusive", "privileges", "conditions", "scope", "offences"),
    *("aim", "suspicion", "link", "means", "why_not", "check", "text"),
    *("measure", "acts", "selectors", "data", "from", "until", "territory"),
    *("legal_basis", "law", "article", "to_state", "deliveries", "urgent", "confidential", "handling"),
    *("decided_at", "expires", "official", "office", "authority"),
)
"""What a reader looks for first; every other field follows in its own order."""


@dataclass(frozen=True)
class Row:
    """One field: its label, and either a value or the rows within it. `code` is set in the type of a machine."""

    label: str
    value: str = ""
    code: bool = False
    rows: tuple["Row", ...] = ()


def rows(record: JsonObject) -> tuple[Row, ...]:
    """Every field of a record: first what a reader looks for, then the rest in the order of the text."""
    places = {name: place for place, name in enumerate(_FIRST)}
    ordered = sorted(record.items(), key=lambda one: places.get(one[0], len(_FIRST)))
    return tuple(_row(name, value) for name, value in ordered)


def label(name: str) -> str:
    """The label of a field; one without a label is shown as it is written."""
    return str(LABELS.get(name, name.replace("_", " ")))


def _row(name: str, value: Json) -> Row:
    if isinstance(value, dict) and value:
        return Row(label(name), rows=rows(value))
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        numbered = tuple(Row(str(place), rows=rows(one)) for place, one in enumerate(value, start=1))
        return Row(label(name), rows=numbered)
    return Row(label(name), _value(name, value), code=_is_code(value))


def _value(name: str, value: Json) -> str:
    if value is None or value in ("", [], {}):
        return _now("none")
    if isinstance(value, bool):
        return _now("yes") if value else _now("no")
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    text = str(value)
    words = _WORDS.get(name, {})
    return f"{words[text]} ({text})" if text in words else text


def _is_code(value: Json) -> bool:
    """Digests and references: long, without spaces."""
    return isinstance(value, str) and len(value) >= _DIGEST_CHARACTERS and " " not in value
