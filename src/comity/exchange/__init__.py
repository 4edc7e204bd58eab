"""Exchange: what passes between nodes, as a state machine without input and output.

Cards and trust (whom to believe), envelope and receipt (what was said, and that it arrived), inbox and delivery
(exactly once over a wire that loses and repeats), the transfer gate, and requests for parts of a handed-over item.
Nothing here opens a socket, holds a private key or reads a clock: bytes, keys' public halves and moments come in.
"""
