"""What an investigator types: a case, its selectors, offences and members, and notes."""

import re
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from comity.cases.case import PENALTY_YEARS_MAX, Offence
from comity.cases.selectors import Selector, parse_selector
from comity.errors import ComityError
from comity.law import Edition
from comity.web.shell import questions
from comity.web.shell.desk import said
from comity.web.shell.forms import LONG, DeskForm, PlainField

ROWS: Final = 8
"""Offences that a form takes at once, without a script that adds rows."""

BLANK: Final[tuple[str, Any]] = ("", _("please choose"))
NONE: Final[tuple[str, Any]] = ("", _("none"))

_REFERENCE: Final = re.compile(r"[0-9a-f]{32}")


class YearsField(forms.IntegerField):
    """A highest penalty in years: empty is unknown, 0 says that it is no offence there."""

    def __init__(self, *, label: Any) -> None:
        """`label` says in which state."""
        widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
        super().__init__(label=label, required=False, min_value=0, max_value=PENALTY_YEARS_MAX, widget=widget)


class OffencesForm(DeskForm):
    """Offences with their highest penalties, in a fixed number of rows."""

    needs_one = True

    def __init__(self, *args: Any, offences: tuple[Offence, ...] = (), **kwargs: Any) -> None:
        """`offences` are those that stand already."""
        super().__init__(*args, **kwargs)
        listed = [NONE, *sorted(questions.choices(questions.OFFENCES, Edition.packaged().offences), key=_by_word)]
        self.numbers = range(1, max(ROWS, len(offences) + 2) + 1)
        for number in self.numbers:
            stands = offences[number - 1] if number <= len(offences) else None
            place = {"number": number}
            self.fields[f"offence_{number}"] = forms.ChoiceField(
                label=_now("Offence %(number)s") % place, choices=listed, required=False, initial=stands and stands.id
            )
            here = YearsField(label=_now("Offence %(number)s: highest penalty in our state, in years") % place)
            there = YearsField(label=_now("Offence %(number)s: highest penalty in the other state, in years") % place)
            if stands:
                here.initial, there.initial = stands.issuing_years_max, stands.executing_years_max
            self.fields[f"here_{number}"], self.fields[f"there_{number}"] = here, there

    def offence_rows(self) -> list[tuple[forms.BoundField, forms.BoundField, forms.BoundField]]:
        """The fields row by row."""
        return [(self[f"offence_{one}"], self[f"here_{one}"], self[f"there_{one}"]) for one in self.numbers]

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = super().clean() or {}
        found: dict[str, Offence] = {}
        for number in self.numbers:
            name, here, there = (typed.get(f"{part}_{number}") for part in ("offence", "here", "there"))
            if name and name in found:
                self.add_error(f"offence_{number}", _now("This offence stands in a row above already."))
            elif name:
                found[name] = Offence(name, here, there)
            elif here is not None or there is not None:
                self.add_error(f"offence_{number}", _now("Choose the offence that carries these years."))
        if self.needs_one and not found and not self.errors:
            self.add_error("offence_1", _now("Choose at least one offence: a letter without one is not complete."))
        typed["offences"] = tuple(found.values())
        return typed


class CaseForm(OffencesForm):
    """A new case. The reference was made when the form was shown: sending it twice leads to one case."""

    reference = forms.CharField(widget=forms.HiddenInput, required=False)
    title = PlainField(label=_("Title of the case"), help_text=_("As your colleagues will find it in lists."))
    marketplace = PlainField(label=_("Marketplace"), help_text=_("The name under which the marketplace is known."))
    selectors = PlainField(
        label=_("Selectors"),
        lines=True,
        limit=LONG,
        help_text=_(
            "By what the marketplace is found: one in each line, as kind:value. Kinds are domain, wallet, handle, account "
            "and address. Examples: domain:market.example, handle:market_admin, address:192.0.2.7"
        ),
    )

    def clean_reference(self) -> str:
        typed = str(self.cleaned_data["reference"])
        if not _REFERENCE.fullmatch(typed):
            raise ValidationError(_now("The form lost its one-time name. Open it again from the list of cases."))
        return typed

    def clean_selectors(self) -> tuple[Selector, ...]:
        found: dict[str, Selector] = {}
        wrong = []
        for number, line in enumerate(str(self.cleaned_data["selectors"]).split("\n"), start=1):
            if not line.strip():
                continue
            try:
                one = parse_selector(line.strip())
            except ComityError as refusal:
                wrong.append(_now("Line %(number)s: %(why)s") % {"number": number, "why": said(refusal)})
            else:
                found[str(one)] = one
        if wrong:
            raise ValidationError(wrong)
        return tuple(found.values())


class SelectorForm(DeskForm):
    """One more selector."""

    selector = PlainField(
        label=_("One more selector"), help_text=_("kind:value, such as domain:market.example or handle:market_admin")
    )

    def clean_selector(self) -> Selector:
        try:
            return parse_selector(str(self.cleaned_data["selector"]))
        except ComityError as refusal:
            raise ValidationError(said(refusal)) from refusal


class MemberForm(DeskForm):
    """A colleague who is to see the case."""

    official = forms.ChoiceField(label=_("Colleague"), help_text=_("Will see the case and all its letters."))

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        """`people` are the officials of this node who are no members."""
        super().__init__(*args, **kwargs)
        self.fields["official"] = forms.ChoiceField(
            label=self.fields["official"].label,
            help_text=self.fields["official"].help_text,
            choices=[BLANK, *people],
        )


class NoteForm(DeskForm):
    """What the other side is told with a step."""

    note = PlainField(label=_("Note to the other side"), lines=True, limit=LONG)


def _by_word(choice: tuple[str, str]) -> str:
    return choice[1].casefold()
