"""With which case an answer of the law is kept."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from comity.cases.case import Offence
from comity.web.investigator.address import Interview
from comity.web.investigator.forms import BLANK
from comity.web.shell import verdicts
from comity.web.shell.forms import DeskForm


class KeepForm(DeskForm):
    """One of the viewer's cases. Where only one can be meant it is not asked for."""

    case = forms.ChoiceField(label=_("Case"), error_messages={"required": _("Choose the case that it is kept with.")})
    restate = forms.BooleanField(
        label=_("State the offences of this question for the case, too"),
        required=False,
        help_text=_("Letters name the offences of their case, and rest on an answer about the same offences."),
    )

    def __init__(self, *args: Any, cases: list[tuple[str, str]], **kwargs: Any) -> None:
        """`cases` are those that can be chosen."""
        super().__init__(*args, **kwargs)
        field = self.fields["case"]
        assert isinstance(field, forms.ChoiceField)
        self.single = len(cases) == 1
        field.choices = cases if self.single else [BLANK, *cases]
        if self.single:
            field.initial = cases[0][0]
        self.cases = cases
        self.others = False

    def hold(self, interview: Interview, *, offences: tuple[Offence, ...]) -> None:
        """Refuse an answer without data, and one about other offences than those of the case, unless they are to be stated for it."""
        asked = interview.offences or ()
        self.others = set(asked) != set(offences)
        if self.others and not asked:
            self.add_error(None, _now("The question names no offence, and the case does. Answer that question first."))
        elif self.others and not self.cleaned_data["restate"]:
            named = "; ".join(verdicts.offence(one.as_record()) for one in offences) or _now("none")
            wrong = _now("The case names other offences: %(named)s. Tick this to state those of the question for it.")
            self.add_error("restate", wrong % {"named": named})
        if verdicts.form_of(interview.measure) and not interview.data:
            self.add_error(
                None, _now("The question names no data, and a letter has to say which it asks for. Answer it first.")
            )
