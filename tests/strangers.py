"""Programs that know nothing of us and judge what we make, where the machine has them."""

import shutil


def pdfsig() -> str | None:
    """Poppler's program, which checks signatures of PDF files."""
    return shutil.which("pdfsig")


def age() -> str | None:
    """The program that opens age files."""
    return shutil.which("age")
