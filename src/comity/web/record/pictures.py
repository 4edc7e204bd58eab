"""From a letter's life to its picture: the timeline with both sides. Its chain of authorisation is in `shell/chains`."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.safestring import SafeString
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from comity.letters.life import Step
from comity.registry.act import current
from comity.registry.queries.life import Happened, LetterLife
from comity.web.shell import wording
from comity.web.shell.drawing import life
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
    Step.VALIDATE: Tone.GOOD,
    Step.LAPSE: Tone.BAD,
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
