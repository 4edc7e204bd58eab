"""What reads a stranger's bytes, tried with bytes that nobody would write: one harness for each format, led by coverage."""
