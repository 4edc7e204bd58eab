"""Verifying a bundle: what authorities for time say of its records, from outside the nodes."""

from comity.canon import stamp
from comity.evidence.member import TOKEN_BYTES_MAX, checkpoint_member, custody_member, token_member
from comity.exchange.card import NodeKind
from comity.exchange.verification_held import Contradiction, Held
from comity.exchange.wire import CLOCK_SKEW_MAX
from comity.ledger import text_digest
from comity.ledger.time_stamp import claimed_stamp, verify_stamp

Details = tuple[str, ...]


def tokens(held: Held) -> Details:
    """Each time stamp is of a custody record or checkpoint here, and certified as far as the reader brought roots."""
    stamped = _stamped(held)
    said = []
    for name in held.under("tokens/"):
        answer = held.bundle.read(name, limit=TOKEN_BYTES_MAX)
        held.member = name
        digest = next((one for one in stamped if token_member(one) == name), None)
        if digest is None:
            raise Contradiction(why="it is of nothing that lies in this bundle")
        what = stamped[digest]
        claimed = claimed_stamp(answer, digest=bytes.fromhex(digest))
        link = held.custody.get(digest)
        early = link is not None and link.record.at > claimed + CLOCK_SKEW_MAX
        if early and held.kind == NodeKind.LIVE:  # the clocks of drills and demonstrations are moved
            raise Contradiction(why=f"{what} says it was made after {stamp(claimed)}, when it was stamped")
        if held.time_roots:
            by = verify_stamp(answer, digest=bytes.fromhex(digest), roots=held.time_roots)
            said.append(f"{what} existed at {stamp(by.at)}, says {by.by}")
        else:
            held.checked = False
            said.append(f"{what}: stamped {stamp(claimed)}, by whom was not checked: bring --time-roots")
        held.use(name)
    return tuple(said) or ("no time stamps came along: moments are those of the nodes' own clocks",)


def _stamped(held: Held) -> dict[str, str]:
    """What of this bundle an authority may have stamped, in words, by its digest."""
    records = {
        digest: f"record {link.record.seq} of {custody_member(link.record.item, seq=link.record.seq)}"
        for digest, link in held.custody.items()
    }
    nodes = [name.split("/")[1] for name in held.under("log/") if name.endswith("/checkpoint")]
    heads = {text_digest(held.read(checkpoint_member(node))): f"the checkpoint of {node}" for node in nodes}
    return records | heads
