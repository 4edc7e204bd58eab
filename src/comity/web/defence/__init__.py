"""The desk of counsel for the defence: what was disclosed, complete, with what is withheld and why."""
