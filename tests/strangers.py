"""Programs that know nothing of us and judge what we make, where the machine has them."""

import shutil
from pathlib import Path


def pdfsig() -> str | None:
    """Poppler's program, which checks signatures of PDF files."""
    return shutil.which("pdfsig")


def age() -> str | None:
    """The program that opens age files."""
    return shutil.which("age")


def softhsm() -> str | None:
    """The library of a token in software (PKCS#11)."""
    if shutil.which("softhsm2-util") is None:
        return None
    found = [*Path("/usr/lib").glob("softhsm/libsofthsm2.so"), *Path("/usr/lib").glob("*/softhsm/libsofthsm2.so")]
    return str(found[0]) if found else None
