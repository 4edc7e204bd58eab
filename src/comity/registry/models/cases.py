"""Cases, their selectors and members, and the answers of the law that were given for them."""

from django.db import models


class CaseRow(models.Model):
    """An investigation. Who reads it learns what is investigated; who changes it is contradicted by the log."""

    reference = models.CharField(max_length=32, unique=True)
    title = models.CharField(max_length=200)
    marketplace = models.CharField(max_length=200)
    offences = models.JSONField()
    opened_at = models.DateTimeField()


class CaseMember(models.Model):
    """An official who needs to know about a case."""

    case = models.ForeignKey(CaseRow, on_delete=models.PROTECT, related_name="members")
    official = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "official"], name="one_membership")]


class SelectorRow(models.Model):
    """A domain, wallet, handle, account or address of a case, and why whoever stands behind it is protected."""

    case = models.ForeignKey(CaseRow, on_delete=models.PROTECT, related_name="selectors")
    kind = models.CharField(max_length=10)
    value = models.CharField(max_length=253)
    flags = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "kind", "value"], name="one_selector")]


class EditionRow(models.Model):
    """An edition of the law that a recorded verdict rests on, whole, so that old verdicts replay for ever."""

    hash = models.CharField(max_length=64, unique=True)
    document = models.BinaryField()


class VerdictRow(models.Model):
    """An answer of the law with the facts and the edition it rests on. It replays, so a change shows.

    Cases that put the same question on one day get the same answer, and each keeps it; what came with a letter has none.
    """

    digest = models.CharField(max_length=64, db_index=True)
    edition = models.CharField(max_length=64)
    case = models.ForeignKey(CaseRow, null=True, on_delete=models.PROTECT, related_name="verdicts")
    body = models.BinaryField()
    on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["digest", "case"], name="one_answer_per_case")]
