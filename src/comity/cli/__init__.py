"""The command line: one module per noun, loaded when it is called, so that `comity --help` answers at once.

Every command takes `--json`. Exit codes: 0 done; 1 refused (the reason is printed, and what to do); 2 wrong usage.
`comity verify` adds its own reading: 0 verified, 1 does not verify, 2 cannot be read.
"""

import sys
from importlib import import_module
from typing import Any, Final

import click

_NOUNS: Final = {
    "node": ("comity.cli.node", "Make, serve and pair nodes; enrol officials."),
    "law": ("comity.cli.law", "Ask which lawful routes exist, with articles and clocks."),
    "case": ("comity.cli.case", "Open cases, record selectors, ask the law for them."),
    "letter": ("comity.cli.letter", "Draft, authorise, send and answer letters."),
    "directory": ("comity.cli.directory", "Ask who is competent for what; publish the entries of this node."),
    "evidence": ("comity.cli.evidence", "Take in, hand over, accept and export evidence."),
    "exhibit": ("comity.cli.exhibit", "Seize, label and hand over things on a shelf."),
    "disclosure": ("comity.cli.disclosure", "Disclose a case to the defence, with what is withheld and why."),
    "retention": ("comity.cli.retention", "How long evidence is kept; what is due, what is held."),
    "document": ("comity.cli.document", "Make signed PDF files that work without a node."),
    "access": ("comity.cli.access", "Who may do what, and who sees what and why."),
    "log": ("comity.cli.log", "Look through a node's log; prove and verify entries."),
    "verify": ("comity.cli.verify", "Verify a bundle or a signed PDF offline, without any node."),
    "demo": ("comity.cli.demo", "Run two nodes on this machine, filled with letters."),
    "doctor": ("comity.cli.doctor", "Check a node and say what to do about what is wrong."),
}


_WITHOUT_TABLES: Final = frozenset({"law", "log", "verify"})


class Nouns(click.Group):
    """The commands by noun; a noun's module is imported when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_NOUNS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in _NOUNS:
            return None
        if cmd_name not in _WITHOUT_TABLES:
            import_module("comity.cli.shell")  # sets Django up before a module imports tables
        command: click.Command = getattr(import_module(_NOUNS[cmd_name][0]), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Commands"):
            formatter.write_dl([(name, said) for name, (_, said) in _NOUNS.items()])


@click.group(cls=Nouns, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="comity")
def comity() -> None:
    """Comity: authorities of different states act together, lawfully, quickly and accountably."""


def main(arguments: list[str] | None = None) -> Any:
    """The `comity` command."""
    from comity.errors import ComityError

    wants_json = "--json" in (sys.argv[1:] if arguments is None else arguments)
    try:
        return comity.main(args=arguments, prog_name="comity")
    except ComityError as refusal:
        _refused(refusal, wants_json=wants_json)
        sys.exit(1)


def _refused(refusal: Any, *, wants_json: bool) -> None:
    from comity.errors import as_record, explain

    if wants_json:
        import json

        click.echo(json.dumps(as_record(refusal), indent=2, ensure_ascii=False))
    else:
        import gettext

        click.echo(f"refused ({refusal.code}): {explain(refusal, translate=gettext.gettext)}", err=True)
