"""Pages for what goes wrong: each says what happened and what to do, and nothing about what exists."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader

from comity.registry.actions.openings import HANDLING
from comity.web.shell import navigation


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """No such page, or not for this reader: the two are not told apart."""
    entry = getattr(request, "entry", None)
    may_open = entry is not None and bool(
        entry.powers & set(HANDLING)
    )  # of the reader alone: it tells nothing of the thing
    nav = navigation.uncounted(entry, path=request.path) if entry is not None else []
    return render(request, "shell/404.html", {"may_open": may_open, "nav": nav}, status=404)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """As if there were no such page."""
    return missing(request, exception)


def stale(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's signature
    """The form is older than the session, or comes from elsewhere; nothing was done."""
    return render(request, "shell/csrf.html", status=403)


def broken(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Our own mistake; the page needs no table, no session and no node."""
    return HttpResponse(loader.get_template("shell/500.html").render(), status=500)
