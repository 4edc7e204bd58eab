"""What the clock page asks: which deadline, when its events happened, and where the act is done.

* A moment is typed as text, so that a mistake stays at its field; without an offset it is the time of the place.
* A time that the place's clocks left out, or showed twice, is refused: which moment it was is not guessed.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from comity.law import Edition
from comity.law.calendars import calendar_of
from comity.law.clocks import NOT_STATED, Deadline
from comity.law.places import Place, zones_of
from comity.law.question import ValueUnknown
from comity.law.rules import Measure
from comity.web.law import words
from comity.web.shell import questions
from comity.web.shell.forms import DeskForm, PlainField
from comity.web.shell.wording import word

EVENT: Final = "event_"
PART_CHARACTERS_MAX: Final = 3
MOMENT_CHARACTERS_MAX: Final = 40
_OFFSET: Final = len("+01:00")
_TYPED: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?( ?(Z|[+-]\d\d:\d\d))?", re.ASCII)

WHEN: Final = _("Say when it happened: without an event no clock runs.")


class EnglishSelect(forms.Select):
    """A list whose entries are texts of the law: they are marked as English, what is to be chosen first is not."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """An entry of the list."""
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        if value:
            option["attrs"]["lang"] = "en"
        return option


class MomentField(forms.Field):
    """A day with a time of day, and an offset where one is typed; without one it has no zone."""

    def __init__(self, *, label: Any, required: bool) -> None:
        """`label` says what happened then; `required` where nothing else can start the clock."""
        super().__init__(
            label=label,
            required=required,
            widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            help_text=_("As 2026-11-23 09:00, in the time of the place; an offset as +01:00 may follow."),
            error_messages={"required": WHEN},
        )

    def to_python(self, value: Any) -> datetime | None:
        typed = str(value or "").strip()
        if not typed:
            return None
        wrong = ValidationError(_now("This is no day with a time of day. Write it as 2026-11-23 09:00."), code="moment")
        if len(typed) > MOMENT_CHARACTERS_MAX or not _TYPED.fullmatch(typed):
            raise wrong
        day, _space, rest = typed.replace("T", " ").partition(" ")
        try:
            return datetime.fromisoformat(f"{day}T{rest.replace(' ', '')}")
        except ValueError as none:
            raise wrong from none


class ChooseForm(DeskForm):
    """Which deadline is counted."""

    deadline = forms.ChoiceField(
        label=_("Deadline"),
        widget=EnglishSelect,
        help_text=_("Every deadline of the edition, by instrument and in the order of its articles."),
        error_messages={"invalid_choice": _("This edition has no such deadline. Choose one from the list.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """The deadlines of the edition, grouped by instrument."""
        super().__init__(*args, **kwargs)
        self.fields["deadline"].choices = [("", _("please choose")), *_grouped(Edition.packaged())]  # type: ignore[attr-defined]  # a ChoiceField


class CountForm(DeskForm):
    """When the events of a deadline happened, and where the act is done."""

    deadline = forms.CharField(widget=forms.HiddenInput(attrs={"id": "id_counted"}))
    place = forms.ChoiceField(
        label=_("State in which the act is done"),
        help_text=_("Its holidays and its time count."),
        error_messages={"invalid_choice": _("This edition does not know %(value)s. Choose one from the list.")},
    )
    part = PlainField(
        label=_("Part of the state"),
        required=False,
        limit=PART_CHARACTERS_MAX,
        help_text=_("Only where a part has holidays of its own: its code in ISO 3166-2, as BY for Bavaria."),
    )

    def __init__(self, *args: Any, deadline: Deadline, **kwargs: Any) -> None:
        """One field for each event that may start `deadline`; one for the zone where the state has several."""
        super().__init__(*args, **kwargs)
        self._deadline = deadline
        self.fields["place"].choices = [("", _("please choose")), *questions.states(Edition.packaged()).items()]  # type: ignore[attr-defined]  # a ChoiceField
        alone = len(deadline.starts) == 1 and not deadline.fixed_start
        events = {f"{EVENT}{number}": MomentField(label=_label(one), required=alone) for number, one in self._starts()}
        zones = zones_of(str(self.data.get("place", ""))[:2])
        if len(zones) > 1:
            self.fields["zone"] = forms.ChoiceField(
                widget=EnglishSelect,
                label=_("Time zone of the place"),
                choices=[("", _("please choose")), *((zone, zone) for zone in zones)],
                error_messages={
                    "required": _("This state keeps several times: choose the one of the place where the act is done."),
                    "invalid_choice": _("This state does not keep the time of %(value)s. Choose one from the list."),
                },
            )
        self.fields.update(events)
        self.order_fields([*events, "place", "zone", "part", "deadline"])

    def _starts(self) -> Iterator[tuple[int, str]]:
        yield from enumerate(self._deadline.starts, start=1)

    def clean(self) -> dict[str, Any]:
        """The place, and the events that happened in its time."""
        typed: dict[str, Any] = super().clean() or {}
        zone = self._zone(typed)
        if zone is not None:
            typed["where"] = self._place(typed, zone)
            typed["happened"] = self._happened(typed, zone)
        return typed

    def _zone(self, typed: Mapping[str, Any]) -> ZoneInfo | None:
        if not typed.get("place") or "zone" in self.errors:
            return None
        zones = zones_of(typed["place"])
        if not zones:
            self.add_error("place", _now("No time zone is known for this state."))
            return None
        return ZoneInfo(typed.get("zone") or zones[0])

    def _place(self, typed: Mapping[str, Any], zone: ZoneInfo) -> Place:
        place = Place(typed["place"], zone, typed.get("part", "").upper())
        try:
            calendar_of(place)
        except ValueUnknown as unknown:
            self.refused(unknown, field="part")
        return place

    def _happened(self, typed: Mapping[str, Any], zone: ZoneInfo) -> dict[str, datetime]:
        happened = {}
        for number, event in self._starts():
            name = f"{EVENT}{number}"
            moment = typed.get(name)
            if moment is None:
                continue
            try:
                happened[event] = moment if moment.tzinfo else _there(moment, zone)
            except ValidationError as refused:
                self.add_error(name, refused)
        named = any(name in self.errors for name in self.fields if name.startswith(EVENT))
        if not happened and not named and not self._deadline.fixed_start:
            self.add_error(f"{EVENT}1", str(WHEN))
        return happened


def choice(instrument: str, measure: str, deadline: str) -> str:
    """A deadline as the address of the clock page names it."""
    return f"{instrument}/{measure}/{deadline}"


def _there(moment: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which the clocks of a zone showed this time; raises `ValidationError` where there is none, or two."""
    first, second = (moment.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    try:
        shown = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    except OverflowError as beyond:
        raise ValidationError(_now("No calendar holds this day."), code="beyond") from beyond
    if shown != moment:
        said = _now("The clocks of %(zone)s never showed this time: they were set forward.")
        raise ValidationError(said % {"zone": zone.key}, code="gap")
    if first.utcoffset() != second.utcoffset():
        said = _now("The clocks of %(zone)s showed this time twice: add the offset, %(first)s or %(second)s.")
        offsets = {"first": first.isoformat()[-_OFFSET:], "second": second.isoformat()[-_OFFSET:]}
        raise ValidationError(said % {"zone": zone.key, **offsets}, code="twice")
    return first


def _label(event: str) -> Any:
    if event in {"", NOT_STATED}:
        return _("The event that starts the clock; the text does not say which")
    spaced = event.replace("_", " ")
    return format_html('<span lang="en">{}</span>', spaced[:1].upper() + spaced[1:])


def _grouped(edition: Edition) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The deadlines of each instrument under its title, in the words of the law's data."""
    with translation.override("en"):
        for instrument in edition.instruments.values():
            held = [
                (choice(instrument.id, measure.id, one.id), _named(measure, one))
                for measure in instrument.measures.values()
                for one in measure.deadlines
            ]
            if held:
                yield instrument.title, held


def _named(measure: Measure, one: Deadline) -> str:
    case = f" ({word(questions.CASES, one.case)})" if one.case and one.case != "normal" else ""
    said = f"{word(words.MEASURES, measure.kind)}, Art. {one.article}: {one.actor} {one.action}"
    return f"{said}, {words.long(one.type, one.duration)}{case}".replace("_", " ")
