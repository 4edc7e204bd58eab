"""A letter as its drafter types it; the rest comes from the case, the answer of the law and the directory."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from comity.authorities.directory import Entry
from comity.canon import JsonObject
from comity.cases.handling import REMARK_CHARACTERS_MAX, Handling, HandlingBroken, Light, Restriction
from comity.letters.letter import FACTS_CHARACTERS_MAX, Form
from comity.registry.queries.cases import Addressee
from comity.registry.queries.listing import Line
from comity.web.investigator.forms import BLANK, NONE
from comity.web.shell import wording
from comity.web.shell.forms import SHORT, DeskForm, PlainField

ANOTHER: Final = "-"
_DAY: Final = "%Y-%m-%d"


@dataclass(frozen=True)
class Offered:
    """What a draft can choose from."""

    form: Form
    nodes: list[Addressee]
    authorities: list[str]
    letters: list[Line]
    custodians: list[Entry]


class DayField(forms.DateField):
    """A day, typed or picked."""

    def __init__(self, *, label: Any, help_text: Any) -> None:
        """As the browser's own field for days sends it."""
        widget = forms.DateInput(attrs={"type": "date"}, format=_DAY)
        super().__init__(label=label, help_text=help_text, input_formats=[_DAY], widget=widget)


class CustodianField(forms.ChoiceField):
    """Who takes over the evidence. That nobody is named is said by the record, with everything else that is missing."""

    def validate(self, value: object) -> None:
        if value:
            super().validate(value)


LIGHTS: Final[Mapping[str, wording.Word]] = {
    Light.NOT_STATED.value: _("Not stated"),
    Light.CLEAR.value: _("TLP:CLEAR: no limit"),
    Light.GREEN.value: _("TLP:GREEN: the community of those who work on such cases"),
    Light.AMBER.value: _("TLP:AMBER: the authority and those it works for, who need to know"),
    Light.AMBER_STRICT.value: _("TLP:AMBER+STRICT: the authority only, who need to know"),
    Light.RED.value: _("TLP:RED: those whom it concerns, by name"),
}
RESTRICTIONS: Final[Mapping[str, wording.Word]] = {
    Restriction.H0.value: _("H0: to prevent and combat crime only"),
    Restriction.H1.value: _("H1: no evidence in court without permission"),
    Restriction.H2.value: _("H2: not passed on without permission"),
    Restriction.H3.value: _("H3: other restrictions, in words below"),
}


class DraftForm(DeskForm):
    """A draft of a letter on a lawful route."""

    to_node = forms.ChoiceField(label=_("Node that gets the letter"))
    named = forms.ChoiceField(
        label=_("Authority that is asked"),
        help_text=_("The authorities that the state has named for this route, as the edition of the law holds them."),
    )
    other = PlainField(
        label=_("Another authority"),
        required=False,
        help_text=_("Only if the authority does not stand above."),
    )
    subject = PlainField(label=_("Subject"), help_text=_("One line, as both sides will find the letter in lists."))
    facts = PlainField(
        label=_("Facts"),
        lines=True,
        limit=FACTS_CHARACTERS_MAX,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_("What happened, as far as the other side must know it; no more."),
    )
    purpose = PlainField(label=_("Purpose"), help_text=_("What the data are for: they are used for nothing else."))
    data_from = DayField(label=_("Data from"), help_text=_("First day of the data that are asked for."))
    data_until = DayField(label=_("Data until"), help_text=_("Last day of the data that are asked for."))
    linked = forms.ChoiceField(
        label=_("Follows the letter"),
        required=False,
        help_text=_("An earlier letter of this case, such as the one that had the data preserved."),
    )
    custodian = CustodianField(
        label=_("Custodian who takes over the evidence"),
        help_text=_("Evidence for this letter is handed over to this official and to nobody else."),
    )
    urgent = forms.BooleanField(label=_("Urgent"), required=False)
    confidential = forms.BooleanField(
        label=_("Confidential"),
        required=False,
        help_text=_("Custodians see the letter only once it is recognised."),
    )
    light = forms.ChoiceField(
        label=_("How far it may go (traffic light)"),
        required=False,
        choices=list(LIGHTS.items()),
        help_text=_(
            "The code stands in the signed letter and travels with it. Red is shown to those whom it concerns."
        ),
    )
    codes = forms.MultipleChoiceField(
        label=_("What it may be used for"),
        required=False,
        choices=list(RESTRICTIONS.items()),
        widget=forms.CheckboxSelectMultiple(),
    )
    remark = PlainField(
        label=_("Other restrictions, in words"), required=False, limit=REMARK_CHARACTERS_MAX, lines=True
    )

    def __init__(self, *args: Any, offered: Offered, **kwargs: Any) -> None:
        """`offered` says what can be chosen; fields without a choice are left out."""
        super().__init__(*args, **kwargs)
        self._choose("to_node", [(one.node, f"{one.name} ({one.node})") for one in offered.nodes])
        named = [(one, one) for one in offered.authorities]
        self._choose("named", [BLANK, *named, (ANOTHER, _now("another authority, named below"))])
        letters = [
            (one.digest, f"{one.short}, {wording.word(wording.FORMS, one.form)}: {one.subject}")
            for one in offered.letters
        ]
        self._choose("linked", [NONE, *letters])
        people = [(one.official, f"{one.name}, {one.office}") for one in offered.custodians]
        self._choose("custodian", [BLANK, *people])
        if not offered.authorities:
            del self.fields["named"]
            self.fields["other"].required = True
            self.fields["other"].label = _now("Authority that is asked")
            self.fields["other"].help_text = _now("The edition of the law names nobody for this route.")
        if not letters:
            del self.fields["linked"]
        if offered.form is Form.PRESERVATION:
            del self.fields["custodian"]

    def _choose(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = super().clean() or {}
        named, other = typed.get("named", ANOTHER), typed.get("other", "")
        if named == ANOTHER and not other and "other" not in self.errors:
            self.add_error("other", _now("Name the authority that is asked."))
        elif named and named != ANOTHER and other:
            self.add_error("other", _now("Choose an authority above or name another one, not both."))
        typed["authority"] = other or named
        if not self.errors.keys() & {"light", "codes", "remark"}:
            codes = frozenset(Restriction(one) for one in typed.get("codes", ()))
            try:
                typed["handling"] = Handling(Light(typed.get("light", "")), codes, typed.get("remark", ""))
            except HandlingBroken:
                self.add_error("remark", _now("Choose H3 and say in words what it restricts, or neither."))
        return typed


def authorities(route: JsonObject) -> list[str]:
    """The authorities that are named as recipients of a route, each once, as a letter can name them."""
    found = [
        named["text"]
        for source in (route, *route["layers"])
        for recipient in source["recipient"]
        for named in recipient["named"]
        if named["type"] == "authority" and len(named["text"]) <= SHORT
    ]
    return list(dict.fromkeys(found))
