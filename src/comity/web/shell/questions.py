"""Words for what the law is asked and what it answers. What stands in the law's own texts is not translated.

Which measures, offences and states there are is said by the edition; a code without a word is shown as it is written.
"""

from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comity.law import Edition
from comity.web.shell import wording

Word = str | Promise

MEASURES: Final[Mapping[str, Word]] = {
    **wording.MEASURES,
    "domain_registration_data": _("Data on the registration of a domain"),
    "realtime_traffic": _("Collection of traffic data as they arise"),
    "interception_content": _("Interception of content"),
    "transborder_access": _("Access to data abroad with consent"),
    "videoconference": _("Hearing by video conference"),
    "telephone_hearing": _("Hearing by telephone"),
    "jit": _("Joint investigation team"),
    "covert_investigation": _("Covert investigation"),
    "controlled_delivery": _("Controlled delivery"),
    "spontaneous_information": _("Information without a request"),
    "freezing": _("Freezing of assets or evidence"),
    "confiscation": _("Confiscation"),
    "service_of_documents": _("Service of documents"),
    "info_on_request_spoc": _("Information between single points of contact"),
    "emergency_disclosure": _("Disclosure in an emergency"),
    "general_mla": _("Mutual legal assistance in general"),
    "evidence_order": _("Order to obtain evidence"),
    "bank_information": _("Information on bank accounts"),
    "bank_monitoring": _("Monitoring of bank transactions"),
    "enforcement_against_provider": _("Enforcement against a provider"),
    "conflict_of_laws_review": _("Review of a conflict of laws"),
    "extradition": _("Extradition or surrender"),
    "provisional_evidence_measure": _("Provisional measure to secure evidence"),
    "witness_protection": _("Protection of witnesses"),
    "transfer_of_proceedings": _("Transfer of proceedings"),
    "asset_disposal": _("Disposal of assets"),
    "takedown": _("Removal of content"),
    "account_suspension": _("Suspension of an account"),
    "information_order": _("Order to give information about users"),
    "contact_point_24_7": _("Contact point, day and night"),
    "emergency_mla": _("Mutual legal assistance in an emergency"),
    "provider_representation": _("Establishment or representative of a provider"),
    "suspicion_notification": _("Report of a suspicion by a provider"),
    "notice_and_action": _("Notice of illegal content, and what follows"),
    "data_protection_duty": _("Duty of data protection"),
    "data_transfer": _("Transfer of personal data"),
    "breach_notification": _("Report of a breach of personal data"),
    "logging": _("Keeping of logs"),
    "whistleblowing": _("Reports by whistleblowers"),
    "time_computation": _("Counting of periods"),
    "it_platform": _("Platform for working together"),
    "trader_traceability": _("Traceability of traders"),
}
DATA: Final[Mapping[str, Word]] = {
    **wording.DATA,
    "directly_accessible_information": _("Information that the other authority holds itself"),
    "indirectly_accessible_information": _("Information that the other authority can get from others"),
    "personal_data_subject_class": _("Class of the person concerned"),
}
AUTHORITIES: Final[Mapping[str, Word]] = {
    "judge": _("A judge"),
    "court": _("A court"),
    "investigating_judge": _("An investigating judge"),
    "public_prosecutor": _("A public prosecutor"),
    "police": _("The police"),
    "other_investigating_authority": _("Another investigating authority"),
}
STAGES: Final[Mapping[str, Word]] = {
    "inquiry": pgettext_lazy("stage of proceedings", "Inquiry"),
    "investigation": pgettext_lazy("stage of proceedings", "Investigation"),
    "prosecution": pgettext_lazy("stage of proceedings", "Prosecution"),
    "trial": pgettext_lazy("stage of proceedings", "Trial"),
    "execution_of_sentence": pgettext_lazy("stage of proceedings", "Execution of the sentence"),
}
PURPOSES: Final[Mapping[str, Word]] = {
    "evidence": pgettext_lazy("purpose of data", "Evidence"),
    "identify_user": pgettext_lazy("purpose of data", "Only to identify a user"),
}
URGENCIES: Final[Mapping[str, Word]] = {
    "normal": pgettext_lazy("urgency", "Normal"),
    "urgent": pgettext_lazy("urgency", "Urgent"),
    "emergency": pgettext_lazy("urgency", "Emergency: danger to life or limb"),
}
OFFENCES: Final[Mapping[str, Word]] = {
    "drugs": _("Drugs"),
    "new_psychoactive_and_doping_medicines": _("New psychoactive substances, doping and falsified medicines"),
    "weapons_explosives": _("Weapons and explosives"),
    "counterfeit_goods_ip": _("Counterfeit goods"),
    "stolen_data_credentials": _("Stolen data and access codes"),
    "payment_card_data_noncash_fraud": _("Payment card data and fraud without cash"),
    "malware_cybercrime_as_a_service": _("Malware and cybercrime as a service"),
    "ransomware_extortion": _("Ransomware and extortion"),
    "csam": _("Sexual abuse material of children"),
    "money_laundering": _("Money laundering"),
    "fraud_phishing": _("Fraud and phishing"),
    "human_trafficking": _("Trafficking in human beings"),
    "migrant_smuggling": _("Smuggling of migrants"),
    "wildlife_environment": _("Wildlife and environmental crime"),
    "cultural_goods": _("Cultural goods"),
    "forged_documents": _("Forged documents"),
    "counterfeit_currency": _("Counterfeit currency"),
    "contract_killing_violence": _("Killing and violence for hire"),
    "organs_tissue": _("Organs and tissue"),
    "cbrn": _("Chemical, biological, radiological and nuclear materials"),
    "stolen_goods_vehicles": _("Stolen goods and vehicles"),
    "terrorism_support": _("Support of terrorism"),
    "running_the_marketplace": _("Running the marketplace"),
    "corruption": _("Corruption"),
    "obstruction_of_justice": _("Obstruction of justice"),
}
STATUSES: Final[Mapping[str, Word]] = {
    "lawful": pgettext_lazy("status of a route", "Lawful"),
    "open": pgettext_lazy("status of a route", "Open"),
    "closed": pgettext_lazy("status of a route", "Closed"),
}
STATUS_TONES: Final[Mapping[str, str]] = {"lawful": "good", "open": "warn", "closed": "bad"}
OUTCOMES: Final[Mapping[str, Word]] = {
    "met": pgettext_lazy("outcome of a condition", "Met"),
    "failed": pgettext_lazy("outcome of a condition", "Failed"),
    "open": pgettext_lazy("outcome of a condition", "Open"),
    "check": pgettext_lazy("outcome of a condition", "To be checked"),
}
OUTCOME_TONES: Final[Mapping[str, str]] = {"met": "good", "failed": "bad", "open": "warn", "check": "info"}
LIKELIHOODS: Final[Mapping[str, Word]] = {
    "likely": pgettext_lazy("refusal", "Likely"),
    "possible": pgettext_lazy("refusal", "Possible"),
    "excluded": pgettext_lazy("refusal", "Excluded"),
}
APPLIES: Final[Mapping[str, Word]] = {
    "yes": pgettext_lazy("a rule", "Applies"),
    "no": pgettext_lazy("a rule", "Does not apply"),
    "may": pgettext_lazy("a rule", "May apply"),
}
APPLIES_TONES: Final[Mapping[str, str]] = {"yes": "info", "no": "", "may": "warn"}
LAYERS: Final[Mapping[str, str]] = {"met": "yes", "failed": "no", "open": "may", "check": "may"}
"""What the outcome of the condition of a rule says about the rule, as a key of `APPLIES`."""
MAY_ISSUE: Final[Mapping[str, Word]] = {
    "issue": pgettext_lazy("may issue", "Yes"),
    "on_condition": pgettext_lazy("may issue", "On a condition"),
    "no": pgettext_lazy("may issue", "No"),
    "not_stated": pgettext_lazy("may issue", "Not stated"),
}
MAY_ISSUE_TONES: Final[Mapping[str, str]] = {"issue": "good", "on_condition": "warn", "no": "bad", "not_stated": ""}
EFFECTS: Final[Mapping[str, Word]] = {
    "replaces": pgettext_lazy("relation of instruments", "Takes the place of"),
    "replaced_by": pgettext_lazy("relation of instruments", "Gives way to"),
    "prevails": pgettext_lazy("relation of instruments", "Goes before"),
    "prevailed_over_by": pgettext_lazy("relation of instruments", "Comes after"),
    "without_prejudice": pgettext_lazy("relation of instruments", "Leaves untouched"),
}
CASES: Final[Mapping[str, Word]] = {
    "normal": pgettext_lazy("a case", "as a rule"),
    "urgent": pgettext_lazy("a case", "if it is urgent"),
    "emergency": pgettext_lazy("a case", "in an emergency"),
}
SECTIONS: Final[Mapping[str, Word]] = {
    "issuers": _("Who signs and sends"),
    "validation": _("Who has to confirm it"),
    "delivery": _("How it is delivered"),
    "notification": _("Who has to be told"),
    "form": _("What it has to contain"),
    "consultation": _("When the sides talk first"),
    "postponement": _("When it can be postponed"),
    "confidentiality": _("What is kept secret"),
    "use_limits": _("Limits on use"),
    "safeguards": _("Safeguards"),
    "remedies": _("Remedies"),
    "costs": _("Costs"),
    "relation": _("Relation to other instruments"),
}
RECIPIENTS: Final[Mapping[str, Word]] = {
    "contact_point_24_7": _("Contact point, day and night"),
    "central_authority": _("Central authority"),
    "contact_point": _("Contact point"),
    "covered_provider": _("Provider that the agreement covers"),
    "custodian": _("Whoever keeps the data"),
    "designated_authority": _("Authority that the state has named"),
    "enforcing_authority": _("Enforcing authority"),
    "Europol": _("Europol"),
    "executing_authority": _("Executing authority"),
    "law_enforcement_or_judicial_authority_of_member_state_concerned": _(
        "Law enforcement or judicial authority of the Member State concerned"
    ),
    "legal_representative": _("Legal representative of the provider"),
    "main_establishment": _("Main establishment of the provider"),
    "person_in_possession_or_control": _("Person who holds or controls the data"),
    "registrar": _("Registrar of domains"),
    "service_provider": _("Service provider"),
    "service_provider_point_of_contact": _("Point of contact of the service provider"),
    "spoc_of_other_member_state": _("Single point of contact of the other Member State"),
    "supervisory_authority": _("Supervisory authority"),
}
ANSWERERS: Final[Mapping[str, Word]] = {
    "requesting authority": _("your own authority"),
    "requested authority": _("the authority that is asked"),
    "requested central authority": _("the central authority that is asked"),
    "central authority of either state": _("the central authority of either state"),
}
ANSWERS: Final[Mapping[str, Word]] = {
    "yes": _("yes"),
    "no": _("no"),
    "unknown": _("not known"),
}
CLOCKS: Final[Mapping[str, Word]] = {
    "hard_max": pgettext_lazy("kind of clock", "at most"),
    "hard_min": pgettext_lazy("kind of clock", "at least"),
    "promptness": pgettext_lazy("kind of clock", "without a figure: promptly"),
    "extension": pgettext_lazy("kind of clock", "can be extended by"),
    "auto_expiry": pgettext_lazy("kind of clock", "ends by itself after"),
    "objection_window": pgettext_lazy("kind of clock", "time to object"),
    "suspension": pgettext_lazy("kind of clock", "stands still"),
    "presumption_none": pgettext_lazy("kind of clock", "no presumption"),
}


def measures(edition: Edition) -> tuple[str, ...]:
    """The kinds of measure about which the edition has something to say, in its own order."""
    answered = {
        kind
        for instrument in edition.instruments.values()
        for measure in instrument.measures.values()
        for kind in measure.answers
    }
    return tuple(kind for kind in edition.kinds if kind in answered)


def states(edition: Edition) -> Mapping[str, str]:
    """The states that stand in a party table of the edition, by code, in the order of their names."""
    listed = {iso2 for instrument in edition.instruments.values() for iso2 in instrument.parties.rows}
    named = [(iso2, name) for iso2, name in edition.states.items() if iso2 in listed]
    return dict(sorted(named, key=lambda one: one[1]))


def answerers(codes: Iterable[str]) -> str:
    """Who can answer a fact, one or the other."""
    named = [wording.word(ANSWERERS, code) for code in codes]
    return reduce(lambda one, other: _now("%(one)s or %(other)s") % {"one": one, "other": other}, named)


def fact(name: str) -> str:
    """The question that a fact answers, in the law's words; a fact that the edition has no more is shown as it is called."""
    known = Edition.packaged().facts.get(name)
    return known.question if known else name.replace("_", " ")


def instrument(name: str) -> str:
    """The title of the instrument of an id, or of a measure in it; an id that the edition has no more stays as it is."""
    known = Edition.packaged().instruments.get(name.partition("/")[0])
    return known.title if known and known.title else name


def measure_url(instrument: str, measure: str) -> str:
    """Where a measure stands in the reading room; empty where the edition holds it no more."""
    held = Edition.packaged().instruments.get(instrument)
    return f"{reverse('law-instrument', args=[instrument])}#{measure}" if held and measure in held.measures else ""


def clock_url(instrument: str, measure: str, deadline: str) -> str:
    """Where a deadline is counted; empty where the edition holds it no more."""
    held = Edition.packaged().instruments.get(instrument)
    deadlines = held.measures[measure].deadlines if held and measure in held.measures else ()
    if deadline not in {one.id for one in deadlines}:
        return ""
    return f"{reverse('law-clock')}?{urlencode({'deadline': f'{instrument}/{measure}/{deadline}'})}"


def anchor(rank: int) -> str:
    """The name of a route's place on a page that shows it whole."""
    return f"route-{rank}"


def choices(words: Mapping[str, Word], codes: Iterable[str]) -> list[tuple[str, str]]:
    """Codes with their words, for a field to choose from."""
    return [(code, wording.word(words, code)) for code in codes]
