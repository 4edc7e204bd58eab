"""The questions of the interview as forms: one for each step, each with what is known already."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from comity.cases.case import PENALTY_YEARS_MAX
from comity.law import AUTHORITIES, PURPOSES, STAGES, URGENCIES, Edition
from comity.law.edition import AskedFact
from comity.web.investigator import spelling
from comity.web.investigator.address import FACT, Interview
from comity.web.investigator.forms import BLANK, OffencesForm
from comity.web.shell import questions
from comity.web.shell.forms import DeskForm, PlainField
from comity.web.shell.wording import Word

ANSWERS: Final = "answers"
"""The parameter that says which step an address answers; it stands in no address that is linked."""


@dataclass(frozen=True)
class Around:
    """What a form has to know besides the answers: the edition, whose question it is, and who can be written to."""

    edition: Edition
    own_state: str
    connected: Collection[str]


class StepForm(DeskForm):
    """One step of the interview."""

    def __init__(self, *args: Any, interview: Interview, around: Around, **kwargs: Any) -> None:
        """`interview` is what has been answered so far."""
        kwargs.setdefault("initial", self.begins(interview))
        super().__init__(*args, **kwargs)
        self.interview = interview
        self.around = around
        self.prepare()

    def begins(self, interview: Interview) -> dict[str, Any]:
        """What stands in the fields of this step already."""
        return {name: getattr(interview, name) for name in self.base_fields}

    def prepare(self) -> None:
        """Give the fields their choices."""

    def answered(self) -> Interview:
        """The interview with the answers of this step."""
        return replace(self.interview, **self.cleaned_data)

    def choose(self, name: str, choices: list[Any]) -> None:
        """The choices of one field."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


class WhoForm(StepForm):
    """Who asks."""

    authority = forms.ChoiceField(
        label=_("Requesting authority"), widget=forms.RadioSelect, help_text=_("Who signs the request under our law.")
    )
    stage = forms.ChoiceField(label=_("Stage of the proceedings"), widget=forms.RadioSelect)

    def prepare(self) -> None:
        self.choose("authority", questions.choices(questions.AUTHORITIES, AUTHORITIES))
        self.choose("stage", questions.choices(questions.STAGES, STAGES))


class WhomForm(StepForm):
    """Whom."""

    to = forms.ChoiceField(
        label=_("State that is asked"), help_text=_("Where the data, the servers or the people are.")
    )

    def prepare(self) -> None:
        named = {
            code: name for code, name in questions.states(self.around.edition).items() if code != self.around.own_state
        }
        first = [(code, name) for code, name in named.items() if code in self.around.connected]
        others = [(code, name) for code, name in named.items() if code not in self.around.connected]
        self.choose("to", [BLANK, (_now("Connected by a node"), first), (_now("Other states"), others)])


class WhatForm(StepForm):
    """For what measure."""

    measure = forms.ChoiceField(label=_("Measure"), help_text=_("What the other state is asked to do."))

    def prepare(self) -> None:
        self.choose("measure", [BLANK, *questions.choices(questions.MEASURES, questions.measures(self.around.edition))])


class DataForm(StepForm):
    """Which data, and what they are for."""

    categories = forms.MultipleChoiceField(
        label=_("Data"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Most letters ask for subscriber, traffic or content data. Tick nothing while you do not know: "
            "it stays open, and a letter will need at least one."
        ),
    )
    purpose = forms.ChoiceField(label=_("Purpose"), widget=forms.RadioSelect)

    def begins(self, interview: Interview) -> dict[str, Any]:
        return {"categories": interview.data or (), "purpose": interview.purpose or PURPOSES[0]}

    def prepare(self) -> None:
        self.choose("categories", questions.choices(questions.DATA, self.around.edition.categories))
        self.choose("purpose", questions.choices(questions.PURPOSES, PURPOSES))

    def answered(self) -> Interview:
        typed = self.cleaned_data
        return replace(self.interview, data=tuple(typed["categories"]), purpose=typed["purpose"])


class OffencesAsked(OffencesForm):
    """Which offences; in the interview none has to be known."""

    needs_one = False

    def __init__(self, *args: Any, interview: Interview, around: Around, **kwargs: Any) -> None:  # noqa: ARG002 - as the other steps
        """`interview` is what has been answered so far."""
        super().__init__(*args, offences=interview.offences or (), **kwargs)
        self.interview = interview

    def answered(self) -> Interview:
        """The interview with these offences."""
        return replace(self.interview, offences=self.cleaned_data["offences"])


class PressingForm(StepForm):
    """How urgent it is, and who holds the data."""

    urgency = forms.ChoiceField(label=_("Urgency"), widget=forms.RadioSelect)
    provider = PlainField(
        label=_("Provider that holds the data"),
        required=False,
        help_text=_("As it is called, if it is known. It is kept with the question; no route hangs on the name."),
    )

    def begins(self, interview: Interview) -> dict[str, Any]:
        return {"urgency": interview.urgency or URGENCIES[0], "provider": interview.provider}

    def prepare(self) -> None:
        self.choose("urgency", questions.choices(questions.URGENCIES, URGENCIES))


class FactForm(StepForm):
    """One fact of the case. That nobody knows it is always an answer."""

    def __init__(self, *args: Any, fact: AskedFact, **kwargs: Any) -> None:
        """`fact` is what is asked."""
        self.fact = fact
        super().__init__(*args, **kwargs)

    def begins(self, interview: Interview) -> dict[str, Any]:
        said = interview.facts.get(self.fact.id, "")
        return {self.name: "" if self.fact.type == "number" and said == spelling.UNKNOWN else said}

    @property
    def name(self) -> str:
        """The name of the field, as in the address."""
        return f"{FACT}{self.fact.id}"

    def prepare(self) -> None:
        if self.fact.type == "number":
            self.fields[self.name] = forms.IntegerField(
                label=_now("Your answer"),
                required=False,
                min_value=0,
                max_value=PENALTY_YEARS_MAX,
                help_text=_now("Leave it empty while you do not know: it stays open."),
                widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
            )
            return
        told = questions.choices(questions.ANSWERS, spelling.options(self.fact))
        self.fields[self.name] = forms.ChoiceField(
            label=_now("Your answer"),
            choices=[*told, (spelling.UNKNOWN, _now("I do not know"))],
            widget=forms.RadioSelect,
            error_messages={"required": _now("Choose an answer. What you do not know stays open.")},
        )

    def answered(self) -> Interview:
        typed = self.cleaned_data[self.name]
        said = spelling.UNKNOWN if typed is None else str(typed)
        return replace(self.interview, facts={**self.interview.facts, self.fact.id: said})


_FORMS: Final[Mapping[str, Callable[..., StepForm | OffencesAsked]]] = {
    "who": WhoForm,
    "whom": WhomForm,
    "what": WhatForm,
    "data": DataForm,
    "offences": OffencesAsked,
    "pressing": PressingForm,
}
HEADINGS: Final[Mapping[str, Word]] = {
    "who": _("Who asks?"),
    "whom": _("Which state is asked?"),
    "what": _("What is it asked to do?"),
    "data": _("Which data, and what for?"),
    "offences": _("Which offences are investigated?"),
    "pressing": _("How urgent is it, and who holds the data?"),
}
WHY: Final[Mapping[str, Word]] = {
    "who": _("Who may issue or has to confirm a request, and at which stage, is a condition of most routes."),
    "whom": _("Both states have to be bound by an instrument; what the asked state has declared counts, too."),
    "what": _("Each measure has routes, conditions and clocks of its own."),
    "data": _("Subscriber, traffic and content data have different thresholds; so has data only to identify a user."),
    "offences": _(
        "Thresholds and dual criminality are counted in years: in our state, and in the one that is asked. What is "
        "unknown stays open; 0 says that it is no offence there."
    ),
    "pressing": _("Some routes are open only in an emergency, and some clocks run faster."),
}
"""Why the steps before the law are taken."""


def form_of(step: str, given: Any, *, interview: Interview, around: Around) -> StepForm | OffencesAsked:
    """The form of a step; `given` is what was typed, None for a fresh one."""
    if step.startswith(FACT):
        fact = around.edition.facts[step.removeprefix(FACT)]
        return FactForm(given, fact=fact, interview=interview, around=around)
    return _FORMS[step](given, interview=interview, around=around)
