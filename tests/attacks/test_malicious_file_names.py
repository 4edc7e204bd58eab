"""Attack: a file name that leads elsewhere, starts a program, or looks like another one, on its way in or out."""

# ruff: noqa: RUF001 - letters that look like others are what this is about

import ast
import re
from pathlib import Path

import pytest
from django.http import HttpResponse

from comity.canon import TextNotAllowed, doubts
from comity.evidence.item import NameNotSafe, safe_name
from comity.evidence.member import bytes_max
from comity.web.custodian.exporting import _save_as

SOURCE = Path(__file__).parents[2] / "src" / "comity"
BAD_NAMES = [
    "../../etc/passwd",
    "..\\..\\windows\\system.ini",
    "/etc/passwd",
    "C:\\boot.ini",
    "C:boot.ini",
    "..",
    ".",
    ".bashrc",
    "a/b",
    "a\\b",
    "a\u2215b",  # division slash
    "a\uff0fb",  # full-width slash
    "\uff0e\uff0e\uff0fpasswd",
    "a\x00.pdf",
    "a\r\nSet-Cookie: x=y",
    'a"; filename="b.exe',
    "a\u202egpj.exe",  # reads as exe.jpg
    "a\u2066b",
    "a\u200b.pdf",
    "CON",
    "con.txt",
    "LPT1.pdf",
    "NUL .pdf",
    "trailing.",
    "a:stream",
    "a|b",
    "a?b",
    "a*b",
    "<script>.pdf",
    "",
    " ",
    "x" * 300,
    "\u0439" * 200,
]


@pytest.mark.parametrize("name", BAD_NAMES, ids=ascii)
def test_no_item_of_evidence_has_such_a_name(name: str):
    with pytest.raises((NameNotSafe, TextNotAllowed)):
        safe_name(name)


@pytest.mark.parametrize(
    "name", ["image-01.dd", "Протокол 1.pdf", "証拠.zip", "a.b.c", "½ page.pdf", "Bericht (2).pdf"]
)
def test_a_plain_name_in_any_script_is_taken(name: str):
    assert safe_name(name) == name


def test_a_name_that_only_looks_plain_is_taken_and_marked():
    assert "mixed" in {one.why for one in doubts(safe_name("invоice.pdf"))}


@pytest.mark.parametrize("name", [one for one in BAD_NAMES if one] + ["letters/../x.json", "items/x", "MANIFEST.json "])
def test_no_member_of_a_bundle_has_such_a_name(name: str):
    """What is read names its members by what they hold; a name that none has is no member."""
    assert bytes_max(name) is None


def test_every_name_under_which_a_file_is_downloaded_is_made_here_of_harmless_parts():
    """The names in download headers: constants, digests, dates and ids of ours, never what somebody typed."""
    found = [
        path.name
        for path in sorted((SOURCE / "web").rglob("*.py"))
        for one in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and "attachment; filename" in one.value
    ]
    assert len(found) >= 5
    typed = re.compile(r"filename=.*\{[^}]*\b(item|case|letter|upload|file|person|exhibit)\.(name|title|subject)\b")
    for path in (SOURCE / "web").rglob("*.py"):
        assert not typed.search(path.read_text(encoding="utf-8")), path


def test_a_line_feed_in_a_download_name_makes_no_second_header():
    answer = HttpResponse()
    with pytest.raises(ValueError, match="newline"):
        _save_as(answer, "x\r\nSet-Cookie: a=b")
