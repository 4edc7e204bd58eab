"""Disclosing a case to the defence: everything is listed; of each thing it is said here if it is withheld, and why."""

from typing import Any, Final

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from comity.authorities.roles import Power
from comity.canon import JsonObject
from comity.errors import ComityError
from comity.evidence.disclosure import TEXTS, Ground, Kind
from comity.registry.gestures.disclosures import Choice, prepare_disclosure, text_of
from comity.registry.queries import disclosures as reads
from comity.registry.queries.disclosures import Held
from comity.web.investigator.views import member_of
from comity.web.shell.desk import actor, desk, noted, now, page
from comity.web.shell.forms import DeskForm, PlainField
from comity.web.shell.session import DeskRequest
from comity.web.shell.signing import begin
from comity.web.shell.telling import LABELS
from comity.web.shell.wording import GROUNDS_TO_WITHHOLD

NOTHING: Final = ""
KINDS: Final = {
    Kind.ITEM: _("Item"),
    Kind.EXHIBIT: _("Exhibit"),
    Kind.LETTER: _("Letter"),
    Kind.AUTHORISATION: _("Decision"),
}


class DisclosureForm(DeskForm):
    """To whom, for whom, and of each thing whether it is withheld."""

    counsel = forms.ChoiceField(label=_("Counsel for the defence"))
    defended = PlainField(label=_("Whom counsel defends"), max_length=200)
    knowingly = forms.BooleanField(
        label=_("What is closed in one text may stand openly in another"),
        help_text=_("Without this, a list in which it does is refused, and the place is named."),
        required=False,
    )

    def __init__(self, *args: Any, counsel: list[JsonObject], held: list[Held], **kwargs: Any) -> None:
        """A group of fields for each thing that is held."""
        super().__init__(*args, **kwargs)
        self.held = held
        self.fields["counsel"].choices = [(one["official"], one["name"]) for one in counsel]  # type: ignore[attr-defined]
        for one in held:
            self._add(one)

    def _add(self, held: Held) -> None:
        grounds = [(NOTHING, _("disclosed")), *((one.value, GROUNDS_TO_WITHHOLD[one]) for one in Ground)]
        told = {"what": held.label}
        self.fields[f"ground_{held.name}"] = forms.ChoiceField(
            label=_("%(what)s: withheld because of") % told, choices=grounds, required=False
        )
        if held.kind in TEXTS:
            names = sorted(text_of(held.kind, held.digest).body)
            self.fields[f"closed_{held.name}"] = forms.MultipleChoiceField(
                label=_("%(what)s: only these fields are closed") % told,
                help_text=_("None: all of it is withheld."),
                choices=[(f"/{one}", LABELS.get(one, one)) for one in names],
                widget=forms.CheckboxSelectMultiple,
                required=False,
            )
        self.fields[f"reason_{held.name}"] = PlainField(
            label=_("%(what)s: why") % told, max_length=1000, required=False
        )
        self.fields[f"law_{held.name}"] = PlainField(
            label=_("%(what)s: where the law says so") % told, max_length=200, required=False
        )

    @property
    def last(self) -> list[forms.BoundField]:
        """What is asked once everything was chosen."""
        return [self["knowingly"]]

    @property
    def first(self) -> list[forms.BoundField]:
        """The fields that are about the whole."""
        return [self["counsel"], self["defended"]]

    def groups(self) -> list[tuple[Held, list[forms.BoundField], bool]]:
        """Each thing with its fields, and whether they are shown at once: where something was chosen, or is wrong."""
        found = []
        for one in self.held:
            names = [f"{part}_{one.name}" for part in ("ground", "closed", "reason", "law")]
            fields = [self[name] for name in names if name in self.fields]
            found.append((one, fields, any(field.errors or (self.is_bound and field.value()) for field in fields)))
        return found

    def choices(self) -> dict[str, Choice]:
        """What is withheld, by the names of what is held."""
        typed, found = self.cleaned_data, {}
        for one in self.held:
            ground = typed.get(f"ground_{one.name}")
            if ground:
                found[one.name] = Choice(
                    ground=Ground(ground),
                    reason=typed[f"reason_{one.name}"],
                    law=typed[f"law_{one.name}"],
                    closed=tuple(typed.get(f"closed_{one.name}") or ()),
                )
        return found

    def clean(self) -> dict[str, Any]:
        """A ground needs its reason."""
        typed = super().clean() or {}
        for one in self.held:
            if typed.get(f"ground_{one.name}") and not typed.get(f"reason_{one.name}"):
                self.add_error(f"reason_{one.name}", _("Say why it is withheld."))
        return typed


@desk(Power.DISCLOSE)
@require_http_methods(["GET", "POST"])
def disclose(request: DeskRequest, reference: str) -> HttpResponse:
    """Draw up the list; what follows is the signing page."""
    viewer, record = actor(request), member_of(request, reference)
    counsel, held = reads.counsel(viewer=viewer), reads.held_in(reference, viewer=viewer)
    form = DisclosureForm(request.POST or None, counsel=counsel, held=held)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            prepared = prepare_disclosure(
                reference,
                counsel=typed["counsel"],
                for_=typed["defended"],
                choices=form.choices(),
                knowingly=typed["knowingly"],
                actor=viewer,
                at=now(),
            )
        except ComityError as refusal:
            assert request.entry is not None, "the view stands behind @desk"
            noted(refusal, request.entry)
            form.refused(refusal)
        else:
            return begin(request, prepared)
    context = {
        "case": record,
        "form": form,
        "counsel": counsel,
        "held": held,
        "groups": [(one, KINDS[one.kind], fields, shown) for one, fields, shown in form.groups()],
        "back": reverse("case", args=[reference]),
    }
    return page(request, "investigator/disclose.html", context, status=422 if form.errors else 200)
