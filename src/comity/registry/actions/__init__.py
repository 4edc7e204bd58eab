"""Every write: one function, one transaction, one log entry. Signed texts come in already proven."""
