"""An answer of the law as people read it: routes in groups, each with its reasons, and the questions that are still open.

Everything comes from the recorded verdict. Texts of the law stay as they are; codes get their words from `questions`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.canon import Json, JsonObject
from comity.letters.forms import MEASURES as OF_FORM
from comity.letters.letter import Form
from comity.web.shell import questions
from comity.web.shell.surroundings import Surroundings, around
from comity.web.shell.wording import Word, word

_DURATION: Final = re.compile(r"P(?:T(?P<hours>\d+)H|(?P<days>\d+)D|(?P<weeks>\d+)W|(?P<months>\d+)M)")


@dataclass(frozen=True)
class Said:
    """A text of the law with its article and, where it has one, what it came to, and the questions that decide it."""

    text: str
    article: str
    verification: str = ""
    label: str = ""
    tone: str = ""
    decided_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """Texts of the law under one heading."""

    title: str
    texts: tuple[Said, ...]


@dataclass(frozen=True)
class Clock:
    """A deadline of a route, and where it can be counted."""

    who: str
    what: str
    long: str
    begins: str
    article: str
    url: str


@dataclass(frozen=True)
class Change:
    """What one answer would make of a route. `law`: the answer is in the law's words."""

    answer: str
    status: str
    law: bool


@dataclass(frozen=True)
class Open:
    """A question that nobody has answered yet, who can, and what the route would be on each answer."""

    fact: str
    question: str
    answered_by: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Content:
    """What a measure says about how it is carried out."""

    sections: tuple[Section, ...]
    recipients: tuple[Section, ...]
    clocks: tuple[Clock, ...]
    grounds: tuple[Said, ...]
    closed_list: bool | None


@dataclass(frozen=True)
class Layer:
    """A measure that stands beside the route."""

    title: str
    article: str
    applies: Said
    says: tuple[Said, ...]
    content: Content


@dataclass(frozen=True)
class Route:
    """One route: its reasons, what it asks of whom, and what stands beside it."""

    id: str
    title: str
    article: str
    url: str
    status: str
    label: str
    tone: str
    note: str
    against: str
    reasons: tuple[Said, ...]
    open: tuple[Open, ...]
    content: Content
    layers: tuple[Layer, ...]
    declarations: tuple[Said, ...]
    read_also: tuple[Said, ...]
    around: Surroundings
    rank: int
    why_here: str

    @property
    def anchor(self) -> str:
        """The name of the route's place in the page."""
        return questions.anchor(self.rank)


@dataclass(frozen=True)
class Group:
    """The routes of one status."""

    status: str
    title: str
    routes: tuple[Route, ...]


def groups(verdict: JsonObject) -> tuple[Group, ...]:
    """The routes of a verdict: lawful, open, closed; a group without routes is left out."""
    titles = {"lawful": _("Lawful routes"), "open": _("Open routes"), "closed": _("Closed routes")}
    asking = verdict["question"]["requesting_authority"]
    routes = [_route(one, asking=asking) for one in verdict["routes"]]
    found = [
        Group(status, title, tuple(one for one in routes if one.status == status)) for status, title in titles.items()
    ]
    return tuple(group for group in found if group.routes)


def asked(verdict: JsonObject, *, states: Mapping[str, str]) -> list[tuple[str, str]]:
    """The question of a verdict, as terms and values."""
    question = verdict["question"]
    return [
        (_("Asked state"), states.get(question["requested_state"], question["requested_state"])),
        (_("Measure"), word(questions.MEASURES, question["measure"])),
        (_("Data"), listed(questions.DATA, question["data"])),
        (_("Requesting authority"), word(questions.AUTHORITIES, question["requesting_authority"])),
        (_("Stage of the proceedings"), word(questions.STAGES, question["stage"])),
        (_("Urgency"), word(questions.URGENCIES, question["urgency"])),
        (_("Purpose"), word(questions.PURPOSES, question["purpose"])),
        (_("Offences"), ", ".join(offence(one) for one in question["offences"]) or _("none")),
    ]


def offence(record: JsonObject) -> str:
    """An offence with its highest penalties, from a question or a case."""
    names = ("issuing", "executing") if "issuing" in record else ("issuing_years_max", "executing_years_max")
    here, there = (_years(record[name]) for name in names)
    return _("%(offence)s (here %(here)s, there %(there)s)") % {
        "offence": word(questions.OFFENCES, record["id"]),
        "here": here,
        "there": there,
    }


def listed(words: Mapping[str, Word], codes: Iterable[str]) -> str:
    """Codes by their words, in a row."""
    return ", ".join(word(words, code) for code in codes) or _("none")


def form_of(measure: str) -> Form | None:
    """The form of letter that asks for a measure; None where no letter does."""
    return next((form for form, kinds in OF_FORM.items() if measure in kinds), None)


def open_questions(verdict: JsonObject) -> tuple[Open, ...]:
    """Every fact that an open route hangs on, each once."""
    found = {
        fact["fact"]: _open(fact)
        for route in verdict["routes"]
        if route["status"] == "open"
        for fact in route["open_facts"]
    }
    return tuple(found.values())


def duration(code: str) -> str:
    """A duration of the law in words; one that is spelled otherwise is shown as it is written."""
    found = _DURATION.fullmatch(code)
    if not found:
        return code
    unit, number = next((unit, int(number)) for unit, number in found.groupdict().items() if number)
    said = {
        "hours": ngettext("%(n)s hour", "%(n)s hours", number),
        "days": ngettext("%(n)s day", "%(n)s days", number),
        "weeks": ngettext("%(n)s week", "%(n)s weeks", number),
        "months": ngettext("%(n)s month", "%(n)s months", number),
    }
    return said[unit] % {"n": number}


def _years(years: Json) -> str:
    if years is None:
        return _("unknown")
    if years == 0:
        return _("no offence")
    return ngettext("%(n)s year", "%(n)s years", int(years)) % {"n": years}


def _route(one: JsonObject, *, asking: str) -> Route:
    due = one.get("answer_within")
    reasons = tuple(_reason(reason) for reason in one["reasons"])
    failed = [reason["text"] for reason in one["reasons"] if reason["outcome"] == "failed"]
    return Route(
        id=one["id"],
        title=one["title"],
        article=", ".join(one["articles"]),
        url=questions.measure_url(one["instrument"], one["measure"]),
        status=one["status"],
        label=word(questions.STATUSES, one["status"]),
        tone=questions.STATUS_TONES[one["status"]],
        note=one["note"],
        against=failed[0] if failed else "",
        reasons=reasons,
        open=tuple(_open(fact) for fact in one["open_facts"]),
        content=_content(one),
        layers=tuple(_layer(layer) for layer in one["layers"]),
        declarations=tuple(_declared(row) for row in one["declarations"]),
        read_also=tuple(_said(text) for text in one["not_evaluated"]),
        around=around(one, asking=asking, duration=duration(due["duration"]) if due else ""),
        rank=one["priority"]["rank"],
        why_here=one["priority"]["why"],
    )


def _reason(reason: JsonObject) -> Said:
    outcome = reason["outcome"]
    return Said(
        text=reason["text"],
        article=reason["article"],
        verification=reason["verification"],
        label=word(questions.OUTCOMES, outcome),
        tone=questions.OUTCOME_TONES[outcome],
        decided_by=_deciding(reason) if outcome == "open" else (),
    )


def _said(text: JsonObject) -> Said:
    applies = text.get("applies", "")
    return Said(
        text=text["text"],
        article=text["article"],
        verification=text["verification"],
        label=word(questions.APPLIES, applies) if applies else "",
        tone=questions.APPLIES_TONES.get(applies, ""),
        decided_by=_deciding(text) if applies == "may" else (),
    )


def _deciding(text: JsonObject) -> tuple[str, ...]:
    """The questions that nobody has answered yet and that decide a text."""
    return tuple(questions.fact(name) for name in text["facts"])


def _declared(row: JsonObject) -> Said:
    said = ", ".join(part for part in (row["state"], row["type"], row["date"]) if part)
    return Said(text=f"{said}: {row['text']}", article=row["article"], verification=row["verification"])


def _open(fact: JsonObject) -> Open:
    return Open(
        fact=fact["fact"],
        question=fact["question"],
        answered_by=questions.answerers(fact["answered_by"]),
        changes=tuple(
            Change(word(questions.ANSWERS, answer), word(questions.STATUSES, status), answer not in questions.ANSWERS)
            for answer, status in sorted(fact["changes"].items(), reverse=True)
        ),
    )


def _content(one: JsonObject) -> Content:
    return Content(
        sections=tuple(_sections(one)),
        recipients=tuple(
            Section(
                f"{word(questions.RECIPIENTS, recipient['to'])} (Art. {recipient['article']})",
                tuple(_said(named) for named in recipient["named"]),
            )
            for recipient in one["recipient"]
        ),
        clocks=tuple(_clock(clock, one["instrument"], one["measure"]) for clock in one["clocks"]),
        grounds=tuple(_ground(ground) for ground in one["refusal_grounds"]["grounds"]),
        closed_list=one["refusal_grounds"]["closed_list"],
    )


def _sections(one: JsonObject) -> Iterator[Section]:
    for name, title in questions.SECTIONS.items():
        if one[name]:
            yield Section(str(title), tuple(_said(text) for text in one[name]))


def _clock(clock: JsonObject, instrument: str, measure: str) -> Clock:
    figure = duration(clock["duration"]) if clock["duration"] else ""
    kind = word(questions.CLOCKS, clock["type"])
    return Clock(
        who=_spaced(clock["actor"]),
        what=_spaced(clock["action"]),
        long=" ".join(part for part in (kind, figure) if part),
        begins=", ".join(_spaced(event) for event in clock["candidates"] or [clock["from_event"]]),
        article=clock["article"],
        url=questions.clock_url(instrument, measure, clock["id"]),
    )


def _ground(ground: JsonObject) -> Said:
    likelihood = ground["likelihood"]
    return Said(
        text=ground["text"],
        article=ground["article"],
        verification=ground["verification"],
        label=word(questions.LIKELIHOODS, likelihood),
        tone={"likely": "bad", "possible": "warn"}.get(likelihood, "good"),
        decided_by=_deciding(ground) if likelihood == "possible" else (),
    )


def _layer(layer: JsonObject) -> Layer:
    applies = layer["applies"]
    came_to = questions.LAYERS[applies["outcome"]]
    return Layer(
        title=layer["instrument"],
        article=", ".join(layer["articles"]),
        applies=Said(
            text=applies["text"],
            article=applies["article"],
            verification=applies["verification"],
            label=word(questions.APPLIES, came_to),
            tone=questions.APPLIES_TONES[came_to],
            decided_by=_deciding(applies) if came_to == "may" else (),
        ),
        says=tuple(_said(text) for text in layer["says"]),
        content=_content(layer),
    )


def _spaced(code: str) -> str:
    return code.replace("_", " ")
