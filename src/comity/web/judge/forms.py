"""What a judge decides: how far, on what power, for what reasons, under which conditions, until when."""

from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from comity.authorisations.scope import Scope
from comity.registry.queries.texts import Decision
from comity.web.judge.reasons_form import ReasonsForm
from comity.web.shell import wording
from comity.web.shell.forms import LONG, DeskForm, PlainField, ReasonField

WHOLE, PART = "whole", "part"


class DecisionForm(ReasonsForm):
    """A decision on a letter, within what it asks for."""

    reach = forms.ChoiceField(
        label=_("How far"),
        choices=[(WHOLE, _("As it is asked for")), (PART, _("Only the part chosen below"))],
        widget=forms.RadioSelect,
        initial=WHOLE,
        help_text=_("In part: fewer targets, less data, a shorter time. The letter then asks for that part only."),
    )
    selectors = forms.MultipleChoiceField(label=_("Targets"), widget=forms.CheckboxSelectMultiple, required=False)
    kinds = forms.MultipleChoiceField(label=_("Data"), widget=forms.CheckboxSelectMultiple, required=False)
    data_from = forms.DateField(label=_("Data from"), widget=forms.DateInput(attrs={"type": "date"}), required=False)
    data_until = forms.DateField(label=_("Data until"), widget=forms.DateInput(attrs={"type": "date"}), required=False)
    field_order = ("reach", "selectors", "kinds", "data_from", "data_until")

    def __init__(self, *args: Any, asked: Scope, **kwargs: Any) -> None:
        """`asked`: how far the decision can reach."""
        kwargs["initial"] = {
            "selectors": sorted(asked.selectors),
            "kinds": sorted(asked.data),
            "data_from": asked.from_,
            "data_until": asked.until,
        } | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self._asked = asked
        self.fields["selectors"].choices = [(one, one) for one in sorted(asked.selectors)]  # type: ignore[attr-defined]
        self.fields["kinds"].choices = [  # type: ignore[attr-defined]
            (one, wording.word(wording.DATA, one)) for one in sorted(asked.data)
        ]

    def clean(self) -> dict[str, Any]:
        """A part has at least one target and one kind of data, and lies within what is asked for."""
        typed = super().clean()
        if typed.get("reach") != PART:
            self._hold_whole()
            return typed
        for name in ("selectors", "kinds", "data_from", "data_until"):
            if not typed.get(name) and name not in self.errors:
                self.add_error(name, _now("A part needs this."))
        first, last = typed.get("data_from"), typed.get("data_until")
        if first and last and not self._asked.from_ <= first <= last <= self._asked.until:
            window = {"first": self._asked.from_, "last": self._asked.until}
            self.add_error("data_until", _now("The time must lie within %(first)s to %(last)s.") % window)
        return typed

    def _hold_whole(self) -> None:
        """Nothing was taken out where the whole is authorised: what the form says is one thing."""
        asked, sent = self._asked, self.data
        whole = {
            "selectors": sorted(asked.selectors),
            "kinds": sorted(asked.data),
            "data_from": [str(asked.from_)],
            "data_until": [str(asked.until)],
        }
        for name, all_of_it in whole.items():
            listed = sorted(sent.getlist(name)) if hasattr(sent, "getlist") else all_of_it
            if listed and listed != all_of_it and "reach" not in self.errors:
                self.add_error("reach", _now("A part was chosen below: say that only this part is meant."))

    def decision(self) -> Decision:
        """What was typed, as a decision."""
        typed = self.cleaned_data
        scope = None
        if typed["reach"] == PART:
            scope = replace(
                self._asked,
                selectors=frozenset(typed["selectors"]),
                data=frozenset(typed["kinds"]),
                from_=typed["data_from"],
                until=typed["data_until"],
            )
        return Decision(scope=scope, **self.reasons())


class RecognitionForm(DecisionForm):
    """A decision on a letter that came, with a word to the other side."""

    note = PlainField(label=_("Note to the issuing side"), limit=LONG, lines=True)


class DenialForm(DeskForm):
    """Why a draft may not go out."""

    reason = PlainField(label=_("Reasons"), limit=LONG, lines=True)


class ValidationForm(ReasonsForm):
    """The validation of an emergency decision: for exactly what was done under it."""

    def decision(self) -> Decision:
        """What was typed, as a decision."""
        return Decision(scope=None, **self.reasons())


class EndForm(DeskForm):
    """Why a decision ends before its time."""

    reason = ReasonField(label=_("Reasons"), help_text=_("Everybody who received the letter reads them."))


class ReviewForm(DeskForm):
    """Why what touches a protected person is necessary all the same."""

    reason = ReasonField(
        label=_("Why it is still necessary"), help_text=_("Say what you looked at, and what you weighed.")
    )
