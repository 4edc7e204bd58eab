"""Template tags that put KERN's classes on Django's form fields, so that no form has to name them."""

from collections.abc import Mapping
from typing import Final

from django import template
from django.forms import BoundField, widgets
from django.utils.safestring import SafeString

from comity.registry.queries.readers import Reader
from comity.web.shell import wording

register = template.Library()

# In this order: a RadioSelect is a ChoiceWidget like a Select, a CheckboxSelectMultiple is a RadioSelect.
_KINDS: Final[tuple[tuple[type[widgets.Widget], str], ...]] = (
    (widgets.CheckboxSelectMultiple, "checks"),
    (widgets.RadioSelect, "radio"),
    (widgets.SelectMultiple, "input"),
    (widgets.Select, "select"),
    (widgets.CheckboxInput, "check"),
)


@register.filter
def field_kind(field: BoundField) -> str:
    """Which of the house's field layouts shows this field."""
    return next((kind for widget, kind in _KINDS if isinstance(field.field.widget, widget)), "input")


@register.filter
def readers_reason(reader: Reader) -> str:
    """Why somebody can read a letter."""
    return wording.word(wording.READER_REASONS, reader.why)


@register.filter
def readers_office(reader: Reader) -> str:
    """The office of readers whose names are the other node's."""
    return wording.word(wording.READER_OFFICES, reader.why)


@register.filter
def called(node: str, names: Mapping[str, str]) -> str:
    """The name of a node, by its short one."""
    return names.get(node, node)


@register.filter
def spaced(code: str) -> str:
    """A code of the law's data as words."""
    return code.replace("_", " ")


@register.simple_tag
def dressed(field: BoundField, classes: str) -> SafeString:
    """The field's own widget, with these classes."""
    return field.as_widget(attrs={"class": classes})
