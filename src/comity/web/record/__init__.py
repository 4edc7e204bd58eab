"""Pages of the record that every desk opens: the official's own desk, letters, and a letter with its life."""
