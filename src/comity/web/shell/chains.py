"""From a chain of authorisation to its picture and its sentences: the same on the page of a letter and of an item."""

from collections.abc import Iterator

from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from comity.exchange.transfer import NOT_STATED
from comity.registry.queries.chain import Done, Link, Person
from comity.web.shell import wording
from comity.web.shell.drawing import authority
from comity.web.shell.drawing.canvas import Tone

_TONES = {"recognition": Tone.ACCENT, "lapse": Tone.BAD, "emergency": Tone.WARN, "validation": Tone.GOOD}


def figure(links: tuple[Link, ...]) -> SafeString:
    """The chain of authorisation, drawn and told."""
    boxes = tuple(_box(link) for link in links)
    story = authority.Chain(title=_("Who asked, who decided, on what power, and what was done"), boxes=boxes)
    return authority.figure(story, name="chain", rtl=get_language_bidi())


def _box(link: Link) -> authority.Box:
    return authority.Box(
        key=link.key,
        role=_role(link),
        title=_title(link),
        lines=tuple(_lines(link)),
        rests_on=link.rests_on,
        tone=_TONES.get(link.kind, Tone.PLAIN),
    )


def _role(link: Link) -> str:
    roles = {
        "asked": _("Asked by"),
        "warrant": _("Authorised by"),
        "emergency": _("Decided in an emergency by"),
        "validation": _("Validated by"),
        "recognition": _("Recognised by"),
        "lapse": _("Ended"),
        "item": _("Item of evidence"),
    }
    return roles[link.kind]


def _title(link: Link) -> str:
    if link.kind == "item":
        return link.what
    if link.by is None:
        return _("Nobody validated it in time")
    return f"{link.by.name}, {link.by.office}"


def _lines(link: Link) -> Iterator[str]:
    if link.by is not None and link.kind != "item":
        yield from _power(link.by)
    law = "; ".join(one for one in link.law if one != NOT_STATED)
    if link.kind != "item":
        yield _("Law: %(law)s") % {"law": law} if law else _("Its legal basis is not stated.")
    if link.kind not in {"item", "lapse"}:
        yield link.what
    if link.scope:
        yield _reach(link)
    if link.kind == "lapse":
        yield link.note
    if link.kind == "item":
        yield _state(link.note)
    yield from (_done(one) for one in link.done)
    if link.until is not None:
        yield _until(link)


def _power(by: Person) -> Iterator[str]:
    yield by.authority
    mandate = {"mandate": by.mandate, "people": ", ".join(by.appointed_by)}
    yield (
        _("Mandate %(mandate)s, appointed by %(people)s") % mandate
        if by.appointed_by
        else _("Mandate %(mandate)s, of the founding of the node") % mandate
    )


def _reach(link: Link) -> str:
    return _("%(measure)s; %(targets)d targets; data: %(data)s") % {
        "measure": wording.word(wording.MEASURES, link.scope["measure"]),
        "targets": len(link.scope["selectors"]),
        "data": ", ".join(wording.word(wording.DATA, name) for name in link.scope["data"]),
    }


def _until(link: Link) -> str:
    assert link.until is not None, "only what ends says until when"
    moment = date_format(localtime(link.until), "DATETIME_FORMAT" if link.kind == "emergency" else "DATE_FORMAT")
    if link.kind == "emergency":
        return _("to be validated before %(moment)s") % {"moment": moment}
    return _("until %(day)s") % {"day": moment}


def _done(one: Done) -> str:
    words = {**wording.STEPS, **wording.CUSTODY, "accept": _("Received")}
    return _("%(what)s: %(name)s, %(office)s, %(day)s") % {
        "what": wording.word(words, one.what),
        "name": one.by.name,
        "office": one.by.office,
        "day": date_format(localtime(one.at), "SHORT_DATE_FORMAT"),
    }


def _state(name: str) -> str:
    states = {
        "held": _("In custody here"),
        "handed_over": _("Handed over"),
        "sealed_off": _("Sealed off"),
        "erased": _("Erased"),
    }
    return states[name]
