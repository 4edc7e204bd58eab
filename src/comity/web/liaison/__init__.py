"""The liaison officer's desk: the 24/7 contact point and the central authority, where letters of other states arrive."""
