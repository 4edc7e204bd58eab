"""The administrators' desk: who is in office, who is invited, what waits for a signature, ending a mandate, and pairing nodes."""
