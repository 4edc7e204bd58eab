"""The reading room: pages about the law that every official reads. Nothing here changes a case, a letter or the law."""
