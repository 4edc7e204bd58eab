"""The clock page: any deadline of the edition, computed with its proof, without a case. All of it stands in the address."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from string import ascii_uppercase
from typing import Any, Final

from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from comity.law import Edition
from comity.law.calendar_file import calendar, dated
from comity.law.calendars import Calendar, calendar_of
from comity.law.clocks import BeyondTheCalendar, CountingNotEncoded, Deadline, Occurrence, Reckoned, reckon
from comity.law.clocks.reckoning import started
from comity.law.places import Place
from comity.law.rules import Instrument, Measure
from comity.law.timetable import timetable
from comity.web.law import timeline, words
from comity.web.law.clock_form import ChooseForm, CountForm
from comity.web.shell import questions
from comity.web.shell.desk import desk, now, page
from comity.web.shell.session import DeskRequest
from comity.web.shell.wording import word

WEEKENDS_DAYS_MAX: Final = 92
"""A longer period shows its public holidays only: a page of weekends tells nobody anything."""

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Asked:
    """The deadline that was chosen, with the measure and the instrument that it stands in."""

    instrument: Instrument
    measure: Measure
    deadline: Deadline

    @classmethod
    def named(cls, choice: str) -> "Asked":
        """By its three ids; only for a choice of the form."""
        name, measure, deadline = choice.split("/")
        edition = Edition.packaged()
        held = edition.instrument(name)
        return cls(held, held.measures[measure], edition.deadline(name, measure, deadline))

    def facts(self) -> dict[str, Any]:
        """What the page says of it before anything is computed."""
        one = self.deadline
        return {
            "url": questions.measure_url(self.instrument.id, self.measure.id),
            "title": self.instrument.title,
            "kind": word(words.MEASURES, self.measure.kind),
            "who": one.actor.replace("_", " "),
            "what": one.action.replace("_", " "),
            "long": words.long(one.type, one.duration),
            "case": word(questions.CASES, one.case) if one.case else "",
            "counted": word(words.COUNTED, one.calc) if one.duration else "",
            "expiry": one.on_expiry.replace("_", " "),
        }


@dataclass(frozen=True)
class Station:
    """A day on the way: what it is, in our words or in the law's."""

    day: date
    label: str
    text: str = ""


@dataclass(frozen=True)
class Other:
    """Another clock of the same measure, and what the same events make of it."""

    url: str
    who: str
    what: str
    article: str
    case: str
    long: str
    state: str
    target: str
    limit: str


@dataclass(frozen=True)
class Computed:
    """What came of a deadline, as the page shows it."""

    story: timeline.Story
    steps: tuple[tuple[str, str], ...]
    target: str
    limit: str
    zone: str
    picture: SafeString
    stations: tuple[Station, ...]
    source: str
    others: tuple[Other, ...]

    @property
    def one_date(self) -> bool:
        """Whether both readings come to the same."""
        return self.story.target == self.story.limit


@desk()
@require_GET
def clock(request: DeskRequest) -> HttpResponse:
    """Choose a deadline, say what happened when and where, and read the dates with their proof."""
    choosing, counting = _forms(request.GET)
    context: dict[str, Any] = {"choosing": choosing, "counting": counting, "edition": Edition.packaged()}
    if counting is None:
        return page(request, "law/clock.html", context, status=422 if choosing.errors else 200)
    asked = Asked.named(choosing.cleaned_data["deadline"])
    context |= {"asked": asked, "facts": asked.facts()}
    if not asked.deadline.duration:
        context["promptly"] = reckon(asked.deadline, events={}, place=UTC).proof
    elif reckoned := _reckoned(asked.deadline, counting):
        context["computed"] = _computed(asked, reckoned, counting)
        context["file"] = f"{reverse('law-clock-file')}?{request.GET.urlencode()}"
    return page(request, "law/clock.html", context, status=422 if counting.errors else 200)


@desk()
@require_GET
def clock_file(request: DeskRequest) -> HttpResponse:
    """The dates as an iCalendar file; what cannot be computed leads back to the page that says why."""
    choosing, counting = _forms(request.GET)
    asked = Asked.named(choosing.cleaned_data["deadline"]) if counting else None
    reckoned = _reckoned(asked.deadline, counting) if asked and counting else None
    if asked is None or reckoned is None:
        return HttpResponseRedirect(f"{reverse('law-clock')}?{request.GET.urlencode()}")
    source = f"{reverse('law-clock-file')}?{request.GET.urlencode()}"
    written = calendar([dated(asked.deadline, reckoned, source=source)], stamped_at=now())
    answer = HttpResponse(written, content_type="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{asked.instrument.id}-{asked.deadline.id}.ics"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _forms(given: QueryDict) -> tuple[ChooseForm, CountForm | None]:
    """Both forms; the second once a deadline was chosen, with what was sent for it."""
    choosing = ChooseForm(given if "deadline" in given else None)
    if not choosing.is_valid():
        return choosing, None
    deadline = Asked.named(choosing.cleaned_data["deadline"]).deadline
    sent = given if "place" in given else None
    return choosing, CountForm(sent, deadline=deadline, initial={"deadline": given["deadline"]})


def _reckoned(deadline: Deadline, counting: CountForm) -> Reckoned | None:
    """The dates; None where nothing was asked yet, or where a refusal stands in the form."""
    if not counting.is_valid():
        return None
    typed = counting.cleaned_data
    try:
        return reckon(deadline, events=typed["happened"], place=typed["where"])
    except (CountingNotEncoded, BeyondTheCalendar) as refusal:
        counting.refused(refusal)
        return None


def _computed(asked: Asked, reckoned: Reckoned, counting: CountForm) -> Computed:
    """The dates with the picture, the table of what lies between, and the clocks that run beside."""
    deadline, typed = asked.deadline, counting.cleaned_data
    place: Place = typed["where"]
    assert reckoned.target is not None
    assert reckoned.limit is not None
    happened = started(deadline, events=typed["happened"], place=place)
    lettered = dict(zip(ascii_uppercase, happened.items(), strict=False))
    keeps = deadline.keeps
    story = timeline.Story(
        title=_("The deadline on a line of time"),
        events=tuple(timeline.Event(letter, at) for letter, (_event, at) in lettered.items()),
        target_label=_("Keep until") if keeps else _("Aim for"),
        target=reckoned.target,
        limit_label=_("Ask before") if keeps else _("Outer limit"),
        limit=reckoned.limit,
        rests=tuple(_rests([*happened.values(), reckoned.target, reckoned.limit], calendar_of(place))),
    )
    return Computed(
        story=story,
        steps=tuple((_spaced(step.text, deadline.starts), step.article) for step in reckoned.steps),
        target=timeline.moment(reckoned.target),
        limit=timeline.moment(reckoned.limit),
        zone=str(place.zone),
        picture=timeline.figure(story, name="deadline", rtl=get_language_bidi()),
        stations=tuple(_stations(story, {letter: event for letter, (event, _at) in lettered.items()})),
        source=calendar_of(place).source,
        others=tuple(_others(asked, happened, place)),
    )


def _others(asked: Asked, happened: Mapping[str, datetime], place: Place) -> Iterator[Other]:
    """Every other clock of the measure after the same events; none where one of them leads beyond the calendar."""
    events = [Occurrence(event, at) for event, at in happened.items()]
    chosen = f"{asked.measure.id}.{asked.deadline.id}"
    try:
        found = timetable(Edition.packaged(), asked.instrument.id, asked.measure.id, events=events, place=place)
    except BeyondTheCalendar:
        return
    for one in found:
        if one.clock != chosen:
            measure = one.clock.removesuffix(f".{one.deadline.id}")
            target, limit = one.reckoned.target, one.reckoned.limit
            yield Other(
                url=questions.clock_url(asked.instrument.id, measure, one.deadline.id),
                who=one.deadline.actor.replace("_", " "),
                what=one.deadline.action.replace("_", " "),
                article=one.deadline.article,
                case=word(questions.CASES, one.deadline.case) if one.deadline.case else "",
                long=words.long(one.deadline.type, one.deadline.duration),
                state=word(words.CLOCK_STATES, one.state.value),
                target=timeline.moment(target) if target else "",
                limit=timeline.moment(limit) if limit else "",
            )


def _rests(moments: list[datetime], days: Calendar) -> Iterator[timeline.Rest]:
    """The days without work between the first and the last of some moments, both included."""
    day, last = _last_day(min(moments)), _last_day(max(moments))
    while day <= last:
        if not days.works(day):
            yield timeline.Rest(day, days.holiday(day))
        day += _DAY


def _stations(story: timeline.Story, named: Mapping[str, str]) -> Iterator[Station]:
    """Everything that lies on the line, day by day; of a long line its weekends are left out."""
    long = (story.last - story.first).days > WEEKENDS_DAYS_MAX
    found = [
        Station(at.date(), _("Event %(letter)s") % {"letter": letter}, f"{named[letter]} {at:%H:%M}".replace("_", " "))
        for letter, at in ((one.letter, one.at) for one in story.events)
    ]
    found += [
        Station(one.day, _("Public holiday") if one.holiday else _("Weekend"), one.holiday)
        for one in story.rests
        if one.holiday or not long
    ]
    ends = ((story.target_label, story.target), (story.limit_label, story.limit))
    found += [Station(_last_day(at), label, _hour(at)) for label, at in ends]
    yield from sorted(found, key=lambda one: one.day)


def _last_day(at: datetime) -> date:
    """The day that a moment belongs to: midnight is the end of the day before."""
    return at.date() - _DAY if at.time() == time.min else at.date()


def _hour(at: datetime) -> str:
    return "24:00" if at.time() == time.min else f"{at:%H:%M}"


def _spaced(text: str, events: Iterable[str]) -> str:
    """A line of the proof with its events as words; names of time zones keep their underscores."""
    for event in events:
        text = text.replace(event, event.replace("_", " "))
    return text
