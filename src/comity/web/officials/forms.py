"""Forms of the administrators' desk."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from comity.authorities.directory import TEXTS, Entry
from comity.authorities.roles import Role
from comity.exchange.card import CARD_BYTES_MAX
from comity.registry.invitations import Appointment
from comity.web.shell import wording
from comity.web.shell.forms import DeskForm, PlainField


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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """With the desks of a node as choices, under their words."""
        super().__init__(*args, **kwargs)
        desks = [(role.value, wording.word(wording.ROLES, role)) for role in Role if role is not Role.SERVICE]
        self.fields["role"].choices = desks  # type: ignore[attr-defined]  # a ChoiceField

    def appointment(self) -> Appointment:
        """What was typed."""
        typed = {name: self.cleaned_data[name] for name in ("official", "name", "office", "authority")}
        return Appointment(role=Role(self.cleaned_data["role"]), **typed)


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


class EndForm(DeskForm):
    """Why a mandate ends."""

    reason = PlainField(label=_("Reason"), help_text=_("It stands in the log, under your name."), limit=500, lines=True)


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
