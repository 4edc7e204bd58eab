"""What a custodian types for a custody record: one form for each thing that may happen to an item or exhibit where it lies."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comity.canon import JsonObject
from comity.cases.handling import Handling, Light, Restriction
from comity.errors import ComityError
from comity.evidence.custody import CustodyEvent
from comity.evidence.events import ORIGIN, Thing
from comity.evidence.exhibit import typed_seals
from comity.evidence.marking import CODES
from comity.evidence.reliability import Scheme, typed_reliability
from comity.evidence.tags import OBJECTS
from comity.law import Edition
from comity.registry.queries.custody import Standing
from comity.web.custodian import words
from comity.web.shell import questions, wording
from comity.web.shell.forms import LONG, DeskForm, PlainField

_WHY: Final = _("It stands in the custody record, and in the log.")


class RecordForm(DeskForm):
    """A record that needs a reason and nothing else."""

    def __init__(self, data: Any = None, *, standing: Standing, digest: str = "") -> None:
        """`standing`: what the custody adds up to now; `digest`: the recorded hash of an item, empty for an exhibit."""
        super().__init__(data)
        self.standing, self.digest = standing, digest
        self.fields["reason"] = PlainField(label=_("Reason"), limit=LONG, lines=True, help_text=_WHY)

    def facts(self) -> JsonObject:
        """What was typed, as the record states it."""
        return dict(self.cleaned_data)


class CopyForm(RecordForm):
    """A copy that was made."""

    medium = PlainField(label=_("Medium"), help_text=_("On what it was copied, with its serial number."))
    recipient = PlainField(label=_("Recipient"), help_text=_("Who has the copy now."))

    def facts(self) -> JsonObject:
        """The copy of a file has the file's hash."""
        return super().facts() | {"sha256": self.digest}


class SealForm(RecordForm):
    """Seals that were put on an exhibit, and those that were broken for it."""

    seals = PlainField(label=_("Numbers of the new seals"), help_text=_("With commas between."))
    broken = PlainField(label=_("Numbers of the broken seals"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """With the seals that are on it."""
        super().__init__(*args, **kwargs)
        on = ", ".join(self.standing.seals)
        self.fields["broken"].help_text = _("On it now: %(seals)s") % {"seals": on or "-"}

    def clean(self) -> dict[str, Any]:
        """Seal numbers have one form."""
        for name in ("seals", "broken"):
            try:
                self.cleaned_data[name] = typed_seals(self.cleaned_data.get(name, ""))
            except ComityError as refusal:
                self.refused(refusal, field=name)
        return self.cleaned_data

    def facts(self) -> JsonObject:
        """An exhibit's seal has no hash."""
        return super().facts() | {"sealed_sha256": ""}


class PlaceForm(RecordForm):
    """Where an exhibit lies from now on."""

    place = PlainField(label=_("Place"), help_text=_("Building, room, shelf."))


class OriginForm(RecordForm):
    """The whole origin again, as it is known now."""

    place = PlainField(label=_("Place"), help_text=_("Where the evidence was collected."))
    device = PlainField(label=_("Device"), help_text=_("From which device or account, with its serial number."))
    method = PlainField(label=_("Method"))
    tool = PlainField(label=_("Tool"))
    tool_version = PlainField(label=_("Version of the tool"))
    time_source = PlainField(label=_("Source of time"), help_text=_("Which clock the times in it come from."))
    taken_at = PlainField(
        label=_("Collected at"), help_text=_("Such as 2026-11-23T09:00:00.000Z; not_stated if nobody knows.")
    )
    taken_by = PlainField(label=_("Collected by"), help_text=_("Write not_stated if nobody knows."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """With what is recorded now."""
        super().__init__(*args, **kwargs)
        for name in ORIGIN:
            self.fields[name].initial = self.standing.origin[name]

    def facts(self) -> JsonObject:
        """The origin and the reason for stating it again."""
        return {"origin": {name: self.cleaned_data[name] for name in ORIGIN}, "reason": self.cleaned_data["reason"]}


class MarkForm(RecordForm):
    """How reliable it is, how it may be handled, and what it is about."""

    scheme = forms.ChoiceField(label=_("Scheme of the evaluation"), required=False)
    code = PlainField(
        label=_("Code"),
        required=False,
        help_text=_("Such as B2. The same code means something else in another scheme: it is stored with its scheme."),
    )
    light = forms.ChoiceField(label=_("Traffic light"), required=False)
    codes = forms.MultipleChoiceField(label=_("Handling codes"), required=False, widget=forms.CheckboxSelectMultiple)
    remark = PlainField(label=_("Words of H3"), required=False, limit=500)
    objects = forms.MultipleChoiceField(label=_("Kind of object"), required=False, widget=forms.CheckboxSelectMultiple)
    data_kinds = forms.MultipleChoiceField(label=_("Data"), required=False, widget=forms.CheckboxSelectMultiple)
    offences = forms.MultipleChoiceField(label=_("Offences"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """With the vocabulary of the edition in force."""
        super().__init__(*args, **kwargs)
        edition = Edition.packaged()
        choices: dict[str, list[tuple[str, Any]]] = {
            "scheme": [("", _("none")), *((one.value, words.SCHEMES[one]) for one in Scheme)],
            "light": [(one.value, words.LIGHTS[one]) for one in Light],
            "codes": [(one.value, words.CODES[one]) for one in Restriction],
            "objects": [(f"object:{name}", words.tag(f"object:{name}")) for name in OBJECTS],
            "data_kinds": [(f"data:{name}", wording.word(questions.DATA, name)) for name in edition.categories],
            "offences": [(f"offence:{name}", wording.word(questions.OFFENCES, name)) for name in edition.offences],
        }
        for name, listed in choices.items():
            self.fields[name].choices = listed  # type: ignore[attr-defined]  # each is a ChoiceField

    def clean(self) -> dict[str, Any]:
        """A code has its scheme; H3 has its words."""
        typed = self.cleaned_data
        try:
            typed["reliability"] = None
            if typed.get("scheme") or typed.get("code"):
                typed["reliability"] = typed_reliability(typed.get("scheme", ""), typed.get("code", "")).as_record()
        except ComityError as refusal:
            self.refused(refusal, field="code")
        try:
            restrictions = frozenset(Restriction(one) for one in typed.get("codes", ()))
            handling = Handling(Light(typed.get("light", "")), restrictions, typed.get("remark", ""))
            typed["handling"] = handling.as_record()
        except ComityError as refusal:
            self.refused(refusal, field="remark")
        return typed

    def facts(self) -> JsonObject:
        """The marking."""
        typed = self.cleaned_data
        tags = sorted({*typed["objects"], *typed["data_kinds"], *typed["offences"]})
        return {name: typed[name] for name in ("reliability", "handling", "reason")} | {"tags": tags}


class LeaveForm(RecordForm):
    """The permission of who put a code on it."""

    codes = forms.MultipleChoiceField(label=_("For which codes"), widget=forms.CheckboxSelectMultiple)
    given_by = PlainField(label=_("Given by"), help_text=_("The authority and the official who gave it, and when."))
    document = PlainField(label=_("Where it is written"), help_text=_("Such as the number of the letter."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """With the codes that there are."""
        super().__init__(*args, **kwargs)
        self.fields["codes"].choices = [(one, words.leave(one)) for one in CODES]  # type: ignore[attr-defined]

    def facts(self) -> JsonObject:
        """The leave, its codes in order."""
        return super().facts() | {"codes": sorted(self.cleaned_data["codes"])}


class ReturnForm(RecordForm):
    """An exhibit went back."""

    recipient = PlainField(label=_("Recipient"), help_text=_("Who received it, and on what right."))
    document = PlainField(label=_("Receipt"), help_text=_("Where the signature of who received it is kept."))


class DisposalForm(RecordForm):
    """An exhibit was destroyed, sold or handed to the treasury."""

    method = PlainField(label=_("Method"))
    law = PlainField(label=_("Law of this state"))
    article = PlainField(label=_("Article"), help_text=_("Write not_stated if the law names none."))
    witness = PlainField(label=pgettext_lazy("disposal", "Witness"), help_text=_("Who saw it."))
    document = PlainField(label=_("Decision"), help_text=_("Where the decision is written."))


FORMS: Final[Mapping[tuple[Thing, CustodyEvent], type[RecordForm]]] = MappingProxyType(
    {
        **{(thing, CustodyEvent.MARKING): MarkForm for thing in Thing},
        **{(thing, CustodyEvent.CORRECTION): OriginForm for thing in Thing},
        **{(thing, CustodyEvent.ACCESS): RecordForm for thing in Thing},
        **{(thing, CustodyEvent.COPY): CopyForm for thing in Thing},
        **{(thing, CustodyEvent.LEAVE): LeaveForm for thing in Thing},
        (Thing.ITEM, CustodyEvent.SEALING): RecordForm,
        (Thing.EXHIBIT, CustodyEvent.SEALING): SealForm,
        (Thing.EXHIBIT, CustodyEvent.PLACEMENT): PlaceForm,
        (Thing.EXHIBIT, CustodyEvent.RETURN): ReturnForm,
        (Thing.EXHIBIT, CustodyEvent.DISPOSAL): DisposalForm,
    }
)
"""Which records a custodian writes by hand."""
