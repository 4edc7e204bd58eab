"""What was opened in an emergency, past need-to-know: by whom, why, until when, and whether the overseer has seen it."""

from django.db import models


class OpeningRow(models.Model):
    """One letter or one case that an official opened past need-to-know.

    Who adds a row reads one more thing, and the overseer's desk alarms; who removes one hides it from the pages, and the
    log still holds it.
    """

    reference = models.CharField(max_length=32, unique=True)
    official = models.CharField(max_length=60)
    mandate = models.CharField(max_length=64)
    office = models.CharField(max_length=100)
    letter = models.ForeignKey("registry.LetterRow", null=True, on_delete=models.PROTECT, related_name="openings")
    case = models.ForeignKey("registry.CaseRow", null=True, on_delete=models.PROTECT, related_name="openings")
    reason = models.CharField(max_length=500)
    opened_at = models.DateTimeField()
    until = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(letter=None, case__isnull=False) | models.Q(letter__isnull=False, case=None),
                name="opening_of_one_thing",
            ),
        ]
        indexes = [
            models.Index(fields=["official", "until"], name="openings_in_force"),
            models.Index(fields=["acknowledged_at", "id"], name="openings_unseen"),
        ]
