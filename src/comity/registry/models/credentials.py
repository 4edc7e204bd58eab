"""How officials get in besides their first passkey: what they asked for, who they are elsewhere, and where they sit."""

from django.db import models


class CredentialRow(models.Model):
    """A further passkey, or a subject of single sign-on, that an official asked for, until two administrators signed.

    Who changes it can put another passkey or another subject in its place. The administrators see another fingerprint or
    name, and the request that the official signed no longer says the same: it is refused when it is signed for.
    """

    reference = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=10)
    official = models.CharField(max_length=60)
    mandate = models.CharField(max_length=64)
    """The mandate under which the official asked."""
    credential = models.CharField(max_length=1400, default="", db_index=True)
    """The name by which a passkey is found; empty for a subject of single sign-on."""
    request = models.BinaryField()
    """What the official signed."""
    statement = models.BinaryField(default=b"")
    """What the first administrator signed, if one did."""
    asked_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    """When it became usable, or was withdrawn."""


class SubjectRow(models.Model):
    """Who an official is at the provider of single sign-on. Who changes it cannot forge the signatures in `statement`."""

    reference = models.CharField(max_length=32, unique=True)
    issuer = models.CharField(max_length=300)
    subject = models.CharField(max_length=255)
    official = models.CharField(max_length=60)
    mandate = models.CharField(max_length=64)
    statement = models.BinaryField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "subject"], condition=models.Q(ended_at=None), name="one_official_per_subject"
            ),
        ]


class SeatRow(models.Model):
    """A session of an official: where and since when. Who deletes it ends the session; who writes one opens none.

    The session itself is Django's, and names its seat. Both are swept when the session is over.
    """

    reference = models.CharField(max_length=32, unique=True)
    official = models.CharField(max_length=60, db_index=True)
    mandate = models.CharField(max_length=64)
    by = models.CharField(max_length=10)
    address = models.CharField(max_length=45)
    browser = models.CharField(max_length=200)
    since = models.DateTimeField()
    seen_at = models.DateTimeField()
