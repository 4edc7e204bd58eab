"""The reasons of a decision as a form: one field for each, none of them empty words, and no two alike."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from comity.authorisations.reasons import (
    CONDITIONS_MAX,
    Check,
    Condition,
    Means,
    Necessity,
    Privilege,
    Privileges,
    ReasonsEmpty,
    hold_distinct,
)
from comity.web.shell import wording
from comity.web.shell.desk import said
from comity.web.shell.forms import LONG, DeskForm, PlainField, ReasonField

MEANS_FIELDS: Final = 3
_NECESSITY: Final = ("aim", "suspicion", "link", "why_data", "period", "seriousness")


class ReasonsForm(DeskForm):
    """Why a decision is necessary and proportionate, what was weighed, and under which conditions (mission H1)."""

    law = PlainField(label=_("Law that gives the power"), help_text=_("Such as the code of criminal procedure."))
    article = PlainField(label=_("Article"))
    purpose = ReasonField(label=_("Purpose"))
    aim = ReasonField(
        label=_("Necessity: what is to be found out or secured"), help_text=_("The person may read these reasons.")
    )
    suspicion = ReasonField(label=_("Necessity: what the suspicion rests on"))
    link = ReasonField(label=_("Necessity: how the data are linked with the offence"))
    why_data = ReasonField(label=_("Proportionality: why these data"))
    period = ReasonField(label=_("Proportionality: why this period"))
    seriousness = ReasonField(label=_("Proportionality: how serious the offence is"))
    means_1 = PlainField(label=_("Milder means that was considered"), limit=LONG)
    why_1 = ReasonField(label=_("Why it is not enough"))
    means_2 = PlainField(label=_("Second milder means"), limit=LONG, required=False)
    why_2 = ReasonField(label=_("Why the second is not enough"), required=False)
    means_3 = PlainField(label=_("Third milder means"), limit=LONG, required=False)
    why_3 = ReasonField(label=_("Why the third is not enough"), required=False)
    privileges = ReasonField(
        label=_("Protected confidences"),
        help_text=_("Whether a lawyer, doctor, cleric or journalist is touched, and what was weighed."),
    )
    allowed = forms.MultipleChoiceField(
        label=_("The decision reaches the confidences of"),
        choices=[(one.value, wording.FLAGS[one.value]) for one in Privilege],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Without this a target that is flagged so cannot be asked for."),
    )
    checks = forms.MultipleChoiceField(
        label=_("Conditions that the node checks"),
        choices=[(one, wording.CHECKS[one]) for one in Check if one is not Check.WORDS],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    conditions = PlainField(
        label=_("Further conditions"), limit=LONG, lines=True, required=False, help_text=_("One in each line.")
    )
    days = forms.IntegerField(label=_("Runs for how many days"), min_value=1, max_value=366, initial=60)

    def clean_conditions(self) -> tuple[str, ...]:
        listed = tuple(line.strip() for line in self.cleaned_data["conditions"].split("\n") if line.strip())
        limit = CONDITIONS_MAX - len(Check)
        if len(listed) > limit:
            raise forms.ValidationError(_now("At most %(limit)d conditions.") % {"limit": limit})
        return listed

    def clean(self) -> dict[str, Any]:
        """Each milder means has its reason, and no reason says what another one says."""
        typed = super().clean() or self.cleaned_data
        for place in range(2, MEANS_FIELDS + 1):
            for name, other in ((f"means_{place}", f"why_{place}"), (f"why_{place}", f"means_{place}")):
                if typed.get(other) and not typed.get(name) and name not in self.errors:
                    self.add_error(name, _now("A means and its reason go together."))
        stated: list[tuple[str, str]] = []
        for name in ("purpose", *_NECESSITY, *(f"why_{place + 1}" for place in range(MEANS_FIELDS)), "privileges"):
            one = (str(self.fields[name].label), typed.get(name) or "")
            try:
                hold_distinct([*stated, one] if one[1] else [])
            except ReasonsEmpty as refused:
                self.add_error(name, said(refused))
            else:
                stated += [one] if one[1] else []
        return typed

    def reasons(self) -> dict[str, Any]:
        """What was typed, by the names of a `Decision`."""
        typed = self.cleaned_data
        pairs = [(typed[f"means_{place + 1}"], typed[f"why_{place + 1}"]) for place in range(MEANS_FIELDS)]
        checked = [Condition(check=Check(one), text=str(wording.CHECKS[one])) for one in typed["checks"]]
        return {
            "legal_basis": {"law": typed["law"], "article": typed["article"]},
            "purpose": typed["purpose"],
            "necessity": Necessity(**{name.removeprefix("why_"): typed[name] for name in _NECESSITY}),
            "less_intrusive": tuple(Means(means=means, why_not=why) for means, why in pairs if means),
            "privileges": Privileges(considered=typed["privileges"], allowed=frozenset(typed["allowed"])),
            "conditions": (*checked, *(Condition(check=Check.WORDS, text=one) for one in typed["conditions"])),
            "days": typed["days"],
        }
