"""What Comity costs beside its peers: one module per subject, each with `rows(quick=...)`."""
