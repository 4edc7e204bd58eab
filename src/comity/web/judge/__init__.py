"""The judge's desk: drafts to decide on, and letters of other states to recognise."""
