"""Signing: the exact text is shown, signed with a passkey, and acted on."""
