"""Node to node: the inbox, evidence in chunks, and this node's card."""
