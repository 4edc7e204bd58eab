"""The form with which an overseer closes a finding."""

from django import forms
from django.utils.translation import gettext_lazy as _

from comity.registry.actions.witnesses import REASON_CHARACTERS_MAX
from comity.web.shell.forms import DeskForm, PlainField


class SettleForm(DeskForm):
    """Which finding, and how it is explained."""

    finding = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)
    reason = PlainField(
        label=_("How it is explained"),
        help_text=_(
            "What you compared, with whom you spoke, and why the log can be believed again. It stands in the log."
        ),
        limit=REASON_CHARACTERS_MAX,
        lines=True,
    )
