"""What the custody of an item or exhibit adds up to, in facts that people read; and what a court will look for."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from comity.errors import ComityError
from comity.evidence.admissibility import Finding
from comity.registry.queries.custody import Standing
from comity.web.custodian import words
from comity.web.shell import telling
from comity.web.shell.desk import said


def said_of_it(standing: Standing) -> list[tuple[str, str]]:
    """Reliability, handling, tags and leaves; what is not stated says so."""
    none = _("not stated")
    believed = "; ".join(f"{words.reliability(one)} ({node})" for node, one in standing.reliability)
    rows = [
        (_("Reliability"), believed or none),
        (_("Handling codes"), words.handling(standing.handling) or none),
        (_("Tags"), ", ".join(words.tag(one) for one in standing.tags) or none),
    ]
    leaves = [f"{', '.join(one['codes'])}: {one['given_by']} ({one['document']})" for one in standing.leaves]
    return [*rows, (_("Leave of the owner"), "; ".join(leaves))] if leaves else rows


def origin_of(standing: Standing) -> list[telling.Row]:
    """Where it comes from, as it was recorded last."""
    return list(telling.rows(standing.origin))


@dataclass(frozen=True)
class Asked:
    """One criterion as it is read."""

    asks: str
    label: str
    tone: str
    why: str
    cure: str
    law: str


def asked(findings: tuple[Finding, ...]) -> list[Asked]:
    """Every criterion: gaps first, then what nobody knows, then what is met."""
    order = list(words.STANDINGS)
    order = [order[1], order[2], order[0]]
    listed = []
    for one in sorted(findings, key=lambda finding: order.index(finding.judged.standing)):
        label, tone = words.STANDINGS[one.judged.standing]
        why, cure = words.judged(one.judged)
        law = f"{one.criterion.law}, {one.criterion.article} ({one.criterion.verification})"
        listed.append(
            Asked(asks=words.profiled(one.criterion.asks), label=str(label), tone=tone, why=why, cure=cure, law=law)
        )
    return listed


def refused_profile(refusal: ComityError) -> str:
    """Why a profile could not be read."""
    return said(refusal)
