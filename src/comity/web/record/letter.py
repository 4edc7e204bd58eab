"""The page of a letter: its life, both sides, what may be done now, and who can read it."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from comity.authorities.roles import Actor, Power
from comity.letters.due import DueKind
from comity.letters.life import State, Step
from comity.registry.queries import chain, protection
from comity.registry.queries.life import LetterLife, letter_life
from comity.registry.queries.readers import readers_of_letter
from comity.web.record import pictures
from comity.web.shell import chains, outlook, telling, wording
from comity.web.shell.desk import actor, desk, now, page
from comity.web.shell.session import DeskRequest

_REVIEWING = frozenset({Power.AUTHORISE, Power.RECOGNISE, Power.HANDLE_LETTER, Power.DRAFT_LETTER})
_COLLECTING = frozenset({State.RECOGNISED, State.PARTLY_EXECUTED, State.EXECUTED})


@desk()
@require_safe
def show(request: DeskRequest, digest: str) -> HttpResponse:
    """A letter with its whole life."""
    viewer = actor(request)
    letter = letter_life(digest, viewer=viewer)
    at = now()
    context = {
        "letter": letter,
        "subject": letter.letter.subject,
        "form": wording.word(wording.FORMS, letter.letter.form),
        "state": wording.word(wording.STATES, letter.state),
        "tone": wording.TONES[letter.state],
        "next": outlook.following(letter.state, form=letter.letter.form, outgoing=letter.outgoing),
        "due_label": wording.word(wording.DUES, letter.due_what) if letter.due_what else "",
        "late": letter.due_at is not None and letter.due_at < at,
        "acts": [*outlook.acts(digest, letter.steps), *_more(letter, viewer.powers)],
        "rows": telling.rows(letter.body),
        "life": pictures.timeline(letter, now=at),
        "chain": chains.figure(chain.of_letter(digest, viewer=viewer)),
        "steps": [_step(one.step, one.facts) | {"one": one} for one in letter.happened],
        "decided": [{"one": one, "rows": telling.rows(one.authorisation.as_body())} for one in letter.decided],
        "grounds": letter.route["refusal_grounds"]["grounds"],
        "protected": _protected(digest, viewer=viewer),
        "reviews": bool(viewer.powers & _REVIEWING),
        "linked": [
            {
                "one": one,
                "form": wording.word(wording.FORMS, one.form),
                "state": wording.word(wording.STATES, one.state),
                "tone": wording.TONES[State(one.state)],
            }
            for one in letter.linked
        ],
        "deliveries": [
            {"one": one, "role": wording.word(wording.DELIVERY_ROLES, one.role)} for one in letter.deliveries
        ],
        "readers": readers_of_letter(digest, viewer=viewer),
        "oversees": Power.OVERSEE in viewer.powers,
        "why": _(letter.why_you_see_it),  # the reasons are marked where they are given
    }
    return page(request, "record/letter.html", context)


@desk()
@require_safe
def text(request: DeskRequest, digest: str) -> HttpResponse:
    """The letter as it was signed, every field."""
    letter = letter_life(digest, viewer=actor(request))
    return page(request, "record/text.html", {"letter": letter, "rows": telling.rows(letter.body)})


def _step(step: str, facts: dict[str, str]) -> dict[str, object]:
    stated = [(telling.label(name), value) for name, value in facts.items() if name != "authorisation"]
    return {"label": wording.word(wording.STEPS, step), "stated": stated}


def _more(letter: LetterLife, powers: frozenset[Power]) -> list[outlook.Act]:
    """What can be done with a letter besides the steps of its life."""
    found = []
    if not letter.outgoing and letter.state in _COLLECTING and Power.TAKE_IN_EVIDENCE in powers:
        found.append(outlook.Act(reverse("intake", args=[letter.digest]), _("Take in evidence"), first=True))
    if letter.case:
        preserved = letter.state is State.PRESERVED and Step.WITHDRAW in letter.steps
        label = _("Ask for the preserved data") if preserved else _("Open the case")
        found.insert(0, outlook.Act(reverse("case", args=[letter.case]), label, first=preserved))
    if Power.ISSUE_EMERGENCY in powers and letter.state is State.DRAFT and letter.letter.urgent:
        found.append(
            outlook.Act(reverse("letter-emergency", args=[letter.digest]), _("Decide in an emergency"), first=False)
        )
    if Power.AUTHORISE in powers and letter.outgoing and letter.due_what == DueKind.VALIDATE_BEFORE:
        url = reverse("letter-validate", args=[letter.digest])
        found.insert(0, outlook.Act(url, wording.word(wording.TASKS, Step.VALIDATE), first=True))
    ours = [one for one in letter.decided if one.ours and not one.ended]
    if ours and (Power.AUTHORISE if letter.outgoing else Power.RECOGNISE) in powers:
        label = _("Take the decision up again") if ours[-1].suspended_at else _("Suspend the decision")
        found.append(outlook.Act(reverse("letter-suspend", args=[letter.digest]), label, first=False))
    return found


def _protected(digest: str, *, viewer: Actor) -> list[dict[str, object]]:
    """What is flagged in the letter and its items, whether it was reviewed, and where that is done."""
    flagged = [("letter-review", digest, protection.of_letter(digest, viewer=viewer))]
    flagged += [("item-review", name, one) for name, one in protection.items_of(digest, viewer=viewer)]
    return [
        {
            "name": one.name,
            "flags": ", ".join(wording.word(wording.FLAGS, flag) for _target, listed in one.flags for flag in listed),
            "missing": bool(one.missing),
            "url": reverse(address, args=[key]),
        }
        for address, key, one in flagged
        if any(listed for _target, listed in one.flags)
    ]
