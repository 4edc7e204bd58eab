"""Documents for people: signed PDF/A-3 files that hold the signed texts they were printed from, and work without a node.

* `paper` says what stands on the paper, in the reader's language; `typesetting` lays it out; `signing` signs.
* `paper` and `typesetting` need no node and no framework, so that a stranger can lay the same record out again.
"""
