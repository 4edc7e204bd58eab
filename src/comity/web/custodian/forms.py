"""What a custodian types: where evidence comes from, on what ground it leaves, and why it is exported."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from comity.canon import moment, stamp
from comity.errors import ComityError
from comity.evidence.events import NOT_STATED, Derived, Thing
from comity.evidence.exhibit import NUMBER_CHARACTERS_MAX, ExhibitKind, exhibit_number, typed_seals
from comity.evidence.item import NAME_CHARACTERS_MAX, media_type, safe_name
from comity.exchange.transfer import (
    ARTICLES,
    LED,
    Derogation,
    GroundKind,
    NoTransferGround,
    TransferGround,
    needed,
)
from comity.registry.gestures.evidence import Described, MadeOf
from comity.registry.gestures.exhibits import Seized
from comity.registry.queries.evidence import Origin, Recognised
from comity.web.custodian import words
from comity.web.shell import wording
from comity.web.shell.desk import said
from comity.web.shell.forms import LONG, DeskForm, PlainField
from comity.web.shell.uploads import Arriving

KINDS_OF: Final[Mapping[Thing, tuple[Derived, ...]]] = {
    Thing.ITEM: (Derived.EXTRACT, Derived.CONVERSION, Derived.TRANSLATION, Derived.REDACTION),
    Thing.EXHIBIT: (Derived.PHOTOGRAPH, Derived.IMAGE, Derived.EXTRACT),
}
"""What is made of what."""
AGE_CHARACTERS_MAX: Final = 5000
UNKNOWN_TYPE: Final = "application/octet-stream"
_ORIGIN: Final = ("place", "device", "method", "tool", "tool_version", "time_source")
_UNKNOWN_OR: Final = ("taken_at", "taken_by")


class IntakeForm(DeskForm):
    """One file and where it comes from. The file is the last field: it is read after the others were checked."""

    name = PlainField(
        label=_("Name of the item"),
        limit=NAME_CHARACTERS_MAX,
        required=False,
        help_text=_("A plain file name. Left empty, the item is named like the file."),
    )
    media_type = forms.CharField(
        label=_("Type of file"),
        initial=UNKNOWN_TYPE,
        max_length=127,
        help_text=_("As application/pdf or image/png. If you do not know it, leave what stands here."),
    )
    selectors = forms.MultipleChoiceField(
        label=_("Which of the targets it holds"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("The targets that the recognition allows. Choose none if the file holds all of them."),
    )
    place = PlainField(label=_("Place"), help_text=_("Where the evidence was collected."))
    device = PlainField(label=_("Device"), help_text=_("From which device or account, with its serial number."))
    method = PlainField(label=_("Method"), help_text=_("How it was collected, such as a bit-for-bit image."))
    tool = PlainField(label=_("Tool"))
    tool_version = PlainField(label=_("Version of the tool"))
    time_source = PlainField(label=_("Source of time"), help_text=_("Which clock the times in it come from."))
    taken_at = PlainField(
        label=_("Collected at"),
        required=False,
        help_text=_("Such as 2026-11-23T09:00:00.000Z. Left empty, the record says that nobody stated it."),
    )
    taken_by = PlainField(
        label=_("Collected by"),
        required=False,
        help_text=_("Who collected it there. Left empty, the record says that nobody stated it."),
    )
    kind = forms.ChoiceField(label=_("What it is of it"), required=False)
    reason = PlainField(label=_("Reason"), limit=LONG, lines=True, required=False)
    file = forms.Field(
        label=_("File"),
        widget=forms.FileInput,
        help_text=_("It is sealed while it arrives; no readable copy is kept on this node."),
        error_messages={"required": _("Choose the file.")},
    )

    def __init__(
        self,
        data: Any = None,
        *,
        under: Recognised,
        file: Arriving | None = None,
        made_of: tuple[Thing, str] | None = None,
    ) -> None:
        """`under`: the letter and its recognition; `file`: what waits to be read; `made_of`: what the file was made of."""
        super().__init__(data, None if file is None else {"file": file})
        self._file = file
        self._under, self._made_of = under, made_of
        if made_of is None:
            del self.fields["kind"], self.fields["reason"]
        else:
            self.fields["kind"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
                (one.value, words.DERIVED[one]) for one in KINDS_OF[made_of[0]]
            ]
            self.fields["kind"].required = self.fields["reason"].required = True
        choices = [(one, one) for one in under.selectors]
        self.fields["selectors"].choices = choices  # type: ignore[attr-defined]  # a MultipleChoiceField

    def clean_media_type(self) -> str:
        try:
            return media_type(self.cleaned_data["media_type"].strip().lower())
        except ComityError as refused:
            raise forms.ValidationError(said(refused)) from refused

    def clean_taken_at(self) -> str:
        typed: str = self.cleaned_data["taken_at"]
        if typed:
            try:
                return stamp(moment(typed))
            except ComityError as refused:
                raise forms.ValidationError(said(refused)) from refused
        return ""

    def clean(self) -> dict[str, Any]:
        """The item's name must be safe on every desk: the typed one, or the file's."""
        typed = self.cleaned_data.get("name", "")
        if "name" not in self.errors and (typed or self._file is not None):
            try:
                self.cleaned_data["name"] = safe_name(typed or (self._file.name if self._file else ""))
            except ComityError as refused:
                self.refused(refused, field="name")
        return self.cleaned_data

    @property
    def lacks_only_the_file(self) -> bool:
        """Whether everything else is in order."""
        return not set(self.errors) - {"file"}

    def described(self) -> Described:
        """What was typed, for the record."""
        typed = self.cleaned_data
        return Described(
            name=typed["name"],
            media_type=typed["media_type"],
            letter=self._under.digest,
            origin=Origin(
                **{name: typed[name] for name in _ORIGIN},
                **{name: typed[name] or NOT_STATED for name in _UNKNOWN_OR},
            ),
            selectors=frozenset(typed["selectors"]),
            made_of=self._made(),
        )

    def _made(self) -> MadeOf | None:
        if self._made_of is None:
            return None
        thing, reference = self._made_of
        typed = self.cleaned_data
        return MadeOf(thing=thing, reference=reference, kind=Derived(typed["kind"]), reason=typed["reason"])


class SeizureForm(IntakeForm):
    """A thing that is taken into custody, and where it comes from."""

    number = PlainField(
        label=_("Number of the exhibit"), limit=NUMBER_CHARACTERS_MAX, help_text=_("As it stands on the label.")
    )
    exhibit_kind = forms.ChoiceField(label=_("Kind"), choices=[(one.value, words.KINDS[one]) for one in ExhibitKind])
    description = PlainField(label=_("Description"), limit=LONG, lines=True)
    serial = PlainField(label=_("Serial number"), required=False, help_text=_("Empty if there is none to read."))
    shelf = PlainField(label=_("Where it lies now"), help_text=_("Building, room, shelf."))
    seals = PlainField(label=_("Numbers of the seals"), required=False, help_text=_("With commas between."))
    field_order = ("number", "exhibit_kind", "description", "serial", "shelf", "seals")

    def __init__(self, data: Any = None, *, under: Recognised) -> None:
        """`under`: the letter and its recognition."""
        super().__init__(data, under=under)
        for name in ("name", "media_type", "file"):
            del self.fields[name]

    def clean_media_type(self) -> str:
        return ""

    def clean(self) -> dict[str, Any]:
        """Numbers have one form."""
        for name, read in (("number", exhibit_number), ("seals", typed_seals)):
            try:
                self.cleaned_data[name] = read(self.cleaned_data.get(name, ""))
            except ComityError as refused:
                if name not in self.errors:
                    self.refused(refused, field=name)
        return self.cleaned_data

    def seized(self) -> Seized:
        """What was typed, for the record."""
        typed = self.cleaned_data
        return Seized(
            number=typed["number"],
            kind=ExhibitKind(typed["exhibit_kind"]),
            description=typed["description"],
            serial=typed["serial"],
            letter=self._under.digest,
            origin=Origin(
                **{name: typed[name] for name in _ORIGIN},
                **{name: typed[name] or NOT_STATED for name in _UNKNOWN_OR},
            ),
            selectors=frozenset(typed["selectors"]),
            place=typed["shelf"],
            seals=typed["seals"],
        )


class WithinForm(DeskForm):
    """To whom of this node an exhibit goes, and where it lies then."""

    to = forms.ChoiceField(label=_("Receiver"))
    place = PlainField(label=_("Where it lies then"), help_text=_("Building, room, shelf."))
    reason = PlainField(label=_("Reason"), limit=LONG, lines=True)

    def __init__(self, data: Any = None, *, receivers: Sequence[tuple[str, str]]) -> None:
        """`receivers`: short names with the names of people; "" is whom the letter names."""
        super().__init__(data)
        self.fields["to"].choices = list(receivers)  # type: ignore[attr-defined]  # a ChoiceField


class WithoutGroundForm(DeskForm):
    """Both states are bound by the Directive: no ground is named."""

    def ground(self) -> TransferGround | None:
        """None is needed."""
        return None


class LedGroundForm(DeskForm):
    """A ground of Arts 36 to 38 of the Directive, with what each needs."""

    kind = forms.ChoiceField(label=_("Ground"), widget=forms.RadioSelect)
    reason = PlainField(label=_("Why the transfer is necessary"), limit=LONG, lines=True)
    recipient = PlainField(label=_("Competent authority that receives"))
    origin = PlainField(
        label=_("Origin of the data"),
        limit=LONG,
        lines=True,
        help_text=_("That they are this state's own, or the prior authorisation of the state they came from."),
    )
    document = PlainField(
        label=_("Instrument or assessment"),
        limit=LONG,
        lines=True,
        required=False,
        help_text=_("Article 37 only: the binding instrument, or the assessment of the safeguards."),
    )
    supervisor_told = PlainField(
        label=_("Supervisory authority told"),
        limit=LONG,
        lines=True,
        required=False,
        help_text=_("Assessed safeguards only: when and how it was told of the categories of transfers."),
    )
    derogation = forms.ChoiceField(
        label=_("Case of derogation"),
        required=False,
        choices=[("", _("none")), *((one.value, wording.DEROGATIONS[one]) for one in Derogation)],
        help_text=_("Article 38 only."),
    )
    rights_weighed = PlainField(
        label=_("Rights weighed"),
        limit=LONG,
        lines=True,
        required=False,
        help_text=_("An individual case or a legal claim: why the rights of the person do not override."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """With the article beside each ground."""
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            (
                kind.value,
                _now("%(ground)s (%(law)s, Art. %(article)s)")
                % {"ground": wording.word(wording.GROUNDS, kind), "law": LED, "article": ARTICLES[kind]},
            )
            for kind in ARTICLES
        ]

    def clean(self) -> dict[str, Any]:
        """Each ground has everything that it needs."""
        typed = self.cleaned_data
        if "kind" in typed:
            for name in needed(GroundKind(typed["kind"]), typed.get("derogation", "")):
                if name in self.fields and name not in self.errors and not typed.get(name):
                    self.add_error(name, _now("This ground needs this."))
        return typed

    def ground(self) -> TransferGround | None:
        """What was typed, as the ground that the gate judges."""
        kind = GroundKind(self.cleaned_data["kind"])
        typed = {name: text for name, text in self.cleaned_data.items() if name != "kind"}
        return TransferGround(kind=kind, law=LED, article=ARTICLES[kind], **typed)


class OwnLawForm(DeskForm):
    """A ground in the law of a state that the Directive does not bind."""

    law = PlainField(label=_("Law of this state"), help_text=_("The law that allows the transfer."))
    article = PlainField(label=_("Article"), help_text=_("Write not_stated if the law names none."))
    reason = PlainField(label=_("Why the transfer is necessary"), limit=LONG, lines=True)

    def ground(self) -> TransferGround | None:
        """What was typed, as the ground that the gate judges."""
        return TransferGround(kind=GroundKind.OWN_LAW, **self.cleaned_data)


GroundForm = WithoutGroundForm | LedGroundForm | OwnLawForm


def refused_ground(form: GroundForm, refusal: NoTransferGround) -> None:
    """Every reason of the gate on its own line."""
    facts = {name: refusal.facts[name] for name in ("giver", "receiver")}
    form.add_error(None, _now("There is no ground to transfer from %(giver)s to %(receiver)s:") % facts)
    for reason in str(refusal.facts["why"]).split("; "):
        form.add_error(None, reason)


class AgeForm(DeskForm):
    """Who opens an age file: public keys, one on each line."""

    recipients = PlainField(
        label=_("Recipients"),
        limit=AGE_CHARACTERS_MAX,
        lines=True,
        help_text=_(
            "One public key on each line: it begins with age1, ssh-ed25519 or ssh-rsa. Compare it with the person, by voice."
        ),
    )


class ExportForm(DeskForm):
    """For whom an item leaves, and why."""

    reason = PlainField(
        label=_("For whom, and why"),
        limit=LONG,
        lines=True,
        help_text=_("It stands in the custody record. Name the court or the party, and the reason."),
    )
