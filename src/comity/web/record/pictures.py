"""From a letter's life to its pictures: the timeline with both sides, and the chain of authorisation."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from comity.exchange.transfer import NOT_STATED
from comity.letters.life import Step
from comity.registry.act import current
from comity.registry.queries.life import Decided, Happened, LetterLife
from comity.web.shell import telling, wording
from comity.web.shell.drawing import authority, life
from comity.web.shell.drawing.canvas import Tone

_TONES = {
    Step.REFUSE: Tone.BAD,
    Step.DENY: Tone.BAD,
    Step.WITHDRAW: Tone.WARN,
    Step.QUERY: Tone.WARN,
    Step.EXECUTE_PARTLY: Tone.WARN,
    Step.EXECUTE: Tone.GOOD,
    Step.PRESERVE: Tone.GOOD,
    Step.RECOGNISE: Tone.GOOD,
}


def timeline(letter: LetterLife, *, now: datetime) -> SafeString:
    """The life of the letter on two lanes, with the clocks that run."""
    story = life.Life(
        title=_("The life of letter %(short)s") % {"short": letter.short},
        ours=current().name,
        theirs=letter.peer_name,
        events=tuple(_events(letter)),
        clocks=tuple(
            life.Clock(
                label=f"{one.action} (Art. {one.article})", starts=one.starts, limit=one.limit, target=one.target
            )
            for one in letter.clocks
            if one.starts and one.limit
        ),
        now=now,
    )
    return life.figure(story, name="life", rtl=get_language_bidi())


def _events(letter: LetterLife) -> Iterator[life.Event]:
    """Our steps and theirs; what crossed the border is drawn to its arrival."""
    ours = current().id
    arrived = {one.received_at for one in letter.deliveries if one.received_at}
    for place, one in enumerate(letter.happened):
        mine = one.node == ours
        yield life.Event(
            key=f"step-{place}",
            lane=life.Lane.OURS if mine else life.Lane.THEIRS,
            label=wording.word(wording.STEPS, one.step),
            at=one.at,
            who=_who(one),
            tone=_TONES.get(Step(one.step), Tone.PLAIN),
            came_from=_origin(letter, one, place),
            on_its_way=one.step == Step.SEND and not arrived,
        )
        if one.step == Step.SEND and arrived:
            at = min(arrived)
            yield life.Event(
                key="received",
                lane=life.Lane.THEIRS,
                label=wording.word(wording.STEPS, Step.RECEIVE),
                at=at,
                came_from=f"step-{place}",
            )
            yield life.Event(
                key="receipt", lane=life.Lane.OURS, label=_("Receipt"), at=at, came_from="received", receipt=True
            )


def _origin(letter: LetterLife, one: Happened, place: int) -> str:
    """A letter that came travelled from the other side's sending, which our log does not hold."""
    if letter.outgoing or one.step != Step.RECEIVE:
        return ""
    return next((f"step-{n}" for n, other in enumerate(letter.happened[:place]) if other.step == Step.SEND), "")


def _who(one: Happened) -> str:
    return f"{one.who}, {one.office}" if one.who else ""


def chain(letter: LetterLife) -> SafeString:
    """Who asked, who decided on what power, and what the other side decided."""
    by = letter.letter.drafted_by
    drafted = next((one for one in letter.happened if one.step == Step.DRAFT), None)
    boxes = [
        authority.Box(
            key="asked",
            role=_("Asked by"),
            title=drafted.who if drafted else str(by["official"]),
            lines=(str(by["office"]), str(by["authority"]), letter.letter.subject),
        )
    ]
    above = "asked"
    for one in letter.decided:
        boxes.append(_decision(one, above=above))
        above = one.digest
    return authority.figure(
        authority.Chain(title=_("Who asked, who decided, on what power"), boxes=tuple(boxes)),
        name="chain",
        rtl=get_language_bidi(),
    )


def _decision(one: Decided, *, above: str) -> authority.Box:
    decision = one.authorisation
    recognises = one.kind == "recognition"
    scope = decision.scope
    until = date_format(localtime(decision.expires), "DATE_FORMAT")
    return authority.Box(
        key=one.digest,
        role=_("Recognised by") if recognises else _("Authorised by"),
        title=f"{one.who}, {one.office}",
        lines=(
            ", ".join(_basis(decision.legal_basis)) or _("Its legal basis is not stated."),
            _("%(measure)s; %(targets)d targets; data: %(data)s")
            % {
                "measure": wording.word(wording.MEASURES, scope.measure),
                "targets": len(scope.selectors),
                "data": ", ".join(wording.word(wording.DATA, name) for name in sorted(scope.data)),
            },
            _("until %(day)s") % {"day": until},
        ),
        rests_on=above,
        tone=Tone.ACCENT if recognises else Tone.PLAIN,
    )


def _basis(stated: Mapping[str, str]) -> Iterator[str]:
    """The legal basis in words, without what is not stated."""
    for name in ("law", "article", "convention"):
        if stated.get(name, NOT_STATED) != NOT_STATED:
            yield f"{telling.label(name)}: {stated[name]}"
