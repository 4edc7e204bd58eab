"""The investigator's desk: cases, the question to the law, drafts, and what is sent."""
