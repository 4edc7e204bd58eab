"""What a liaison officer states with each step."""

from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from comity.canon import JsonObject
from comity.web.shell.forms import LONG, DeskForm, PlainField


class NoteForm(DeskForm):
    """A word to the other side."""

    note = PlainField(label=_("Note to the other side"), limit=LONG, lines=True, help_text=_("It is signed and sent."))

    def facts(self) -> JsonObject:
        """What the step states."""
        return dict(self.cleaned_data)


class PartForm(NoteForm):
    """What is done, and what is not."""

    outstanding = PlainField(label=_("What is outstanding, or why it will not come"), limit=LONG, lines=True)


class RefusalForm(NoteForm):
    """A ground of the letter's own route; there are no others."""

    ground = forms.ChoiceField(label=_("Ground of refusal"), widget=forms.RadioSelect)

    field_order = ("ground", "note")

    def __init__(self, *args: Any, grounds: list[JsonObject], **kwargs: Any) -> None:
        """`grounds`: those of the route and of the measures that join it."""
        super().__init__(*args, **kwargs)
        self._grounds = {str(place): one for place, one in enumerate(grounds)}
        self.fields["ground"].choices = [  # type: ignore[attr-defined]
            (place, format_html('<span lang="en">Art. {}: {}</span>', one["article"], one["text"]))
            for place, one in self._grounds.items()
        ]

    def facts(self) -> JsonObject:
        """The note, the ground in the law's words, and its article."""
        ground = self._grounds[self.cleaned_data["ground"]]
        return {"note": self.cleaned_data["note"], "ground": str(ground["text"]), "article": str(ground["article"])}
