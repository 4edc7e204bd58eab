"""Every read: one function with `viewer`. What a viewer may not see is not told apart from what does not exist."""
