"""Every table of a node, by subject. Signed texts are kept as the bytes that were signed; columns are for finding them.

Each table says in one sentence what its attacker gains; `docs/trust.md` has the whole list.
"""

from comity.registry.models.access import OpeningRow
from comity.registry.models.cases import CaseMember, CaseRow, EditionRow, SelectorRow, VerdictRow
from comity.registry.models.competence import CompetenceRow, CompetenceTold
from comity.registry.models.credentials import CredentialRow, SeatRow, SubjectRow
from comity.registry.models.evidence import CustodyRow, ItemRow, TransferRow
from comity.registry.models.letters import AuthorisationRow, DeliveryRow, EventRow, LetterRow
from comity.registry.models.log import CheckpointRow, EntryRow, TileRow
from comity.registry.models.people import InvitationRow, OfficialRow, PeerRow, SigningRow
from comity.registry.models.post import InboxRow, OutboxRow, ReceiptRow, WorkRow

__all__ = [
    "AuthorisationRow",
    "CaseMember",
    "CaseRow",
    "CheckpointRow",
    "CompetenceRow",
    "CompetenceTold",
    "CredentialRow",
    "CustodyRow",
    "DeliveryRow",
    "EditionRow",
    "EntryRow",
    "EventRow",
    "InboxRow",
    "InvitationRow",
    "ItemRow",
    "LetterRow",
    "OfficialRow",
    "OpeningRow",
    "OutboxRow",
    "PeerRow",
    "ReceiptRow",
    "SeatRow",
    "SelectorRow",
    "SigningRow",
    "SubjectRow",
    "TileRow",
    "TransferRow",
    "VerdictRow",
    "WorkRow",
]
