"""The question to the law as a form: what is asked of whom, and the facts that somebody knows already."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from comity.canon import JsonObject
from comity.law import AUTHORITIES, PURPOSES, STAGES, URGENCIES, Edition, Question
from comity.web.investigator.forms import BLANK
from comity.web.shell import questions, verdicts
from comity.web.shell.forms import DeskForm

FACT: Final = "fact_"
_YES, _NO = "yes", "no"
_ANSWERS: Final[Mapping[str, bool]] = {_YES: True, _NO: False}


class AskForm(DeskForm):
    """The question of a case to the law. `guided` are the facts that are asked for by name; the others are kept hidden."""

    to_state = forms.ChoiceField(
        label=_("State that is asked"), help_text=_("Where the data, the servers or the people are.")
    )
    measure = forms.ChoiceField(label=_("Measure"), help_text=_("What the other state is asked to do."))
    categories = forms.MultipleChoiceField(
        label=_("Data"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Most letters ask for subscriber, traffic or content data. A letter needs at least one."),
    )
    requesting_authority = forms.ChoiceField(
        label=_("Requesting authority"), help_text=_("Who signs the request under our law.")
    )
    stage = forms.ChoiceField(label=_("Stage of the proceedings"))
    urgency = forms.ChoiceField(label=_("Urgency"))
    purpose = forms.ChoiceField(label=_("Purpose"))

    def __init__(
        self, *args: Any, own_state: str, connected: Collection[str], guided: Collection[str] = (), **kwargs: Any
    ) -> None:
        """`connected` are the states with a node that this node has admitted: they stand first."""
        super().__init__(*args, **kwargs)
        edition = Edition.packaged()
        named = {code: name for code, name in questions.states(edition).items() if code != own_state}
        first = [(code, name) for code, name in named.items() if code in connected]
        others = [(code, name) for code, name in named.items() if code not in connected]
        self._choose("to_state", [BLANK, (_now("Connected by a node"), first), (_now("Other states"), others)])
        self._choose("measure", [BLANK, *questions.choices(questions.MEASURES, questions.measures(edition))])
        self._choose("categories", questions.choices(questions.DATA, edition.categories))
        self._choose("requesting_authority", questions.choices(questions.AUTHORITIES, AUTHORITIES))
        self._choose("stage", questions.choices(questions.STAGES, STAGES))
        self._choose("urgency", questions.choices(questions.URGENCIES, URGENCIES))
        self._choose("purpose", questions.choices(questions.PURPOSES, PURPOSES))
        self.guided = frozenset(guided)
        for fact in edition.facts.values():
            if fact.from_ == "answer":
                self.fields[f"{FACT}{fact.id}"] = self._fact(fact.id, fact.question)

    def _choose(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def _fact(self, name: str, question: str) -> forms.ChoiceField:
        guided = name in self.guided
        return forms.ChoiceField(
            label=question,
            required=False,
            choices=[("", _now("not known")), (_YES, _now("yes")), (_NO, _now("no"))],
            widget=forms.RadioSelect if guided else forms.Select,
        )

    def facts(self) -> list[forms.BoundField]:
        """The fields of the facts."""
        return [self[name] for name in self.fields if name.startswith(FACT)]

    def answered(self) -> int:
        """How many facts have an answer already."""
        return sum(1 for field in self.facts() if field.value())

    def kept(self) -> list[forms.BoundField]:
        """Everything that the guided part carries along without asking for it."""
        return [self[name] for name in self.fields if name.removeprefix(FACT) not in self.guided]

    def fact(self, name: str) -> forms.BoundField:
        """The field of one fact."""
        return self[f"{FACT}{name}"]

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = super().clean() or {}
        if verdicts.form_of(typed.get("measure", "")) and not typed.get("categories"):
            self.add_error(
                "categories", ValidationError(_now("Choose at least one: a letter has to say which data it asks for."))
            )
        return typed

    def question(self, *, own_state: str, offences: list[JsonObject]) -> Question:
        """The question that was typed, with the offences of the case; raises what `Question` refuses."""
        typed = self.cleaned_data
        return Question(
            requesting_state=own_state,
            requested_state=typed["to_state"],
            requesting_authority=typed["requesting_authority"],
            stage=typed["stage"],
            measure=typed["measure"],
            data=tuple(sorted(typed["categories"])),
            purpose=typed["purpose"],
            offences=tuple((one["id"], one["issuing"], one["executing"]) for one in offences),
            urgency=typed["urgency"],
            facts={
                name.removeprefix(FACT): _ANSWERS[answer]
                for name, answer in typed.items()
                if name.startswith(FACT) and answer in _ANSWERS
            },
        )


def initial(question: JsonObject) -> dict[str, Any]:
    """The fields of the form for a question that was asked before."""
    kept = ("measure", "requesting_authority", "stage", "urgency", "purpose")
    answers = {True: _YES, False: _NO}
    facts = {f"{FACT}{name}": answers[value] for name, value in question["facts"].items() if value in answers}
    return (
        {name: question[name] for name in kept}
        | {"to_state": question["requested_state"], "categories": question["data"]}
        | facts
    )
