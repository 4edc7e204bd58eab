"""Forms of the desks: text goes through the one gate for typed text, refusals go into the summary, input is kept."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorList

from comity.authorisations.reasons import ReasonsEmpty, reason
from comity.canon import TextNotAllowed, plain
from comity.errors import ComityError
from comity.web.shell.desk import said

SHORT = 200
LONG = 4000


class PlainField(forms.CharField):
    """Text as `canon.plain` takes it: no control characters, no hidden ones, one normal form.

    The browser is not told the limit: it would cut what is pasted without a word.
    """

    def __init__(self, *, limit: int = SHORT, lines: bool = False, **kwargs: Any) -> None:
        """`limit` in characters; `lines` takes several lines."""
        widget = kwargs.pop("widget", forms.Textarea(attrs={"rows": 4}) if lines else forms.TextInput())
        super().__init__(strip=False, widget=widget, **kwargs)
        self._limit, self._lines = limit, lines
        # NUL is refused by `plain`, with the place where it stands
        self.validators = [one for one in self.validators if not isinstance(one, _NULL)]

    def to_python(self, value: Any) -> str:
        typed = str(value or "").replace("\r\n", "\n")
        if not typed.strip():
            return ""
        try:
            return plain(typed, field=str(self.label or ""), limit=self._limit, lines=self._lines)
        except TextNotAllowed as refused:
            raise ValidationError(said(refused), code="text") from refused


_NULL = type(forms.CharField().validators[-1])


class ReasonField(PlainField):
    """A reason: text that says something; what says too little is refused here."""

    def __init__(self, **kwargs: Any) -> None:
        """As a field of several lines."""
        super().__init__(limit=LONG, lines=True, **kwargs)

    def clean(self, value: Any) -> str:
        typed: str = super().clean(value)
        if typed:
            try:
                reason(typed, field=str(self.label))
            except ReasonsEmpty as refused:
                raise ValidationError(said(refused), code="reason") from refused
        return typed


class DeskForm(forms.Form):
    """A form in the style of the house; errors stand at their fields and in a summary."""

    template_name = "shell/fields.html"
    use_required_attribute = False  # the server says what is missing, in words, for everybody alike

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """As Django's, without the colon after labels."""
        kwargs.setdefault("label_suffix", "")
        kwargs.setdefault("error_class", ErrorList)
        super().__init__(*args, **kwargs)

    def refused(self, refusal: ComityError, *, field: str | None = None) -> None:
        """Put a refusal beside a field, or into the summary."""
        self.add_error(field, said(refusal))
