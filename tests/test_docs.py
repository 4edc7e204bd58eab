"""What the pages say is so: commands, refusals, paths, links and examples are compared with the code."""

import json
import re
import runpy
import subprocess
from pathlib import Path

import click
import pytest

from comity.authorisations.authorisation import AUTHORISATION, Authorisation
from comity.authorisations.covering import AS_GIVEN
from comity.authorisations.scope import beyond
from comity.authorities.statement import Statement
from comity.canon import JsonObject
from comity.cli import comity
from comity.letters.dossier import authorised_to_send
from comity.letters.forms import complete
from comity.letters.letter import LETTER, Letter

ROOT = Path(__file__).parents[1]
HOUSE = ROOT / "src" / "comity"
EXPLAINED_ONCE = {"--json", "--node", "--as", "--help"}  # at the top of docs/cli.md, for all commands
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)\s]*)?\)")
NAMED_FILE = re.compile(r"`([\w.-]+(?:/[\w.-]+)+\.(?:py|md|toml|in))`")


def listed(*patterns: str) -> list[Path]:
    """Files of the repository, tracked or about to be."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout.splitlines()
    return [path for name in sorted(set(names)) if (path := ROOT / name).is_file()]


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def commands(group: click.Group, *, called: str) -> dict[str, click.Command]:
    """Every command that does something, by the words that are typed for it."""
    context = click.Context(group)
    found: dict[str, click.Command] = {}
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, f"{called} {name}"
        words = f"{called} {name}"
        found |= commands(command, called=words) if isinstance(command, click.Group) else {words: command}
    return found


def test_every_command_has_its_section_and_every_section_its_command():
    known = commands(comity, called="comity")
    assert len(known) > 20
    sections = re.split(r"^### ", page("docs/cli.md"), flags=re.MULTILINE)[1:]
    told = {heading: text for heading, _, text in (section.partition("\n") for section in sections)}
    assert sorted(told) == sorted(known)
    for words, command in known.items():
        options = {name for option in command.params if isinstance(option, click.Option) for name in option.opts}
        for name in options - EXPLAINED_ONCE:
            assert re.search(rf"{name}(?![\w-])", told[words]), f"{words} {name}"


def test_every_refusal_stands_on_its_page_as_the_code_says_it():
    script = runpy.run_path(str(ROOT / "scripts" / "list_errors.py"))
    assert len(script["refusals"]()) > 60
    assert page("docs/errors.md") == script["page"](), "run: python scripts/list_errors.py > docs/errors.md"


def test_every_relative_link_leads_to_a_file():
    checked = 0
    for path in listed("*.md"):
        for target in LINK.findall(path.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (path.parent / target).exists(), f"{path.relative_to(ROOT)}: {target}"
                checked += 1
    assert checked > 30


def test_every_file_that_a_page_names_exists():
    for path in listed("*.md", ":!tests/law/facts"):  # copied as they were collected
        for name in NAMED_FILE.findall(path.read_text(encoding="utf-8")):
            assert any((base / name).exists() for base in (ROOT, HOUSE, path.parent)), (
                f"{path.relative_to(ROOT)}: {name}"
            )


def test_the_readme_names_every_folder():
    folders = {path.relative_to(ROOT).parts[0] for path in listed() if path.parent != ROOT}
    assert [folder for folder in sorted(folders) if f"`{folder}/" not in page("README.md")] == []


def test_every_decision_is_numbered_once_and_says_what_why_and_what_was_rejected():
    decisions = listed("docs/decisions/*.md")
    numbers = [int(path.name[:4]) for path in decisions]
    assert numbers == list(range(1, len(decisions) + 1))
    for path, number in zip(decisions, numbers, strict=True):
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {number}. "), path.name
        if path.name != "0002-dependencies.md":  # a table of reasons
            assert re.findall(r"^\*\*\w+\.\*\*", text, re.MULTILINE) == ["**Decided.**", "**Why.**", "**Rejected.**"]


def example(name: str) -> Statement:
    """The first JSON block of a page in docs/spec, which stands there with its signatures cut short."""
    document: JsonObject = json.loads(re.findall(r"```json\n(.*?)```", page(f"docs/spec/{name}.md"), re.DOTALL)[0])
    return Statement(type=document["type"], body=document["body"])


@pytest.mark.parametrize(("name", "type_"), [("letter", LETTER), ("authorisation", AUTHORISATION)])
def test_the_example_on_the_page_has_the_type_and_the_digest_that_the_page_states(name: str, type_: str):
    assert example(name).type == type_
    assert f"`{example(name).digest}`" in page(f"docs/spec/{name}.md")


def test_the_letter_on_the_page_is_read_written_and_complete():
    letter = Letter.from_body(example("letter").body)
    assert letter.as_body() == example("letter").body
    assert letter.short in page("docs/spec/letter.md")
    complete(letter)


def test_the_authorisation_on_the_page_covers_the_letter_on_its_page():
    letter = Letter.from_body(example("letter").body)
    authorisation = Authorisation.from_body(example("authorisation").body)
    assert authorisation.as_body() == example("authorisation").body
    assert beyond(letter.scope, authorisation.scope) == ()
    digest = example("letter").digest
    assert authorised_to_send(
        letter, digest=digest, authorisation=authorisation, at=authorisation.from_, standing=AS_GIVEN
    )
