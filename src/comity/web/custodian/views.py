"""What is held, what left, what arrives, and one item with its whole custody."""

import re
from typing import Final

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from comity.authorities.roles import Actor, Power
from comity.canon import JsonObject
from comity.evidence.admissibility import GENERAL, ProfileBroken
from comity.evidence.custody import CustodyEvent
from comity.registry.access import NoSuchThing
from comity.registry.jobs import exports
from comity.registry.queries import chain, custody, exhibits, home
from comity.registry.queries import evidence as reads
from comity.registry.queries.duties import Duty
from comity.web.custodian import words
from comity.web.custodian.adding_up import asked, origin_of, said_of_it
from comity.web.custodian.picture import drawn, records
from comity.web.shell import chains, wording
from comity.web.shell.desk import actor, desk, now, page, said
from comity.web.shell.session import DeskRequest

ROWS: Final = 25
_ARRIVING_ROWS: Final = 5
_RECORDS: Final = (
    *(CustodyEvent.ACCESS, CustodyEvent.MARKING, CustodyEvent.SEALING, CustodyEvent.COPY),
    *(CustodyEvent.CORRECTION, CustodyEvent.LEAVE),
)
_PLACE: Final = re.compile(r"[1-9][0-9]{0,17}")
_DUTIES: Final = {Duty.TAKE_IN: "intake", Duty.HAND_OVER: "hand-over", Duty.ACCEPT: "accept", Duty.ERASE: "item-erase"}


@desk()
@require_safe
def evidence(request: DeskRequest) -> HttpResponse:
    """What waits for the custodian, what arrives, and the items of this node."""
    viewer = actor(request)
    lines, older = paged(reads.items(viewer=viewer, before=before(request), most=ROWS + 1))
    keeps = Power.TAKE_IN_EVIDENCE in viewer.powers
    arriving = reads.offered(viewer=viewer, most=_ARRIVING_ROWS + 1) if keeps else []
    context = {
        "tasks": _tasks(request),
        "arriving": [_offer(one) for one in arriving[:_ARRIVING_ROWS]],
        "more_arriving": len(arriving) > _ARRIVING_ROWS,
        "items": [one | {"label": _state(one)[0], "tone": _state(one)[1]} for one in lines],
        "older": older,
        "newest": "before" in request.GET,
        "keeps": keeps,
    }
    return page(request, "custodian/evidence.html", context)


@desk(Power.TAKE_IN_EVIDENCE)
@require_safe
def transfers(request: DeskRequest) -> HttpResponse:
    """What other nodes handed to this one, and how far it came."""
    lines, older = paged(reads.offered(viewer=actor(request), before=before(request), most=ROWS + 1))
    context = {"offers": [_offer(one) for one in lines], "older": older, "newest": "before" in request.GET}
    return page(request, "custodian/transfers.html", context)


@desk()
@require_safe
def item(request: DeskRequest, reference: str) -> HttpResponse:
    """One item: its facts, its custody, and what may happen next."""
    viewer = actor(request)
    shown = reads.item(reference, viewer=viewer)
    history = custody.history(reference, viewer=viewer)
    last = [one for one in history.links if one.settled and one.event is not CustodyEvent.ACCESS][-1]
    standing = custody.item_standing(reference, viewer=viewer)
    opened = custody.opened(history, viewer=viewer, at=now())
    free = shown["held"] and not shown["offered"] and not shown["sealed_off_at"]
    exports_here = (
        not shown["sealed_off_at"] and last.event is CustodyEvent.EXPORT and Power.EXPORT_EVIDENCE in viewer.powers
    )
    bundle = exports.ready(reference, viewer=viewer) if exports_here else None
    label, tone = _state(shown)
    context = {
        "item": shown,
        "label": label,
        "tone": tone,
        "facts": _facts(shown),
        "said": said_of_it(standing),
        "origin": origin_of(standing),
        "source": _source(shown, viewer=viewer),
        "made": [(one["derived"], wording.word(words.DERIVED, one["kind"])) for one in standing.made_of_it],
        "court": _court(request, reference),
        "profiles": custody.profiles(viewer=viewer),
        "recordable": _recordable(shown) if free and Power.TAKE_IN_EVIDENCE in viewer.powers else [],
        "opened": opened and free,
        "picture": drawn(history),
        "chain": chains.figure(chain.of_item(reference, viewer=viewer)),
        "records": records(history),
        "next": _ended(shown) or _next(shown, exported=exports_here, bundle=bundle),
        "acts": _acts(shown, viewer.powers, exported=exports_here),
        "exported": last if exports_here else None,
        "bundle": bundle,
    }
    return page(request, "custodian/item.html", context)


def _recordable(shown: JsonObject) -> list[tuple[str, str]]:
    reference = shown["id"]
    found = [
        (reverse("item-record", args=[reference, one.value]), wording.word(words.RECORDS, one)) for one in _RECORDS
    ]
    made = [] if shown["outgoing_letter"] else [(reverse("item-made", args=[reference]), _("Add what was made of it"))]
    return [*found, *made]


def _source(shown: JsonObject, *, viewer: Actor) -> tuple[str, str] | None:
    """Of what it was made, as an address and a name, where the viewer sees that."""
    if not shown["source"]:
        return None
    for name, read in (("item", reads.item), ("exhibit", exhibits.exhibit)):
        try:
            found = read(shown["source"], viewer=viewer)
        except NoSuchThing:
            continue
        return reverse(name, args=[shown["source"]]), found.get("number") or found["name"]
    return None


def _court(request: DeskRequest, reference: str) -> dict[str, object]:
    """What a court will look for, by the profile that was asked for or the node's own."""
    typed = request.GET.get("profile", "")[:20]
    try:
        profile, findings = custody.judged(reference, profile=typed, viewer=actor(request))
    except (ProfileBroken, custody.NoProfile) as refusal:
        return {"refusal": said(refusal), "chosen": typed}
    return {"profile": words.profiled(profile.name), "criteria": asked(findings), "chosen": profile.state or GENERAL}


def before(request: DeskRequest) -> int | None:
    """The place after which a page begins."""
    typed = request.GET.get("before", "")
    if not typed:
        return None
    if not _PLACE.fullmatch(typed):
        raise Http404
    return int(typed)


def paged(read: list[JsonObject]) -> tuple[list[JsonObject], int | None]:
    """The rows of a page, and the place where the next one begins if there is one."""
    return read[:ROWS], read[ROWS - 1]["place"] if len(read) > ROWS else None


def _tasks(request: DeskRequest) -> list[dict[str, object]]:
    waiting = home.waiting(viewer=actor(request), at=now())
    return [
        {
            "url": reverse(_DUTIES[one.duty], args=[one.key]),
            "label": wording.word(wording.TASKS, one.duty),
            "letter": one.letter,
            "due_at": one.due_at,
        }
        for one in waiting
        if one.duty in _DUTIES
    ]


def _offer(line: JsonObject) -> JsonObject:
    label, tone = {
        "offered": (_("Arriving"), "info"),
        "arrived": (_("Arrived, to be signed for"), "warn"),
        "accepted": (_("Accepted"), "good"),
        "stopped": (_("Stopped: its decision has ended"), "bad"),
    }[line["state"]]
    percent = 100 * line["received"] // max(1, line["record"]["sealed_bytes"])
    return line | {"label": label, "tone": tone, "percent": percent}


def _state(shown: JsonObject) -> tuple[str, str]:
    if shown.get("erased_at"):
        return _("Erased"), "bad"
    if shown.get("sealed_off_at"):
        return _("Sealed off"), "bad"
    if not shown["held"]:
        return _("Handed over"), "info"
    return (_("Offered to the other side"), "warn") if shown["offered"] else (_("In custody here"), "good")


def _ended(shown: JsonObject) -> str:
    """What is left to do with an item whose decision has ended; empty for every other."""
    if shown["erased_at"]:
        if not shown["sealed_off_at"]:
            return _(
                "The time has run out for which it may be kept, and its key was destroyed. The record of it stays."
            )
        return _("The decision that it rested on has ended, and its key was destroyed. The record of it stays.")
    if shown["sealed_off_at"]:
        return _(
            "The decision that it rested on has ended: nobody opens, hands over or exports it. It is to be erased."
        )
    return ""


def _next(shown: JsonObject, *, exported: bool, bundle: exports.Ready | None) -> str:
    if exported and bundle is None:
        return _("The export is recorded. Sign the contents of its bundle, and download it then.")
    if exported:
        return _("The bundle is ready. A new export is recorded for anybody else who is to have it.")
    if not shown["held"]:
        return _("The item was handed over. Its custody up to then stays here.")
    if shown["offered"]:
        return _("The other side fetches the item, compares it and signs for it. Until then it is held here.")
    if not shown["outgoing_letter"]:
        return _("The item waits to be handed over to the node that asked for it.")
    return _("The item is in custody here. It can be exported for a court.")


def _acts(shown: JsonObject, powers: frozenset[Power], *, exported: bool) -> list[dict[str, object]]:
    acts: list[dict[str, object]] = []
    if shown["sealed_off_at"]:
        erasing = not shown["erased_at"] and Power.TAKE_IN_EVIDENCE in powers
        return (
            [{"url": reverse("item-erase", args=[shown["id"]]), "label": _("Erase"), "first": True}] if erasing else []
        )
    free = shown["held"] and not shown["offered"]
    if free and not shown["outgoing_letter"] and Power.HAND_OVER_EVIDENCE in powers:
        acts.append({"url": reverse("hand-over", args=[shown["id"]]), "label": _("Hand over"), "first": not exported})
    if free and Power.EXPORT_EVIDENCE in powers:
        acts.append(
            {"url": reverse("export", args=[shown["id"]]), "label": _("Export"), "first": not acts and not exported}
        )
    acts.append({"url": reverse("item-review", args=[shown["id"]]), "label": _("Protected persons"), "first": False})
    if Power.TAKE_IN_EVIDENCE in powers:
        acts.append(
            {"url": reverse("item-keep", args=[shown["id"]]), "label": _("How long it is kept"), "first": False}
        )
    return acts


def _facts(shown: JsonObject) -> list[tuple[str, str]]:
    why = shown["why_you_see_it"]  # a sentence that is marked where it is given
    return [
        (_("Name"), shown["name"]),
        (_("Type of file"), shown["media_type"]),
        (_("Length in bytes"), str(shown["bytes"])),
        (_("Node of the other side"), shown["peer"]),
        (_("Name in the record"), shown["id"]),
        (_("Protected persons"), ", ".join(wording.word(wording.FLAGS, one) for one in shown["flags"]) or _("none")),
        (_("Why you see it"), _(why)),
    ]
