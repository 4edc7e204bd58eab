"""The official's own desk: what waits, until when, and the dates of the week."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from comity.registry.queries import home, roster
from comity.registry.queries.duties import Duty
from comity.web.shell import wording
from comity.web.shell.desk import actor, desk, now, page
from comity.web.shell.drawing import week
from comity.web.shell.session import DeskRequest

_KINDS = {"letter": "letter", "item": "item"}


@desk()
@require_safe
def show(request: DeskRequest) -> HttpResponse:
    """What waits for this official."""
    viewer, at = actor(request), now()
    waiting = [
        {
            "url": _address(one),
            "task": wording.word(wording.TASKS, one.duty),
            "letter": one.letter,
            "due_at": one.due_at,
            "late": one.due_at is not None and one.due_at < at,
            "due": wording.word(wording.DUES, one.letter.due_what) if one.letter and one.letter.due_what else "",
        }
        for one in home.waiting(viewer=viewer, at=at)
    ]
    ahead = home.week(viewer=viewer, at=at)
    dues = [
        week.Due(one.short, wording.word(wording.DUES, one.due_what), one.due_at)
        for one in (*ahead.late, *ahead.due)
        if one.due_at
    ]
    late = [one for one in waiting if one["late"]]
    story = week.Week(
        title=_("The dates of the week"),
        dues=tuple(dues),
        now=at,
        more_overdue=ahead.overdue.number - len(ahead.late),
        more_later=ahead.later.number,
    )
    picture = week.figure(story, name="week", rtl=get_language_bidi())
    context = {
        "waiting": waiting,
        "role": wording.word(wording.ROLES, viewer.role),
        "week": picture,
        "ahead": ahead,
        "late": len(late),
        "left": len(roster.left_open(viewer=viewer, at=at)),
    }
    return page(request, "record/desk.html", context)


def _address(one: home.Waiting) -> str:
    if one.kind in _KINDS:
        return reverse(_KINDS[one.kind], args=[one.key])
    if one.kind == "transfer":
        return reverse("accept", args=[one.key])
    assert one.duty in {Duty.LAID_ASIDE, Duty.ALARM}, "every other duty is about a letter, an item or a transfer"
    return reverse("oversight")
