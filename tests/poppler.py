"""Poppler, whose program checks signatures of PDF files: a judge that knows nothing of us, where the machine has it."""

import shutil


def pdfsig() -> str | None:
    """Where the program is."""
    return shutil.which("pdfsig")
