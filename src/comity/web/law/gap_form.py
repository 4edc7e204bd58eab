"""What is asked of the gap map. Everything stands in the address; what the law does not know is refused at its field."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from comity.law import Edition, NoEditionInForce
from comity.law.gaps import GAPS, GapMap, gap_map
from comity.web.law import gap_words, regions, words
from comity.web.law.library import UNKNOWN
from comity.web.shell import questions
from comity.web.shell.forms import DeskForm
from comity.web.shell.wording import word

FIRST: Final = {"measure": "preservation", "data": "traffic"}
"""What is shown to somebody who has asked for nothing yet."""


@dataclass(frozen=True)
class Asked:
    """A map that was asked for, and everything that the address says."""

    measure: str
    data: str
    on: date
    said: Mapping[str, str]

    def chart(self) -> GapMap:
        """The map; the law keeps those that were asked for last."""
        return gap_map(on=self.on, measure=self.measure, data=(self.data,) if self.data else ())

    def __getitem__(self, name: str) -> str:
        """A part of the address; empty where it says nothing."""
        return self.said.get(name, "")

    def address(self, view: str, **changes: str) -> str:
        """Where this very page stands with these changes; `""` takes something out of the address."""
        kept = {name: value for name, value in {**self.said, **changes}.items() if value}
        return f"{reverse(view)}?{urlencode(kept)}"

    def beside(self, view: str, *parts: str, **more: str) -> str:
        """Where another page of the same map stands: measure, data and day go along, and nothing else."""
        kept = {name: self.said[name] for name in GapForm.base_fields if name in self.said}
        return f"{reverse(view, args=parts)}?{urlencode({**kept, **more})}"

    def file(self, ending: str) -> str:
        """What the whole map is called as a file."""
        return "-".join(part for part in ("gaps", self.measure, self.data, f"{self.on}.{ending}") if part)


class GapForm(DeskForm):
    """Measure, data and day: what every page of the gap map asks for."""

    measure = forms.ChoiceField(label=_("Measure"))
    # Django takes fields out of the class: the form's own `data` stays what it is.
    data = forms.ChoiceField(label=_("Data"), required=False)  # type: ignore[assignment]
    on = forms.DateField(
        label=_("Day"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, given: QueryDict, *, today: date, first: Mapping[str, str] | None = None) -> None:
        """`given` is the address; `first` is shown where it says nothing at all, beside `FIRST`."""
        begin = {**(first or {}), **({} if "measure" in given else FIRST)}
        super().__init__(begin | {name: given[name] for name in self.base_fields if name in given})
        for field in self.fields.values():
            if isinstance(field, forms.ChoiceField):
                field.error_messages["invalid_choice"] = UNKNOWN
        edition = Edition.packaged()
        self._today = today
        self.fill("measure", questions.choices(words.MEASURES, questions.measures(edition)))
        self.fill("data", [("", _now("No particular data")), *questions.choices(questions.DATA, edition.categories)])

    def fill(self, name: str, choices: list[Any]) -> None:
        """What a field offers."""
        self.fields[name].choices = choices  # type: ignore[attr-defined]  # a ChoiceField

    def clean_on(self) -> date | None:
        """The day, which the edition has to cover."""
        typed: date | None = self.cleaned_data["on"]
        try:
            Edition.packaged().covering(typed or self._today)
        except NoEditionInForce as refused:
            self.refused(refused, field="on")
        return typed

    def asked(self) -> Asked:
        """The map that is asked for; only after `is_valid`."""
        typed = self.cleaned_data
        said = {name: str(value) for name, value in typed.items() if value}
        return Asked(measure=typed["measure"], data=typed["data"], on=typed["on"] or self._today, said=said)


class ViewForm(GapForm):
    """The map as one state sees it."""

    state = forms.ChoiceField(label=_("State"))
    direction = forms.ChoiceField(label=_("Direction"), choices=gap_words.DIRECTIONS.items())
    part = forms.ChoiceField(label=_("Part of the world"), choices=gap_words.PARTS.items())
    field_order = ("state", "direction", "measure", "data", "on", "part")

    def __init__(self, given: QueryDict, *, today: date, own_state: str) -> None:
        """`own_state` is the state of the node, from which the world is seen at first."""
        super().__init__(given, today=today, first={"state": own_state, "direction": "out", "part": "world"})
        self.fill("state", list(regions.names().items()))


class ListForm(GapForm):
    """Pairs of states in a list. A side is a state, a region, or anybody."""

    from_state = forms.ChoiceField(label=_("Who asks"), required=False)
    to_state = forms.ChoiceField(label=_("Who is asked"), required=False)
    answer = forms.ChoiceField(label=_("Answer"), required=False)
    field_order = ("measure", "data", "from_state", "to_state", "answer", "on")

    def __init__(self, given: QueryDict, *, today: date) -> None:
        """Every state and region to choose from."""
        super().__init__(given, today=today)
        named = list(regions.names().items())
        sides = [("", _now("Every state")), (_now("Regions"), regions.choices()), (_now("States"), named)]
        self.fill("from_state", sides)
        self.fill("to_state", sides)
        answers = [(one, word(gap_words.ANSWERS, one)) for one in GAPS]
        self.fill("answer", [("", _now("Every answer")), *answers])
