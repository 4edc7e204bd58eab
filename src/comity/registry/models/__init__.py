"""Every table of a node, by subject. Signed texts are kept as the bytes that were signed; columns are for finding them.

Each table says in one sentence what its attacker gains; `docs/trust.md` has the whole list.
"""

from comity.registry.models.access import OpeningRow
from comity.registry.models.cases import CaseMember, CaseRow, EditionRow, SelectorRow, VerdictRow
from comity.registry.models.competence import CompetenceRow, CompetenceTold
from comity.registry.models.credentials import CredentialRow, SeatRow, SubjectRow
from comity.registry.models.disclosure import DisclosureRow
from comity.registry.models.evidence import (
    CustodyRow,
    ExhibitRecordRow,
    ExhibitRow,
    HandOverRow,
    ItemRow,
    TagRow,
    TransferRow,
)
from comity.registry.models.letters import AuthorisationRow, DeliveryRow, EventRow, LapseRow, LetterRow, ReviewRow
from comity.registry.models.log import CheckpointRow, EntryRow, TileRow
from comity.registry.models.people import (
    DecisionRow,
    IntroductionRow,
    InvitationRow,
    OfficialRow,
    PeerRow,
    SigningRow,
    TrainingPolicyRow,
    TrainingRow,
)
from comity.registry.models.post import InboxRow, OutboxRow, ReceiptRow, WorkRow
from comity.registry.models.retention import HoldRow, ScheduleRow
from comity.registry.models.witnesses import CosignatureRow, FindingRow, StampRow, WitnessedRow, WitnessRow

__all__ = [
    "AuthorisationRow",
    "CaseMember",
    "CaseRow",
    "CheckpointRow",
    "CompetenceRow",
    "CompetenceTold",
    "CosignatureRow",
    "CredentialRow",
    "CustodyRow",
    "DecisionRow",
    "DeliveryRow",
    "DisclosureRow",
    "EditionRow",
    "EntryRow",
    "EventRow",
    "ExhibitRecordRow",
    "ExhibitRow",
    "FindingRow",
    "HandOverRow",
    "HoldRow",
    "InboxRow",
    "IntroductionRow",
    "InvitationRow",
    "ItemRow",
    "LapseRow",
    "LetterRow",
    "OfficialRow",
    "OpeningRow",
    "OutboxRow",
    "PeerRow",
    "ReceiptRow",
    "ReviewRow",
    "ScheduleRow",
    "SeatRow",
    "SelectorRow",
    "SigningRow",
    "StampRow",
    "SubjectRow",
    "TagRow",
    "TileRow",
    "TrainingPolicyRow",
    "TrainingRow",
    "TransferRow",
    "VerdictRow",
    "WitnessRow",
    "WitnessedRow",
    "WorkRow",
]
