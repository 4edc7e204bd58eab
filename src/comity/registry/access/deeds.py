"""Every act of the registry and who may do it: the half of the access matrix that is not about pages.

A new `@act` needs its row here, or the build fails (`tests/registry/test_deeds.py`). To add one:

1. Name it as `module.function` of `registry/actions`.
2. Powers: those that its `access.require` asks for (one is enough where there are several); `MACHINE`, where the node itself
   acts on what a peer sent or on its own work; `ONESELF`, where every official acts on what is the official's own.
3. What it is about: who does not see the thing does not act on it either, and is answered that there is no such thing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from comity.authorities.roles import POWERS, Power, Role
from comity.registry.access.relations import SEEN, Relation, What

MACHINE: Final = None
ONESELF: Final[frozenset[Power]] = frozenset()


class Done(StrEnum):
    """What becomes of an act."""

    DONE = "done"
    REFUSED = "refused"
    HIDDEN = "hidden"


@dataclass(frozen=True)
class Deed:
    """One act: its name, the powers of which it asks for one, and what it is about."""

    name: str
    powers: frozenset[Power] | None
    what: What = What.NOTHING

    def becomes(self, role: Role, relation: Relation) -> Done:
        """What becomes of this act when that office tries it; done means: as far as need-to-know and power go."""
        if self.powers is None or relation is Relation.REVOKED:
            return Done.REFUSED
        if self.powers and not self.powers & POWERS[role]:
            return Done.REFUSED
        return Done.DONE if role in SEEN[self.what][relation] else Done.HIDDEN


def _of(*powers: Power) -> frozenset[Power]:
    return frozenset(powers)


_ADMINISTERS: Final = _of(Power.ADMINISTER)
_CASES: Final = _of(Power.OPEN_CASE)
_DECIDES: Final = _of(Power.AUTHORISE, Power.RECOGNISE)
_KEEPS: Final = _of(Power.TAKE_IN_EVIDENCE)
_REVIEWS: Final = _of(Power.AUTHORISE, Power.RECOGNISE, Power.HANDLE_LETTER, Power.DRAFT_LETTER, Power.TAKE_IN_EVIDENCE)
_DOCUMENTS: Final = _REVIEWS | _of(Power.SEND_LETTER, Power.OVERSEE)
_LISTED: Final = (
    Deed("arrivals.receive_letter", MACHINE),
    Deed("arrivals.receive_event", MACHINE),
    Deed("arrivals.record_receipt", MACHINE),
    Deed("cases.open_case", _CASES),
    Deed("cases.add_selector", _CASES, What.CASE),
    Deed("cases.state_offences", _CASES, What.CASE),
    Deed("cases.add_member", _CASES, What.CASE),
    Deed("cases.remove_member", _CASES, What.CASE),
    Deed("cases.record_verdict", _CASES, What.CASE),
    Deed("directory.found_node", MACHINE),
    Deed("directory.enrol_official", _ADMINISTERS),
    Deed("directory.invite", _ADMINISTERS),
    Deed("directory.keep_passkey", MACHINE),
    Deed("operators.note_command", MACHINE),
    Deed("directory.propose_enrolment", _ADMINISTERS),
    Deed("directory.withdraw_invitation", _ADMINISTERS),
    Deed("directory.admit_peer", _ADMINISTERS),
    Deed("evidence.take_in", _KEEPS, What.ARRIVED),
    Deed("evidence.offer", _of(Power.HAND_OVER_EVIDENCE), What.KEPT),
    Deed("evidence.receive_offer", MACHINE),
    Deed("evidence.record_arrival", MACHINE),
    Deed("evidence.accept", _KEEPS, What.TRANSFER),
    Deed("evidence.record_acceptance", MACHINE),
    Deed("evidence.record_export", _of(Power.EXPORT_EVIDENCE), What.ITEM),
    Deed("custody.record", _KEEPS, What.ITEM),
    Deed("custody.record_key_taken", _of(Power.EXPORT_EVIDENCE), What.ITEM),
    Deed("custody.record_age_taken", _of(Power.EXPORT_EVIDENCE), What.ITEM),
    Deed("custody.record_read", _KEEPS, What.ITEM),
    Deed("exhibits.seize", _KEEPS, What.ARRIVED),
    Deed("exhibits.record", _KEEPS, What.EXHIBIT),
    Deed("exhibits.offer", _of(Power.HAND_OVER_EVIDENCE), What.EXHIBIT),
    Deed("exhibits.receive_offer", MACHINE),
    Deed("exhibits.accept", _KEEPS),
    Deed("exhibits.record_acceptance", MACHINE),
    Deed("exhibits.drop_offer", _of(Power.HAND_OVER_EVIDENCE), What.EXHIBIT),
    Deed("letters.draft_letter", _of(Power.DRAFT_LETTER), What.CASE),
    Deed("letters.deny_letter", _of(Power.AUTHORISE), What.LETTER),
    Deed("letters.send_letter", _of(Power.SEND_LETTER), What.LETTER),
    Deed(
        "letters.take_step",
        _of(Power.HANDLE_LETTER, Power.DRAFT_LETTER, Power.PRESERVE, Power.RECOGNISE),
        What.LETTER,
    ),
    Deed(
        "openings.open_letter",
        _of(Power.HANDLE_LETTER, Power.AUTHORISE, Power.RECOGNISE, Power.DRAFT_LETTER, Power.OPEN_CASE),
    ),
    Deed(
        "openings.open_case_file",
        _of(Power.HANDLE_LETTER, Power.AUTHORISE, Power.RECOGNISE, Power.DRAFT_LETTER, Power.OPEN_CASE),
    ),
    Deed("openings.acknowledge_opening", _of(Power.OVERSEE)),
    Deed("refusals.record_refused_act", MACHINE),
    Deed("refusals.record_refused_message", MACHINE),
    # authorisations, and what becomes of them
    Deed("letters.authorise_letter", _of(Power.AUTHORISE, Power.ISSUE_EMERGENCY), What.LETTER),
    Deed("authorisations.validate_emergency", _of(Power.AUTHORISE), What.LETTER),
    Deed("authorisations.receive_validation", MACHINE),
    Deed("authorisations.receive_lapse", MACHINE),
    Deed("authorisations.end_decision", _of(Power.AUTHORISE), What.LETTER),
    Deed("authorisations.suspend_decision", _DECIDES, What.LETTER),
    Deed("authorisations.resume_decision", _DECIDES, What.LETTER),
    Deed("erasure.erase_item", _KEEPS, What.ITEM),
    Deed("erasure.erase_by_schedule", MACHINE),
    Deed("erasure.record_final", MACHINE),
    Deed("erasure.receive_erasure", MACHINE),
    Deed("disclosures.issue", _of(Power.DISCLOSE), What.CASE),
    Deed("disclosures.record_taken", _of(Power.READ_DISCLOSURE, Power.DISCLOSE), What.DISCLOSURE),
    Deed("backups.record_backup", MACHINE),
    Deed("backups.erase_again", MACHINE),
    Deed("backups.record_rejoining", MACHINE),
    Deed("backups.begin_epoch", MACHINE),
    Deed("retention.adopt_schedule", _ADMINISTERS),
    Deed("retention.hold_item", _KEEPS, What.ITEM),
    Deed("retention.lift_hold", _KEEPS, What.ITEM),
    Deed("documents.record_document", _DOCUMENTS, What.LETTER),
    Deed("reviews.flag_selector", _CASES, What.CASE),
    Deed("reviews.flag_item", _REVIEWS, What.ITEM),
    Deed("reviews.review_letter", _REVIEWS, What.LETTER),
    Deed("reviews.review_item", _REVIEWS, What.ITEM),
    Deed("cards.tell_card", MACHINE),
    Deed("cards.destroyed_keys", MACHINE),
    Deed("cards.receive_card", MACHINE),
    Deed("log_keys.announce_key", _ADMINISTERS),
    Deed("log_keys.use_key", _ADMINISTERS),
    Deed("log_keys.receive_key", MACHINE),
    Deed("witnesses.record_finding", MACHINE),
    Deed("witnesses.receive_finding", MACHINE),
    Deed("witnesses.settle_finding", _of(Power.OVERSEE)),
    # mandates, training, directory of competence
    Deed("mandates.propose_decision", _ADMINISTERS),
    Deed("mandates.decide", _ADMINISTERS),
    Deed("mandates.drop_decision", _ADMINISTERS),
    Deed("mandates.receive_standing", MACHINE),
    Deed("mandates.record_training", _ADMINISTERS),
    Deed("mandates.set_training_policy", _ADMINISTERS),
    Deed("competence.publish_entry", _ADMINISTERS),
    Deed("competence.tell_peer", MACHINE),
    Deed("competence.receive_entry", MACHINE),
    Deed("competence.import_entry", _ADMINISTERS),
    # one's own ways in
    Deed("credentials.ask_credential", ONESELF),
    Deed("credentials.propose_credential", _ADMINISTERS),
    Deed("credentials.add_passkey", _ADMINISTERS),
    Deed("credentials.record_subject", _ADMINISTERS),
    Deed("credentials.withdraw_credential", _ADMINISTERS),
    Deed("credentials.revoke_passkey", ONESELF),
    Deed("credentials.end_subject", _ADMINISTERS),
)

DEEDS: Final[Mapping[str, Deed]] = {one.name: one for one in _LISTED}
"""Every act by its name."""

assert len(DEEDS) == len(_LISTED), "an act stands here once"


def expected(deed: Deed) -> Iterator[tuple[Role, Relation, Done]]:
    """Each role and relation of an act, with what becomes of it."""
    for role in Role:
        if role is not Role.SERVICE:
            for relation in (*SEEN[deed.what], Relation.REVOKED):
                yield role, relation, deed.becomes(role, relation)
