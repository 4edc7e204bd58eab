"""The filter above the log, whose state stands in the address, and the form of an emergency."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from comity.authorities.roles import Actor
from comity.registry.access import NoSuchThing
from comity.registry.actions.openings import REASON_CHARACTERS_MAX
from comity.registry.queries.letters import find
from comity.registry.queries.logbook import Asked, LogPlaceUnknown
from comity.web.overseer import kinds
from comity.web.shell.forms import DeskForm, PlainField

_PLACES: Final = ("before", "after")
_INDEX: Final = re.compile(r"[0-9]{1,16}")


class EmergencyForm(DeskForm):
    """What is opened, by the name that somebody gave, and why."""

    kind = forms.ChoiceField(
        label=_("What"), choices=[("letter", _("A letter")), ("case", _("A case"))], widget=forms.RadioSelect
    )
    name = PlainField(
        label=_("Its name"), help_text=_("A letter's short form or digest, a case's whole reference."), limit=64
    )
    reason = PlainField(
        label=_("Why it cannot wait"),
        help_text=_("What would happen if you asked a member of the case first. The overseer reads it at once."),
        limit=REASON_CHARACTERS_MAX,
        lines=True,
    )


class LogFilter(DeskForm):
    """Kind, official, letter and day; each is optional."""

    kind = forms.ChoiceField(label=_("What"), required=False)
    official = forms.ChoiceField(label=_("By"), required=False)
    letter = PlainField(label=_("Letter, short form or digest"), limit=64, required=False)
    day = forms.DateField(
        label=_("Day"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, given: QueryDict, *, kinds_held: Sequence[str], officials: Sequence[str], viewer: Actor) -> None:
        """`kinds_held` and `officials` are those that the log holds."""
        super().__init__(given)
        self._viewer = viewer
        words = sorted(((kind, kinds.word(kind)) for kind in kinds_held), key=lambda one: one[1].casefold())
        self.fields["kind"].choices = [("", _("Everything")), *words]  # type: ignore[attr-defined]  # a ChoiceField
        everybody = [("", _("Everybody")), *((name, name) for name in officials)]
        self.fields["official"].choices = everybody  # type: ignore[attr-defined]  # a ChoiceField

    def clean_letter(self) -> str:
        """The digest of the letter that is named."""
        typed = str(self.cleaned_data["letter"])
        if not typed:
            return ""
        try:
            return find(typed, viewer=self._viewer)
        except NoSuchThing as unknown:
            self.refused(unknown, field="letter")
            return ""

    def asked(self) -> Asked:
        """The entries that are asked for; raises `LogPlaceUnknown`. Only after `is_valid`."""
        given: QueryDict = self.data  # type: ignore[assignment]  # it was made from one
        for name, values in given.lists():
            if name not in {*self.fields, *_PLACES} or len(values) > 1:
                raise LogPlaceUnknown(what=name[:40], value=", ".join(values)[:80])
        told: Mapping[str, Any] = self.cleaned_data
        before, after = (_index(name, given.get(name, "")) for name in _PLACES)
        return Asked(
            kind=told["kind"],
            official=told["official"],
            letter=told["letter"],
            day=told["day"],
            before=before,
            after=after,
        )


def _index(name: str, typed: str) -> int | None:
    if not typed:
        return None
    if not _INDEX.fullmatch(typed):
        raise LogPlaceUnknown(what=name, value=typed[:40])
    return int(typed)
