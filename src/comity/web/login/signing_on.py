"""Single sign-on: to the provider and back. It opens a session of an official whose subject two administrators recorded.

It never makes an official, a mandate or a credential, and it signs nothing. Whoever is no recorded subject is told what
everybody is told who cannot sign in.
"""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from comity.authorities.roles import MandateNotInForce
from comity.errors import ComityError
from comity.registry import seats, sign_on
from comity.registry.act import current
from comity.registry.doors import Provider
from comity.registry.queries import credentials as ways
from comity.web.login import attempts, challenges, trips
from comity.web.login.views import following, provider_here, seated_at, shown
from comity.web.shell.desk import now, page, said
from comity.web.shell.session import hold_passkey, sit_down


@require_GET
def begin(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider: to sign in, or (signed in with a passkey) to say who one is there."""
    provider = _provider()
    elsewhere = challenges.elsewhere(request)
    if elsewhere is not None:
        return elsewhere
    entry = seated_at(request)
    asks = request.GET.get("for") == trips.ASK
    if asks and entry is None:
        raise Http404
    if attempts.blocked(request, official="", at=now()) or not attempts.visited(request, at=now()):
        return shown(request, refusal=_("Too many attempts. Wait five minutes, then try again."), status=429)
    way = sign_on.trip()
    try:
        if asks:
            hold_passkey(request)
        to = sign_on.address(provider, way, back=back_address())
    except ComityError as refusal:
        return shown(request, refusal=said(refusal), status=422)
    answer = HttpResponseRedirect(to)
    trips.leave(
        answer,
        way,
        purpose=trips.ASK if asks else trips.SIT,
        whose=entry.official if asks and entry else "",
        following=following(request),
    )
    return answer


@require_GET
def back(request: HttpRequest) -> HttpResponse:
    """Take the provider's answer: sit down, or show what will be asked for. A trip is over with its first answer."""
    answer = _answered(request, _provider())
    trips.forget(answer)
    return answer


def _answered(request: HttpRequest, provider: Provider) -> HttpResponse:
    if attempts.blocked(request, official="", at=now()):
        return shown(request, refusal=_("Too many attempts. Wait five minutes, then try again."), status=429)
    try:
        way, carried = trips.come_back(request)
        subject = sign_on.subject(provider, way, answer=request.META.get("QUERY_STRING", ""), back=back_address())
        if carried["purpose"] == trips.ASK:
            sealed = trips.found(provider.issuer, subject, whose=carried["whose"])
            context = {"sealed": sealed, "provider": provider, "subject": subject}
            return page(request, "login/sign_on_found.html", context)
        entry = ways.by_subject(provider.issuer, subject, viewer=current().machine("desk"), at=now())
    except MandateNotInForce:
        attempts.failed(request, official="", at=now())
        return shown(request, refusal=_("This sign-on opens no desk of this node. Nothing was done."), status=422)
    except ComityError as refusal:
        attempts.failed(request, official="", at=now())
        return shown(request, refusal=said(refusal), status=422)
    sit_down(request, entry, by=seats.SIGN_ON, at=now())
    # the cookie of the new session is not sent along a way that began at another site: the next step is this page's own
    return page(request, "login/signed_on.html", {"following": carried["next"], "whom": entry})


def back_address() -> str:
    """Where the provider leads back to: one address, on the site of this node's officials."""
    return f"{challenges.card().official_origin}/login/sign-on/back"


def _provider() -> Provider:
    """The provider of this node; without one, or with a broken one, there is no such address."""
    found = provider_here()
    if found is None:
        raise Http404
    return found
