"""The overseer's desk: the log of the node, each entry with its proof, and both sides of every letter."""
