"""Forms of the administrators' desk."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from comity.authorities.directory import TEXTS, Entry
from comity.authorities.roles import Power, Role
from comity.authorities.standing import REASON_CHARACTERS_MAX
from comity.authorities.training import COURSE_CHARACTERS_MAX, TrainingPolicy
from comity.exchange.card import CARD_BYTES_MAX
from comity.registry.invitations import Appointment
from comity.web.officials import words
from comity.web.shell import wording
from comity.web.shell.forms import DeskForm, PlainField


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


class InvitationForm(DeskForm):
    """Who is invited to which office."""

    name = PlainField(label=_("Name"), help_text=_("As it stands in letters and in the record."), limit=TEXTS["name"])
    official = PlainField(
        label=_("Short name"),
        help_text=_("For addresses and records; a to z, 0 to 9 and hyphens. It cannot be changed later."),
        limit=TEXTS["official"],
        validators=[
            RegexValidator(r"^[a-z][a-z0-9-]*\Z", _("Use a to z, 0 to 9 and hyphens, beginning with a letter."))
        ],
    )
    role = forms.ChoiceField(label=_("Desk"), widget=forms.RadioSelect)
    office = PlainField(
        label=_("Office"), help_text=_("Such as a court, a unit, an evidence room."), limit=TEXTS["office"]
    )
    authority = PlainField(label=_("Authority"), limit=TEXTS["authority"])
    powers = forms.MultipleChoiceField(
        label=_("Powers"),
        help_text=_("Nothing marked: all that the desk has. What is marked must be among them."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    territory = PlainField(
        label=_("Territory"),
        help_text=_(
            "Nothing: the whole state. Otherwise parts of it by their codes (ISO 3166-2), with blanks between."
        ),
        limit=400,
        required=False,
    )
    responsible = PlainField(
        label=_("Answers to"),
        help_text=_(
            "Under whose responsibility the official acts, such as the head of the unit. Nothing: the authority."
        ),
        limit=TEXTS["responsible"],
        required=False,
    )
    begins_on = forms.DateField(label=_("First day"), help_text=_("Nothing: at once."), required=False, widget=_day())
    ends_on = forms.DateField(label=_("Last day"), help_text=_("Nothing: two years."), required=False, widget=_day())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """With the desks of a node as choices, under their words."""
        super().__init__(*args, **kwargs)
        desks = [(role.value, wording.word(wording.ROLES, role)) for role in Role if role is not Role.SERVICE]
        self.fields["role"].choices = desks  # type: ignore[attr-defined]  # a ChoiceField
        powers = [(power.value, words.POWERS[power]) for power in Power]
        self.fields["powers"].choices = powers  # type: ignore[attr-defined]  # as above

    def appointment(self, *, zone: ZoneInfo) -> Appointment:
        """What was typed; days begin and end where the node stands. Fields that the form does not have are not read."""
        typed = {name: self.cleaned_data[name] for name in ("official", "name", "office", "authority", "responsible")}
        begins, ends = self.cleaned_data["begins_on"], self.cleaned_data["ends_on"]
        return Appointment(
            role=Role(self.cleaned_data["role"]),
            powers=frozenset(Power(one) for one in self.cleaned_data["powers"]),
            territory=tuple(self.cleaned_data["territory"].upper().split()),
            begins_at=_midnight(begins, zone) if begins else None,
            ends_at=_midnight(ends + timedelta(days=1), zone) if ends else None,
            **typed,
        )


class SecondForm(DeskForm):
    """Which administrator signs after this one, and that the fingerprint was compared."""

    second = forms.ChoiceField(label=_("Who signs after you"), widget=forms.RadioSelect)
    compared = forms.BooleanField(
        label=_("I compared the fingerprint with the person, by voice or face to face."),
        error_messages={"required": _("Compare the fingerprint first: it is what keeps a stranger's passkey out.")},
    )

    def __init__(self, *args: Any, others: Sequence[Entry], **kwargs: Any) -> None:
        """`others`: the administrators who can sign as the second one."""
        super().__init__(*args, **kwargs)
        self.fields["second"].choices = [(one.official, one.name) for one in others]  # type: ignore[attr-defined]


class ComparedForm(DeskForm):
    """That the fingerprint was compared."""

    compared = forms.BooleanField(
        label=_("I compared the fingerprint with the person, by voice or face to face."),
        error_messages={"required": _("Compare the fingerprint first: it is what keeps a stranger's passkey out.")},
    )


class DecisionForm(DeskForm):
    """Why a mandate is suspended, reinstated or ended; where two decide, who signs after."""

    reason = PlainField(
        label=_("Reason"),
        help_text=_("You sign it. Your colleagues and the person read it; other nodes do not."),
        limit=REASON_CHARACTERS_MAX,
        lines=True,
    )
    second = forms.ChoiceField(label=_("Who signs after you"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, others: Sequence[Entry] | None, **kwargs: Any) -> None:
        """`others`: the administrators who can sign as the second one; None where one decides alone."""
        super().__init__(*args, **kwargs)
        if others is None:
            del self.fields["second"]
        else:
            self.fields["second"].choices = [(one.official, one.name) for one in others]  # type: ignore[attr-defined]


class TrainingForm(DeskForm):
    """Which course an official attended, and how long it counts."""

    course = PlainField(
        label=_("Course"),
        help_text=_("Under the name by which powers ask for it."),
        limit=COURSE_CHARACTERS_MAX,
        widget=forms.TextInput(attrs={"list": "courses"}),
    )
    held_on = forms.DateField(label=_("Last day of the course"), widget=_day())
    valid_until = forms.DateField(
        label=_("Last day on which it counts"),
        help_text=_("Nothing: it counts for ever. A later record of the same course takes the place of this one."),
        required=False,
        widget=_day(),
    )


class RequirementsForm(DeskForm):
    """For each power the courses that it asks for, one to a line."""

    def __init__(self, *args: Any, policy: TrainingPolicy | None, **kwargs: Any) -> None:
        """With what powers ask for now."""
        super().__init__(*args, **kwargs)
        for power in Power:
            if power is not Power.ADMINISTER:
                self.fields[power.value] = PlainField(
                    label=words.POWERS[power],
                    limit=1000,
                    lines=True,
                    required=False,
                    initial="\n".join(policy.requires.get(power, ())) if policy else "",
                    widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
                )

    def requires(self) -> dict[Power, tuple[str, ...]]:
        """What was typed, by power."""
        typed = {Power(name): str(value).split("\n") for name, value in self.cleaned_data.items()}
        courses = {power: tuple(line.strip() for line in lines if line.strip()) for power, lines in typed.items()}
        return {power: listed for power, listed in courses.items() if listed}


class PeopleForm(DeskForm):
    """Which people are listed."""

    q = PlainField(label=_("Name"), limit=100, required=False)
    stands = forms.ChoiceField(label=_("Who"), required=False, choices=words.FILTERS)


class CardForm(DeskForm):
    """The card of another node."""

    card = PlainField(
        label=_("Card of the other node"),
        help_text=_("The whole text of its card file, unchanged, from the first brace to the last."),
        limit=CARD_BYTES_MAX,
        lines=True,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off"}),
    )


class AdmissionForm(DeskForm):
    """The same card again, and its fingerprint as somebody read it."""

    card = PlainField(label=_("Card of the other node"), limit=CARD_BYTES_MAX, lines=True, widget=forms.HiddenInput())
    fingerprint = PlainField(
        label=_("Fingerprint, as it was read aloud"),
        help_text=_(
            "Type what you hear; do not copy it from this page. Spaces, capitals and small letters do not matter."
        ),
        limit=200,
        lines=True,
        widget=forms.Textarea(
            attrs={"rows": 2, "spellcheck": "false", "autocomplete": "off", "autocapitalize": "none"}
        ),
    )
    compared = forms.BooleanField(
        label=_("The other node's people read it to me by voice."),
        help_text=_("On a line that you trust, and that did not bring the card."),
        error_messages={
            "required": _("Have the fingerprint read aloud first: it is what keeps a stranger's node out.")
        },
    )
