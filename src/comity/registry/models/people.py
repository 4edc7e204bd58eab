"""Officials of every node that we deal with, and the peers themselves."""

from django.db import models


class OfficialRow(models.Model):
    """One directory entry, ours or a peer's. Who changes it cannot forge the signatures in `statement`."""

    node = models.CharField(max_length=40)
    official = models.CharField(max_length=60)
    office = models.CharField(max_length=100)
    role = models.CharField(max_length=20)
    mandate = models.CharField(max_length=64)
    key_id = models.CharField(max_length=32)
    digest = models.CharField(max_length=64, unique=True)
    statement = models.BinaryField()
    credential = models.CharField(max_length=1400, default="", db_index=True)
    """The name by which the passkey of an official of this node is found (base64url); the key is in `statement`."""
    beside = models.CharField(max_length=64, default="")
    """The mandate of the same office that came first, where this entry is a further passkey of its official."""
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["node", "official", "mandate"], name="one_entry_per_mandate"),
        ]


class InvitationRow(models.Model):
    """Somebody who is to become an official of this node, from the invitation until two administrators signed.

    Who reads it learns who is invited: link and password are kept as hashes. Who changes it can put another passkey in
    its place, which the administrators see as another fingerprint before they sign.
    """

    reference = models.CharField(max_length=32, unique=True)
    token_sha256 = models.CharField(max_length=64, unique=True)
    password_hash = models.CharField(max_length=200)
    wrong_tries = models.PositiveSmallIntegerField(default=0)
    official = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    role = models.CharField(max_length=20)
    office = models.CharField(max_length=100)
    authority = models.CharField(max_length=200)
    founder = models.BooleanField()
    invited_by = models.CharField(max_length=60)
    expires_at = models.DateTimeField()
    credential = models.CharField(max_length=1400, default="")
    public = models.BinaryField(default=b"")
    statement = models.BinaryField(default=b"")
    closed_at = models.DateTimeField(null=True)
    """When it became an entry of the directory, or was withdrawn."""


class SigningRow(models.Model):
    """Texts that an official is about to sign at a desk. Who changes it changes what is shown and signed alike.

    It is worthless when it was taken to be signed, or when its time has run out; an hour later it is swept.
    """

    reference = models.CharField(max_length=32, unique=True)
    official = models.CharField(max_length=60)
    mandate = models.CharField(max_length=64)
    gesture = models.CharField(max_length=40)
    body = models.BinaryField()
    expires_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)


class PeerRow(models.Model):
    """A node that we exchange letters with, under the card that was admitted by its fingerprint."""

    node = models.CharField(max_length=40, unique=True)
    fingerprint = models.CharField(max_length=80)
    card = models.BinaryField()
    admitted_at = models.DateTimeField()
