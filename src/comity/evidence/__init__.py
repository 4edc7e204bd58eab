"""Evidence: the item, its seal, its custody across nodes, and the bundle in which a stranger checks all of it."""
