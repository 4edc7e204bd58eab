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
    suspended_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    standing = models.BinaryField(default=b"")
    """What became of the mandate, signed by its node; it says with a signature what the two columns say without."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["node", "official", "mandate"], name="one_entry_per_mandate"),
        ]


class DecisionRow(models.Model):
    """A decision on a mandate of this node, signed by who took it. Who reads it learns why somebody was suspended.

    One that waits for its second signature has no `decided_at`; who changes it gains nothing, for it is signed.
    """

    reference = models.CharField(max_length=32, unique=True)
    official = models.ForeignKey(OfficialRow, on_delete=models.PROTECT, related_name="decisions")
    change = models.CharField(max_length=10)
    digest = models.CharField(max_length=64, db_index=True)
    statement = models.BinaryField()
    first = models.CharField(max_length=60)
    second = models.CharField(max_length=60, default="")
    signed_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)


class IntroductionRow(models.Model):
    """Which peers hold the entry of which of our officials. Who takes a row away keeps a revocation from that peer."""

    official = models.ForeignKey(OfficialRow, on_delete=models.PROTECT, related_name="introductions")
    peer = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["official", "peer"], name="introduced_once")]


class TrainingRow(models.Model):
    """A course that an official attended. Who changes it gains nothing, for it is signed; who takes it away stops a power."""

    official = models.CharField(max_length=60, db_index=True)
    course = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    statement = models.BinaryField()
    at = models.DateTimeField()


class TrainingPolicyRow(models.Model):
    """Which power asks for which training; the newest counts. Who takes the newest away brings back the one before."""

    digest = models.CharField(max_length=64, unique=True)
    statement = models.BinaryField()
    at = models.DateTimeField()


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
    powers = models.CharField(max_length=400, default="")
    """The powers of the mandate, with blanks between; empty: all that the desk has."""
    territory = models.CharField(max_length=500, default="")
    responsible = models.CharField(max_length=200, default="")
    begins_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
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
