"""What was disclosed to the defence, and to whom."""

from django.db import models

from comity.registry.models.final import FinalModel


class DisclosureRow(FinalModel):
    """One disclosure. `secrets` opens what is closed in it: who reads this row can name what was withheld."""

    FINAL = frozenset({"reference", "case", "counsel", "mandate", "digest", "statement", "secrets", "at"})

    reference = models.CharField(max_length=32, unique=True)
    case = models.ForeignKey("registry.CaseRow", on_delete=models.PROTECT, related_name="disclosures")
    counsel = models.CharField(max_length=60, db_index=True)
    mandate = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    statement = models.BinaryField()
    secrets = models.JSONField()
    at = models.DateTimeField()
