"""Login: officials sit down with a passkey, and enrol their first one with an invitation. Nothing else opens a session."""
