"""What holds power to account: how long a node may keep what it holds, and what becomes of it then."""
