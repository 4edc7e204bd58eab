"""`comity evidence`: custody records by hand, reading content, tags, and what a court will look for."""

import os
from pathlib import Path
from typing import Any, Final

import click

from comity.canon import JsonObject
from comity.cases.handling import Handling, Light, Restriction
from comity.cli import desk
from comity.cli.printing import answer, json_option, table
from comity.cli.shell import Seat, at_desk, seat
from comity.errors import N_, ComityError
from comity.evidence.custody import CustodyEvent
from comity.evidence.events import FACTS, Thing
from comity.evidence.marking import CODES, Marking
from comity.evidence.reliability import Scheme, typed_reliability
from comity.evidence.tags import vocabulary
from comity.law import Edition
from comity.registry.actions import custody as item_acts
from comity.registry.actions import exhibits as exhibit_acts
from comity.registry.gestures.records import is_exhibit
from comity.registry.jobs import exports
from comity.registry.queries import custody as reads

_LISTS: Final = frozenset({"seals", "broken"})
_BY_HAND: Final = sorted((item_acts.RECORDED | exhibit_acts.RECORDED) - {CustodyEvent.DERIVATION, CustodyEvent.MARKING})


class FactMissing(ComityError):
    """A custody record states what its event fixes, and nothing else."""

    code = "evidence.fact_missing"
    sentence = N_("a record of {event} needs --fact NAME=VALUE for exactly: {names}")


def _thing(reference: str) -> Thing:
    return Thing.EXHIBIT if is_exhibit(reference) else Thing.ITEM


def _kept(reference: str, event: CustodyEvent, facts: JsonObject, here: Seat) -> str:
    return desk.record(_thing(reference), reference, event, facts=facts, seat=here, at=here.node.clock.now())


def _facts(event: CustodyEvent, stated: tuple[str, ...], *, reason: str, item: bool) -> JsonObject:
    """The facts of a record as they were typed; those that the record repeats are filled in by it."""
    typed = dict(one.partition("=")[::2] for one in stated)
    fixed: JsonObject = {"reason": reason}
    if event is CustodyEvent.SEALING and not item:
        fixed["sealed_sha256"] = ""
    if event is CustodyEvent.COPY and not item:
        fixed["sha256"] = ""
    names = FACTS[event] - set(fixed) - {"origin", "codes"}
    names |= {"code"} if "codes" in FACTS[event] else set()
    if set(typed) - names or names - set(typed) - _LISTS:
        raise FactMissing(event=event.value, names=", ".join(sorted(names)) or "none")
    facts: JsonObject = {**typed, **fixed}
    for name in _LISTS & FACTS[event]:
        facts[name] = sorted(typed.get(name, "").split(",")) if typed.get(name) else []
    if "code" in facts:
        facts["codes"] = sorted(facts.pop("code").split(","))
    return facts


@click.command()
@click.argument("reference")
@click.argument("event", type=click.Choice([event.value for event in _BY_HAND if event is not CustodyEvent.CORRECTION]))
@click.option("--reason", required=True, help="Why; it stands in the record.")
@click.option("--fact", "stated", multiple=True, metavar="NAME=VALUE", help="What the record states.")
@at_desk
def record(
    *, reference: str, event: str, reason: str, stated: tuple[str, ...], folder: Path, official: str, as_json: bool
) -> None:
    """Record what happened to the item or exhibit REFERENCE where it lies."""
    what = CustodyEvent(event)
    with seat(folder, official) as here:
        item = _thing(reference) is Thing.ITEM
        if item and what is CustodyEvent.SEALING:
            desk.check_seal(reference, reason=reason, seat=here, at=here.node.clock.now())
        else:
            _kept(reference, what, _facts(what, stated, reason=reason, item=item), here)
    answer({"reference": reference, "event": event}, as_json=as_json, text=f"{event} of {reference} is recorded")


@click.command()
@click.argument("reference")
@click.option("--place")
@click.option("--device")
@click.option("--method")
@click.option("--tool")
@click.option("--tool-version")
@click.option("--time-source")
@click.option("--taken-at", help="When it was collected: 2026-11-23T09:00:00.000Z.")
@click.option("--taken-by", help="Who collected it.")
@click.option("--reason", required=True, help="Why the origin is stated again.")
@at_desk
def correct(*, reference: str, reason: str, folder: Path, official: str, as_json: bool, **typed: str | None) -> None:
    """State the origin of the item or exhibit REFERENCE again; what is left out stays as it was recorded."""
    with seat(folder, official) as here:
        standing = reads.exhibit_standing if _thing(reference) is Thing.EXHIBIT else reads.item_standing
        known = standing(reference, viewer=here.entry.actor).origin
        origin = known | {name: text for name, text in typed.items() if text is not None}
        _kept(reference, CustodyEvent.CORRECTION, {"origin": origin, "reason": reason}, here)
    answer({"reference": reference, "origin": origin}, as_json=as_json, text=f"the origin of {reference} is corrected")


@click.command()
@click.argument("reference")
@click.option("--scheme", type=click.Choice([one.value for one in Scheme]), help="By whose code it was evaluated.")
@click.option("--code", default="", help="Such as B2; it means something else in another scheme.")
@click.option("--tlp", type=click.Choice([one.value for one in Light if one]))
@click.option("--handling", multiple=True, type=click.Choice([one.value for one in Restriction]))
@click.option("--remark", default="", help="The words of H3.")
@click.option("--tag", "tags", multiple=True, help="As `comity evidence tags` lists them.")
@click.option("--reason", required=True)
@at_desk
def mark(*, reference: str, folder: Path, official: str, as_json: bool, **typed: Any) -> None:
    """Mark REFERENCE: reliability with its scheme, handling codes, tags. It takes the place of this node's last marking."""
    scheme, code = typed["scheme"], typed["code"]
    marking = Marking(
        reliability=typed_reliability(scheme or "", code) if scheme or code else None,
        handling=Handling(
            Light(typed["tlp"] or ""), frozenset(Restriction(one) for one in typed["handling"]), typed["remark"]
        ),
        tags=tuple(sorted(set(typed["tags"]))),
        reason=typed["reason"],
    )
    with seat(folder, official) as here:
        _kept(reference, CustodyEvent.MARKING, marking.as_record(), here)
    answer({"reference": reference, **marking.as_record()}, as_json=as_json, text=f"{reference} is marked")


@click.command()
@click.argument("item")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--reason", required=True, help="Why it is read; it stands in the custody record and in the log.")
@at_desk
def read(*, item: str, file: Path, reason: str, folder: Path, official: str, as_json: bool) -> None:
    """Write the content of ITEM into the new file FILE, after signing an access."""
    with seat(folder, official) as here:
        desk.record(
            Thing.ITEM, item, CustodyEvent.ACCESS, facts={"reason": reason}, seat=here, at=here.node.clock.now()
        )
        pieces = exports.content(item, actor=here.entry.actor, at=here.node.clock.now())
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            for piece in pieces:
                out.write(piece)
    answer({"item": item, "file": str(file)}, as_json=as_json, text=f"the content of {item} is in {file}")


@click.command()
@json_option
def tags(*, as_json: bool) -> None:
    """List the tags of the common vocabulary."""
    listed = list(vocabulary(Edition.packaged()))
    answer({"tags": listed, "leave_codes": list(CODES)}, as_json=as_json, text="\n".join(listed))


@click.command()
@click.argument("item")
@click.option("--profile", default="", help="A state (cv) or general; this node's own state if left out.")
@at_desk
def admissibility(*, item: str, profile: str, folder: Path, official: str, as_json: bool) -> None:
    """Compare ITEM with what a court will look for: met, missing or not known, and what would cure it."""
    with seat(folder, official) as here:
        asked, findings = reads.judged(item, profile=profile, viewer=here.entry.actor)
    rows = [
        {
            "criterion": one.criterion.id,
            "standing": one.judged.standing.value,
            "why": one.judged.why.format(**dict(one.judged.facts)) if one.judged.facts else one.judged.why,
            "cure": one.judged.cure,
            "law": one.criterion.law,
            "article": one.criterion.article,
            "verification": one.criterion.verification,
        }
        for one in findings
    ]
    record_ = {"item": item, "profile": asked.state or "general", "name": asked.name, "criteria": rows}
    text = f"{asked.name}\n\n" + table(rows, columns=("criterion", "standing", "why", "cure"), empty="")
    answer(record_, as_json=as_json, text=text)


COMMANDS: Final = (record, correct, mark, read, tags, admissibility)
