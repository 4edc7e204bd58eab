"""The overseer's pages. They read; nothing here changes a letter, an item or the log.

Need-to-know is held twice: by `desk` for the page, and by each query for what it hands out.
"""

import csv
import itertools
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import cast
from urllib.parse import urlencode

from django.http import HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import get_language_bidi, pgettext
from django.views.decorators.http import require_GET, require_http_methods

from comity.authorities.roles import Power
from comity.canon import JsonObject, canonical, harmless
from comity.ledger import CheckpointBroken, NoteBroken
from comity.registry.jobs import proofs
from comity.registry.queries import crossing, logbook
from comity.registry.queries import log as reads
from comity.registry.queries import oversight as glances
from comity.web.overseer import beside, path
from comity.web.overseer.forms import LogFilter
from comity.web.overseer.kinds import word
from comity.web.shell import telling, wording
from comity.web.shell.desk import actor, desk, now, page, said
from comity.web.shell.session import DeskRequest

_COLUMNS = ("index", "at", "kind", "official", "letter", "statement", "leaf")


class _Line:
    """A file of one line at a time, for `csv`."""

    def write(self, line: str) -> str:
        """Hand the line through."""
        return line


@desk(Power.OVERSEE)
@require_GET
def oversight(request: DeskRequest) -> HttpResponse:
    """The node at a glance."""
    glance = glances.glance(viewer=actor(request), at=now())
    context = {
        "glance": glance,
        "refusals": [{"of": one, "word": word(one.kind)} for one in glance.refusals],
        "mandates": [_mandate(one, at=now()) for one in glance.mandates],
        "days": glances.REFUSALS_DAYS,
    }
    return page(request, "overseer/oversight.html", context)


@desk(Power.OVERSEE)
@require_http_methods(["GET", "POST"])
def audit(request: DeskRequest) -> HttpResponse:
    """Recompute the whole log, and say what came of it."""
    context: dict[str, object] = {"result": None, "trouble": ""}
    if request.method == "POST":
        try:
            context["result"] = reads.audit(viewer=actor(request))
        except (reads.LogDamaged, NoteBroken, CheckpointBroken) as damaged:
            context["trouble"] = said(damaged)
    return page(request, "overseer/audit.html", context)


@desk(Power.OVERSEE)
@require_GET
def explorer(request: DeskRequest) -> HttpResponse:
    """The log, newest first, filtered and in pages."""
    form = _filter(request)
    if not form.is_valid():
        return page(request, "overseer/log.html", {"form": form}, status=422)
    asked = form.asked()
    found = logbook.page(asked, viewer=actor(request))
    kept = {name: value for name in form.fields if (value := request.GET.get(name, ""))}
    context = {
        "form": form,
        "lines": [{"of": one, "word": word(one.kind)} for one in found.lines],
        "filtered": bool(kept),
        "newest": f"?{urlencode(kept)}" if asked.before is not None or asked.after is not None else "",
        "newer": f"?{urlencode(kept | {'after': found.newer})}" if found.newer is not None else "",
        "older": f"?{urlencode(kept | {'before': found.older})}" if found.older is not None else "",
        "csv": f"{reverse('log-csv')}?{urlencode(kept)}",
        "json": f"{reverse('log-json')}?{urlencode(kept)}",
    }
    return page(request, "overseer/log.html", context)


@desk(Power.OVERSEE)
@require_GET
def as_csv(request: DeskRequest) -> HttpResponse:
    """The entries of the filter as a table, without their bodies."""
    form = _filter(request)
    if not form.is_valid():
        return page(request, "overseer/log.html", {"form": form}, status=422)
    writer = csv.writer(_Line())
    records = logbook.every(form.asked(), viewer=actor(request))
    lines = ([harmless(one[name]) for name in _COLUMNS] for one in records)
    rows = (writer.writerow(line) for line in itertools.chain([_COLUMNS], lines))
    return _file(rows, name="log.csv", content_type="text/csv; charset=utf-8")


@desk(Power.OVERSEE)
@require_GET
def as_json(request: DeskRequest) -> HttpResponse:
    """The entries of the filter with their bodies; a body that is no entry any more is null."""
    form = _filter(request)
    if not form.is_valid():
        return page(request, "overseer/log.html", {"form": form}, status=422)
    records = logbook.every(form.asked(), viewer=actor(request))
    return _file(_array(records), name="log.json", content_type="application/json")


@desk(Power.OVERSEE)
@require_GET
def entry(request: DeskRequest, index: int) -> HttpResponse:
    """One entry with its exact bytes, its proof, and the check."""
    shown = logbook.entry(index, viewer=actor(request))
    context = {
        "shown": shown,
        "word": word(str(shown.record["kind"])) if shown.record else "",
        "rows": telling.rows(shown.record) if shown.record else (),
        "exact": shown.body.decode("utf-8", "replace"),
        "signed": shown.signed.decode("utf-8", "replace"),
        "leaf": shown.leaf.hex(),
        "root": shown.head.root.hex() if shown.head else "",
        "size": shown.head.size if shown.head else 0,
        "rungs": [{"left": one.on_left, "sibling": one.sibling.hex(), "hash": one.hash.hex()} for one in shown.rungs],
        "trouble": said(shown.trouble) if shown.trouble else "",
        "picture": path.figure(shown, name="path", rtl=get_language_bidi()),
    }
    return page(request, "overseer/entry.html", context)


@desk(Power.OVERSEE)
@require_GET
def proof(request: DeskRequest, index: int) -> HttpResponse:
    """The proof of an entry as `comity log verify` reads it."""
    logbook.entry(index, viewer=actor(request))
    record = reads.proof(index, viewer=actor(request))
    return _file([f"{canonical(record).decode()}\n"], name=f"entry-{index}.json", content_type="application/json")


@desk(Power.OVERSEE)
@require_http_methods(["GET", "POST"])
def letter(request: DeskRequest, digest: str) -> HttpResponse:
    """Both directions of a letter; with POST, the other node's log is asked for its proofs."""
    found = crossing.crossing(digest, viewer=actor(request))
    answers = _answers(found) if request.method == "POST" else {}
    context = {
        "letter": found.letter,
        "asked": request.method == "POST",
        "can_ask": any(one.receipt for one in found.sent),
        "sent": [beside.sent(one, answers=answers, at=now()) for one in found.sent],
        "came": [beside.came(one) for one in found.came],
        "noted": [{"of": one, "word": word(one.kind)} for one in found.noted],
        "more": found.more,
    }
    return page(request, "overseer/letter.html", context)


def _mandate(one: glances.Mandate, *, at: datetime) -> dict[str, object]:
    """A mandate with its state in words."""
    if one.ended_at is not None and one.ended_at <= at:
        state, tone = pgettext("mandate", "Ended"), "bad"
    elif one.suspended_at is not None and one.suspended_at <= at:
        state, tone = pgettext("mandate", "Suspended"), "warn"
    elif not one.entry.from_ <= at < one.entry.until:
        state, tone = pgettext("mandate", "Not in force"), "warn"
    else:
        state, tone = pgettext("mandate", "In force"), "good"
    return {"of": one, "role": wording.word(wording.ROLES, one.entry.role.value), "state": state, "tone": tone}


def _answers(found: crossing.Crossing) -> beside.Answers:
    """What the other node's log answered about each receipted message."""
    receipted = [one for one in found.sent if one.receipt]
    answers: beside.Answers = {}
    for peer in sorted({one.peer for one in receipted}):
        ours = [one for one in receipted if one.peer == peer]
        given = proofs.ask(peer, [one.receipt.entry for one in ours if one.receipt])
        answers |= {one.message: answer for one, answer in zip(ours, given, strict=True)}
    return answers


def _filter(request: DeskRequest) -> LogFilter:
    viewer = actor(request)
    return LogFilter(
        request.GET,
        kinds_held=logbook.kinds(viewer=viewer),
        officials=logbook.officials(viewer=viewer),
        viewer=viewer,
    )


def _array(records: Iterator[JsonObject]) -> Iterator[str]:
    yield "["
    for number, one in enumerate(records):
        yield (",\n" if number else "\n") + canonical(one).decode()
    yield "\n]\n"


def _file(pieces: Iterable[str], *, name: str, content_type: str) -> HttpResponse:
    answer = StreamingHttpResponse(pieces, content_type=content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return cast("HttpResponse", answer)  # a streamed answer is one to everything that a view's answer goes through
