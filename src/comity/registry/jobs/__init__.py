"""What a node does by itself: take in messages, deliver, sign receipts, fetch evidence, sequence the log."""
