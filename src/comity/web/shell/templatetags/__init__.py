"""What the shell adds to the language of templates."""
