"""The rim: one decorator for every page of a desk, and the one way to render a page.

* Nobody signed in: to the login, and back afterwards. Without the power: as if there were no such page.
* `NoSuchThing` is a page that does not exist; every other refusal is a page that says what, why and what to do.
* A refusal of somebody who reached beyond a power stands in the log, as it does from the command line.
"""

import functools
from collections.abc import Callable
from datetime import datetime
from typing import Any, Concatenate, Final, ParamSpec, cast
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext

from comity.authorities.directory import Entry
from comity.authorities.roles import Actor, Power
from comity.errors import ComityError, explain
from comity.registry.access import NoSuchThing
from comity.registry.act import current
from comity.registry.jobs.refusals import REACHING, note_act
from comity.registry.queries.openings import Opening, openings_of_case, openings_of_letter
from comity.web.shell.session import DeskRequest

P = ParamSpec("P")
_OPENED: Final = (
    ("letters/", "digest", openings_of_letter),
    ("access/letters/", "digest", openings_of_letter),
    ("cases/", "reference", openings_of_case),
    ("access/cases/", "reference", openings_of_case),
)
View = Callable[Concatenate[DeskRequest, P], HttpResponse]


def now() -> datetime:
    """This moment by the node's clock."""
    return current().clock.now()


def actor(request: DeskRequest) -> Actor:
    """Who acts and looks: the official of this session; only behind `desk`."""
    assert request.entry is not None, "the view stands behind @desk"
    return request.entry.actor


def page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A rendered page in the shell's frame; a thing that was opened in an emergency says so on each of its pages."""
    return render(request, template, {"openings": _openings(request)} | context, status=status)


def _openings(request: HttpRequest) -> list[Opening]:
    """The emergencies in which the letter or case of this page was opened."""
    entry: Entry | None = getattr(request, "entry", None)
    match = request.resolver_match
    if entry is None or match is None:
        return []
    for place, name, read in _OPENED:
        if match.route.startswith(place) and name in match.kwargs:
            return read(match.kwargs[name], viewer=entry.actor)
    return []


def desk(*powers: Power) -> Callable[[View[P]], Callable[Concatenate[HttpRequest, P], HttpResponse]]:
    """Let a signed-in official with any of these powers in; without powers named, any official."""

    def behind(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @functools.wraps(view)
        def seen(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            entry: Entry | None = getattr(request, "entry", None)
            if entry is None:
                return to_login(request)
            if powers and not entry.powers & set(powers):
                raise Http404
            try:
                return view(cast("DeskRequest", request), *args, **kwargs)
            except NoSuchThing as hidden:
                raise Http404 from hidden
            except ComityError as refusal:
                noted(refusal, entry)
                return refused(request, refusal)

        return seen

    return behind


def noted(refusal: ComityError, entry: Entry) -> None:
    """Write down a refusal of which the overseer hears; typing mistakes are not among them."""
    if isinstance(refusal, REACHING):
        note_act(refusal, official=entry.official, at=now())


def refused(request: HttpRequest, refusal: ComityError, *, status: int = 422) -> HttpResponse:
    """The page of a refusal: what cannot be, and what to do."""
    context = {"refusal": refusal, "sentence": said(refusal), "code": refusal.code}
    return page(request, "shell/refused.html", context, status=status)


def said(refusal: ComityError) -> str:
    """A refusal in the reader's language."""
    return explain(refusal, translate=gettext)


def to_login(request: HttpRequest) -> HttpResponse:
    """To the login; a form that was being sent is not sent again by itself."""
    following = request.get_full_path() if request.method == "GET" else reverse("desk")
    url = f"{reverse('login')}?{urlencode({'next': following})}"
    if request.headers.get("HX-Request"):
        answer = HttpResponse(status=204)
        answer.headers["HX-Redirect"] = url
        return answer
    return HttpResponseRedirect(url)
