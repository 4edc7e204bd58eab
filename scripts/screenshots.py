"""Pictures of every page, from a filled demo in a scratch folder: run by `make screenshots`.

All of them land in docs/pictures/scratch, which is not kept in git: each stop of the tour (tests/tour.py), light and dark,
on a desk and in a hand. Four of them, made small, are the ones that README.md shows.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import django

ROOT = Path(__file__).parents[1]
os.environ["DJANGO_SETTINGS_MODULE"] = "comity.node.settings"
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # playwright's loop runs in this thread; the nodes answer in others
sys.path.insert(0, str(ROOT / "tests"))
django.setup(set_prefix=False)

from playwright.sync_api import Page  # noqa: E402

import browsers  # noqa: E402
from comity.cli.demo import filled_nodes  # noqa: E402
from comity.cli.story import Stage  # noqa: E402
from comity.cli.telling import Teller  # noqa: E402
from comity.registry.models import CaseMemberRow, CaseRow, ItemRow, LetterRow, TransferRow  # noqa: E402
from scenes import World  # noqa: E402
from stage import free_port, served, settle  # noqa: E402
from tour import STOPS, Stop, Town, visited  # noqa: E402

PICTURES: Final = ROOT / "docs" / "pictures"
SCRATCH: Final = PICTURES / "scratch"
SCREENS: Final = {"desk": {"width": 1280, "height": 900}, "hand": {"width": 390, "height": 844}}
