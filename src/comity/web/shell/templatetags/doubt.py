"""A mark beside a name that looks like something else, on every page without being loaded."""

from collections.abc import Mapping
from typing import Final

from django import template
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from comity.canon import doubts

register = template.Library()

REASONS: Final[Mapping[str, str | Promise]] = {
    "mixed": _("one word has letters of several scripts"),
    "alike": _("every letter looks like one of another script"),
    "digits": _("it has numerals of two systems"),
    "dressed": _("it has letters in forms that look like plain ones"),
    "joined": _("a word holds an invisible sign"),
}


@register.filter
def doubted(text: object) -> SafeString | str:
    """Why a reader should look twice at this name; nothing for almost every name."""
    found = doubts(text) if isinstance(text, str) else ()
    if not found:
        return ""
    why = "; ".join(sorted({str(REASONS[one.why]) for one in found}))
    said = _now("Look twice: %(why)s") % {"why": why}
    return format_html('<span class="doubt"><span aria-hidden="true">\u26a0</span> {}</span>', said)
