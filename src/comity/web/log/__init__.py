"""The public side of the log: checkpoints and hash tiles in C2SP formats. No bodies, ever."""
