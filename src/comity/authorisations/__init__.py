"""Authorisations: the recorded power behind an act, its scope, and the one function that decides what it covers."""
