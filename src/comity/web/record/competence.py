"""The directory for everybody at this node: who is competent for what, and every entry with where it comes from."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from comity.authorities.competent import Answer
from comity.authorities.roles import Power
from comity.errors import ComityError
from comity.law import Edition
from comity.registry.queries import competence
from comity.web.shell import competences, questions, wording
from comity.web.shell.desk import actor, desk, now, page
from comity.web.shell.forms import DeskForm, PlainField
from comity.web.shell.session import DeskRequest


class FindForm(DeskForm):
    """Which measure, in which state or part of one."""

    measure = forms.ChoiceField(label=_("Measure"))
    state = forms.ChoiceField(label=_("State that is asked"))
    territory = PlainField(
        label=_("Part of the state"),
        help_text=_("If only one is concerned, by its code, such as DE-BY."),
        required=False,
        limit=6,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """With the measures and states of the packaged law."""
        super().__init__(*args, **kwargs)
        edition = Edition.packaged()
        choose = [("", str(_("please choose")))]
        states = sorted(edition.states.items(), key=lambda one: one[1])
        self.fields["measure"].choices = choose + competences.choices(questions.MEASURES, edition.kinds)  # type: ignore[attr-defined]
        self.fields["state"].choices = choose + states  # type: ignore[attr-defined]


@desk()
@require_safe
def show(request: DeskRequest) -> HttpResponse:
    """Ask who is competent, and look through every entry."""
    viewer, at = actor(request), now()
    asked = any(name in request.GET for name in ("measure", "state", "territory"))
    form = FindForm(request.GET if asked else None)
    found: Answer | None = None
    if asked and form.is_valid():
        typed = form.cleaned_data
        try:
            found = competence.who_is_competent(
                typed["measure"], state=typed["state"], territory=typed["territory"], viewer=viewer, at=at
            )
        except ComityError as refusal:
            form.refused(refusal, field="territory")
    held = competence.directory(viewer=viewer, at=at)
    context = {
        "form": form,
        "answer": found,
        "measure": wording.word(questions.MEASURES, found.measure) if found else "",
        "place": _place(found) if found else "",
        "found": [competences.found(one) for one in found.found] if found else [],
        "entries": [competences.listed(one) for one in held.entries],
        "unreadable": held.unreadable,
        "administers": Power.ADMINISTER in viewer.powers,
    }
    return page(request, "record/competence.html", context, status=422 if form.errors else 200)


@desk()
@require_safe
def entry(request: DeskRequest, node: str, reference: str) -> HttpResponse:
    """One entry, and the versions before it."""
    versions = competence.versions(node, reference, viewer=actor(request), at=now())
    told = [competences.listed(one) for one in versions]
    if not told:
        return page(request, "record/competence_unreadable.html", {"reference": reference}, status=422)
    return page(request, "record/competence_entry.html", {"told": told[0], "versions": told})


def _place(found: Answer) -> str:
    state = Edition.packaged().states[found.state]
    return state if found.territory == found.state else f"{found.territory}, {state}"
