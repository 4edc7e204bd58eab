"""The custodian: evidence taken in, handed over, accepted and exported, with its custody."""
