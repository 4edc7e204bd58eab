"""Every word for people can be said in another language: templates and code are read for words that cannot."""

import ast
import re
import runpy
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WEB = ROOT / "src" / "comity" / "web"
TEMPLATES = sorted(WEB.rglob("templates/**/*.html"))
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "messages.py"))
NAMES = {"Comity", "CSV", "JSON", "SHA-256", "EUPL-1.2", "Art.", "KERN", "UX"}
"""Names and signs that are the same in every language."""

SAID_ALOUD = re.compile(r"""\b(?:aria-label|title|alt|placeholder|data-label)\s*=\s*("[^"]*"|'[^']*')""")
LETTERS = re.compile(r"[^\W\d_]{2,}")


def bare(template: str) -> str:
    """A template without comments, scripts, and whatever is translated or comes from elsewhere."""
    text = re.sub(r"{% comment %}.*?{% endcomment %}|{#.*?#}|<!--.*?-->", " ", template, flags=re.DOTALL)
    text = re.sub(r"{% blocktrans(?:late)?\b.*?{% endblocktrans(?:late)? %}", " ", text, flags=re.DOTALL)
    text = re.sub(r"<(code|pre)\b.*?</\1>", " ", text, flags=re.DOTALL)  # what is typed or signed, as it is
    return re.sub(r"{%.*?%}|{{.*?}}", " ", text, flags=re.DOTALL)


def words(text: str) -> list[str]:
    return [word for word in LETTERS.findall(text) if word not in NAMES and f"{word}." not in NAMES]


def test_the_templates_are_seen():
    assert len(TEMPLATES) > 20


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_says_nothing_that_is_not_translated(path: Path):
    text = bare(path.read_text(encoding="utf-8"))
    between = re.sub(r"<[^>]*>", " ", re.sub(r"&\w+;", " ", text))
    assert words(between) == []
    for spoken in SAID_ALOUD.findall(text):
        assert words(spoken) == [], spoken


def literals(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Literal texts that are handed to where people read them: labels, hints, messages."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg in {"label", "help_text", "empty_label"} and isinstance(keyword.value, ast.Constant):
                    yield keyword.arg, str(keyword.value.value)
            if isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "messages":
                yield from (("messages", str(one.value)) for one in node.args[1:2] if isinstance(one, ast.Constant))


@pytest.mark.parametrize("path", sorted(WEB.rglob("*.py")), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_code_hands_no_untranslated_text_to_people(path: Path):
    found = [(where, text) for where, text in literals(ast.parse(path.read_text(encoding="utf-8"))) if words(text)]
    assert found == []


def test_a_planted_word_is_found():
    assert words(re.sub(r"<[^>]*>", " ", bare("<p>{% translate 'Yes' %} untold</p>"))) == ["untold"]
    assert list(literals(ast.parse("CharField(label='Name')"))) == [("label", "Name")]


def test_every_code_of_the_record_has_its_word():
    from comity.authorities.roles import Power, Role
    from comity.evidence.custody import CustodyEvent
    from comity.exchange.card import NodeKind
    from comity.exchange.transfer import Derogation, GroundKind
    from comity.letters.due import DueKind
    from comity.letters.forms import MEASURES
    from comity.letters.letter import DeliveryRole, Form
    from comity.letters.life import CROSSING, State, Step
    from comity.registry.queries.duties import Duty
    from comity.registry.queries.readers import Why
    from comity.web.shell import wording

    for codes, held in (
        (Form, wording.FORMS),
        (State, wording.STATES),
        (State, wording.TONES),
        (Step, wording.STEPS),
        (set(CROSSING) | set(Duty), wording.TASKS),
        (DueKind, wording.DUES),
        (Role, wording.ROLES),
        (Power, wording.POWERS),
        (DeliveryRole, wording.DELIVERY_ROLES),
        (CustodyEvent, wording.CUSTODY),
        (GroundKind, wording.GROUNDS),
        (Derogation, wording.DEROGATIONS),
        (Why, wording.READER_REASONS),
        (Why, wording.READER_OFFICES),
        (NodeKind, wording.NODE_KINDS),
        (frozenset().union(*MEASURES.values()), wording.MEASURES),
    ):
        assert {str(code) for code in codes} <= {str(code) for code in held}, held


TEMPLATE = SCRIPT["catalogue"]()
PLACE = re.compile(r"%\(\w+\)[sd]|\{\w*\}|%[sd]|%%")


def test_whatever_the_packaged_profile_of_courts_says_stands_in_the_catalogues():
    from comity.evidence.admissibility import general
    from comity.web.custodian import words

    profile = general()
    assert {profile.name, *(one.asks for one in profile.criteria)} == words.GENERAL <= {one.id for one in TEMPLATE}


@pytest.mark.parametrize("language", SCRIPT["LANGUAGES"])
def test_every_sentence_has_its_words_in_every_language(language: str):
    assert SCRIPT["missing"](language, TEMPLATE) == [], "run: python scripts/messages.py, then translate what is new"


@pytest.mark.parametrize("language", SCRIPT["LANGUAGES"])
def test_a_translation_fills_the_same_places_and_holds_nothing_of_old(language: str):
    known = {(one.context, one.id) for one in TEMPLATE}
    for message in SCRIPT["read"](language):
        if not message.id:
            continue
        assert (message.context, message.id) in known, f"{message.id} is said no more"
        asked = message.id if isinstance(message.id, tuple) else (message.id,)
        given = message.string if isinstance(message.string, tuple) else (message.string,)
        for words_ in given:
            assert set(PLACE.findall(words_)) <= {place for one in asked for place in PLACE.findall(one)}, words_
        assert sorted(PLACE.findall(given[-1])) == sorted(PLACE.findall(asked[-1])), given[-1]


def test_no_language_speaks_with_the_words_of_another():
    """Spanish and Portuguese share short phrases; else what two languages say alike is a sign or a name."""
    said = {
        language: {(one.context, one.id): one.string for one in SCRIPT["read"](language) if one.id}
        for language in SCRIPT["LANGUAGES"]
    }
    for one, other in combinations(SCRIPT["LANGUAGES"], 2):
        most = 40 if {one, other} == {"es", "pt"} else 12
        alike = [
            text
            for name, text in said[one].items()
            if text == said[other][name] != name[1] and len("".join(LETTERS.findall(PLACE.sub("", str(text))))) > most
        ]
        assert alike == [], (one, other)


def test_the_languages_of_the_pages_are_those_of_the_catalogues():
    from django.conf import settings

    assert {code for code, _ in settings.LANGUAGES} == {"en", *SCRIPT["LANGUAGES"]}
