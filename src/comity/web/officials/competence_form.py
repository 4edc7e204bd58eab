"""An entry of the directory as an administrator types it."""

from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from comity.authorities.competence import (
    ADDRESS_CHARACTERS_MAX,
    ARTICLE_CHARACTERS_MAX,
    AUTHORITY_CHARACTERS_MAX,
    CAPACITY_MAX,
    LAW_CHARACTERS_MAX,
    REASON_CHARACTERS_MAX,
    Channel,
    ChannelKind,
    Competence,
    Hours,
    Level,
)
from comity.law import Edition
from comity.registry.gestures.competence import Described
from comity.web.shell import competences, questions
from comity.web.shell.forms import LONG, DeskForm, PlainField

_DAY: Final = "%Y-%m-%d"
_EARLIEST: Final = date(1900, 1, 1)
_LATEST: Final = date(2200, 1, 1)
_ALWAYS: Final = "always"
_LETTER: Final = "comity/letter/v1"


def _day(label: Any, help_text: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format=_DAY)
    bounds = [MinValueValidator(_EARLIEST), MaxValueValidator(_LATEST)]
    return forms.DateField(label=label, help_text=help_text, input_formats=[_DAY], widget=widget, validators=bounds)


def _clock(label: Any) -> PlainField:
    return PlainField(label=label, required=False, limit=5, widget=forms.TextInput(attrs={"type": "time"}))


class WithdrawForm(DeskForm):
    """Why an entry is withdrawn."""

    reason = PlainField(
        label=_("Reason"),
        help_text=_("Every node that was told of the entry reads it."),
        limit=REASON_CHARACTERS_MAX,
    )


class CompetenceForm(DeskForm):
    """One competence of one authority of the node's own state."""

    authority = PlainField(label=_("Authority"), limit=AUTHORITY_CHARACTERS_MAX)
    level = forms.ChoiceField(label=_("Level"), widget=forms.RadioSelect)
    measures = forms.MultipleChoiceField(label=_("Measures"), widget=forms.CheckboxSelectMultiple)
    territory = PlainField(
        label=_("Territory"),
        help_text=_("The state, or its parts by their codes (ISO 3166-2), separated by commas."),
        limit=LONG,
    )
    law = PlainField(
        label=_("Law that the competence rests on"),
        help_text=_("An instrument, or an act of the state's own law."),
        limit=LAW_CHARACTERS_MAX,
    )
    article = PlainField(label=_("Article"), limit=ARTICLE_CHARACTERS_MAX)
    hours = forms.ChoiceField(
        label=_("Hours"),
        widget=forms.RadioSelect,
        choices=[(_ALWAYS, _("At any hour, every day")), ("office", _("On the days and hours below"))],
    )
    days = forms.MultipleChoiceField(label=_("Days"), required=False, widget=forms.CheckboxSelectMultiple)
    opens = _clock(_("From"))
    closes = _clock(_("To"))
    zone = PlainField(label=_("Time zone"), help_text=_("Such as Europe/Amsterdam."), required=False, limit=40)
    languages = PlainField(
        label=_("Languages"), help_text=_("By their codes (BCP 47), such as nl, en, pt-BR."), limit=LONG
    )
    node = PlainField(label=_("Node"), help_text=_("The short name of the node that takes letters for it."), limit=40)
    secure_mail = PlainField(label=_("Secure mail"), required=False, limit=ADDRESS_CHARACTERS_MAX)
    courier = PlainField(label=_("Courier"), required=False, limit=ADDRESS_CHARACTERS_MAX)
    phone = PlainField(
        label=_("Telephone of the contact point"),
        help_text=_("With the code of the country, such as +31 70 000 0000."),
        required=False,
        limit=30,
    )
    forms_ = PlainField(label=_("Forms that it accepts"), help_text=_("One to a line."), lines=True, limit=LONG)
    capacity_per_week = forms.IntegerField(
        label=_("Requests that it can take a week"), required=False, min_value=1, max_value=CAPACITY_MAX
    )
    first = _day(_("First day"), _("From when it is competent."))
    last = _day(_("Last day"), _("Until when, five years at most."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """With the levels, the days and the measures of the packaged law as choices."""
        super().__init__(*args, **kwargs)
        edition = Edition.packaged()
        offered = {
            "level": competences.choices(competences.LEVELS, Level),
            "measures": competences.choices(questions.MEASURES, edition.kinds),
            "days": competences.choices(competences.DAYS, competences.DAYS),
        }
        for name, choices in offered.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]  # choice fields

    def described(self, *, zone: ZoneInfo) -> Described:
        """What was typed, days in this zone; what no entry holds is refused when it is prepared."""
        typed = self.cleaned_data
        always = typed["hours"] == _ALWAYS
        week = tuple(sorted(int(day) for day in typed["days"]))
        addresses = {kind: typed[kind.value] for kind in ChannelKind}
        return Described(
            authority=typed["authority"],
            level=Level(typed["level"]),
            measures=tuple(typed["measures"]),
            territory=_parts(typed["territory"], ","),
            law=typed["law"],
            article=typed["article"],
            hours=Hours(always=True)
            if always
            else Hours(always=False, zone=typed["zone"], days=week, opens=typed["opens"], closes=typed["closes"]),
            languages=_parts(typed["languages"], ","),
            channels=tuple(Channel(kind, address) for kind, address in addresses.items() if address),
            forms=_parts(typed["forms_"], "\n"),
            capacity_per_week=typed["capacity_per_week"],
            from_=datetime.combine(typed["first"], time(), tzinfo=zone),
            until=datetime.combine(typed["last"] + timedelta(days=1), time(), tzinfo=zone),
        )


def fresh(*, node: str, state: str, zone: str) -> dict[str, Any]:
    """What stands in the form of a new entry."""
    return {
        "node": node,
        "territory": state,
        "zone": zone,
        "days": ["1", "2", "3", "4", "5"],
        "forms_": _LETTER,
        "level": Level.NATIONAL.value,
        "hours": _ALWAYS,
    }


def typed(entry: Competence, *, zone: ZoneInfo) -> dict[str, Any]:
    """An entry as it stands in the form for its next version, days in this zone."""
    addresses = {one.kind.value: one.address for one in entry.channels}
    return addresses | {
        "authority": entry.authority,
        "level": entry.level.value,
        "measures": list(entry.measures),
        "territory": ", ".join(entry.territory),
        "law": entry.law,
        "article": entry.article,
        "hours": _ALWAYS if entry.hours.always else "office",
        "days": [str(day) for day in entry.hours.days],
        "opens": entry.hours.opens,
        "closes": entry.hours.closes,
        "zone": entry.hours.zone,
        "languages": ", ".join(entry.languages),
        "forms_": "\n".join(entry.forms),
        "capacity_per_week": entry.capacity_per_week,
        "first": entry.from_.astimezone(zone).date(),
        "last": (entry.until - timedelta(milliseconds=1)).astimezone(zone).date(),
    }


def _parts(text: str, sign: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(sign) if part.strip())
