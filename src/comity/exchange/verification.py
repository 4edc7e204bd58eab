"""Verifying a bundle: what a stranger can check with public keys alone, step by step, and no node.

* Steps stand in the order in which they rest on one another; the first that does not hold ends it.
* Each step says in words what was found, and which published standard it follows.
* `content`, `fingerprints` and `time stamps` need something from the reader (a key, fingerprints that people compared,
  roots that certify time); what is not brought is reported as not checked, never as held.
* No clock and no file: the bundle is a stream, and every moment stands in the signed texts.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, Final

from cryptography.x509 import Certificate

from comity.errors import N_, ComityError
from comity.evidence.archive import LOCAL_SIGNATURE, BundleBroken
from comity.evidence.bundle import Progress
from comity.evidence.member import DISCLOSURE
from comity.evidence.seal import KEY_BYTES
from comity.exchange import verification_container as container
from comity.exchange import verification_disclosure as disclosure
from comity.exchange import verification_documents as documents
from comity.exchange import verification_ends as ends
from comity.exchange import verification_items as items
from comity.exchange import verification_letters as letters
from comity.exchange import verification_log as log
from comity.exchange import verification_sources as sources
from comity.exchange import verification_time as time
from comity.exchange.verification_held import Held


class NotABundle(ComityError):
    """Bytes do not even begin as a bundle does."""

    code = "exchange.not_a_bundle"
    sentence = N_("this is not a bundle: it does not begin as a ZIP file")


class DoesNotVerify(ComityError):
    """A bundle does not show what it must."""

    code = "exchange.does_not_verify"
    sentence = N_("the step `{step}` fails at {member}: {why}")
    hint = N_("Do not rely on any part of the bundle; ask whoever exported it for the original.")


class Result(StrEnum):
    """What became of a step."""

    HOLDS = "holds"
    NOT_CHECKED = "not checked"
    FAILS = "fails"


@dataclass(frozen=True)
class Step:
    """One check: its name, the standard that it follows, what became of it, and what was found."""

    step: str
    standard: str
    result: Result
    details: tuple[str, ...]


@dataclass(frozen=True)
class _Check:
    step: str
    standard: str
    run: Callable[[Held], tuple[str, ...]]


_NODE: Final = "RFC 8032 Ed25519 and FIPS 204 ML-DSA-65"
_BOTH: Final = f"W3C WebAuthn (ES256); {_NODE}; RFC 8785 JSON"

CHECKS: Final = (
    _Check("container", "ZIP (PKWARE APPNOTE 6.3.10), written in the one canonical way", container.container),
    _Check("manifest", "RFC 8785 JSON; SHA-256 (FIPS 180-4)", container.manifest),
    _Check("node cards", f"{_NODE}, both; RFC 8785 JSON", container.cards),
    _Check("fingerprints", "SHA-256 of the node's key, compared by people", container.fingerprints),
    _Check("directory", _BOTH, container.directory),
    _Check("exporter", _BOTH, container.exporter),
    _Check("law", "RFC 8785 JSON; SHA-256 (FIPS 180-4); comity/verdict/v1", letters.law),
    _Check("logs", "RFC 9162, 2.1.3.2; C2SP tlog-checkpoint and signed-note", log.logs),
    _Check("letters", _BOTH, letters.letters),
    _Check("authorisations", _BOTH, letters.authorisations),
    _Check("ends", f"{_BOTH}; RFC 9162, 2.1.3.2", ends.ends),
    _Check("sending", "the scope of a decision in force, compared as sets", letters.sending),
    _Check("events", _BOTH, letters.events),
    _Check("receipts", f"{_NODE}; RFC 9162, 2.1.3.2", log.receipts),
    _Check("custody", _BOTH, items.custody),
    _Check("sources", _BOTH, sources.sources),
    _Check("recognition", "the scope of the executing state's decision, compared as sets", items.recognition),
    _Check("transfer ground", "Directive (EU) 2016/680, Arts 35-38, or the giver's own law", items.ground),
    _Check("logged", "RFC 9162, 2.1.3.2; RFC 6962 leaves over RFC 8785 JSON", log.logged),
    _Check("reviews", "RFC 9162, 2.1.3.2", ends.reviews),
    _Check("documents", f"{_NODE}, both; RFC 5280 certificates", documents.documents),
    _Check("time stamps", "RFC 3161, 2.4.2; RFC 5280 certificates", time.tokens),
    _Check("seal", "SHA-256 (FIPS 180-4)", items.seal),
    _Check("content", "Tink streaming AEAD, AES256-GCM-HKDF-1MB; SHA-256 (FIPS 180-4)", items.content),
    _Check("description", "CASE 1.4.0 and UCO 1.4.0 (JSON-LD); RFC 8785 JSON", items.described),
    _Check("nothing else", "every member was needed by a step above", container.nothing_left),
)
"""Every step, in order."""


DISCLOSED: Final = (
    CHECKS[0],
    _Check("list", "RFC 8785 JSON; SHA-256 (FIPS 180-4)", disclosure.listed),
    _Check("node cards", f"{_NODE}, both; RFC 8785 JSON", container.cards),
    _Check("fingerprints", "SHA-256 of the node's key, compared by people", container.fingerprints),
    _Check("directory", _BOTH, container.directory),
    _Check("discloser", _BOTH, disclosure.issuer),
    _Check("existence", "RFC 9162, 2.1.3.2; C2SP tlog-checkpoint and signed-note", disclosure.existence),
    _Check("disclosed texts", f"{_BOTH}; RFC 6962 tree over RFC 6901 pointers", disclosure.texts),
    _Check("disclosed custody", _BOTH, disclosure.custody),
    _Check("withheld", "SHA-256 commitments (FIPS 180-4)", disclosure.withheld),
    _Check("nothing else", "every member was needed by a step above", container.nothing_left),
)
"""Every step for a disclosure to the defence, in order."""


class Verification:
    """One reading of a bundle or a disclosure; what it says of itself (`kind`, `node`, `fingerprints`) is empty until that was read."""

    def __init__(
        self,
        stream: BinaryIO,
        *,
        pinned: Mapping[str, str],
        key: bytes | None,
        progress: Progress,
        time_roots: tuple[Certificate, ...] = (),
    ) -> None:
        """`pinned`: fingerprints by node, as people compared them; `key`: of the item, or None; `time_roots`: who certifies time."""
        assert key is None or len(key) == KEY_BYTES, "the rim reads keys"
        self._held = Held(stream=stream, pinned=pinned, key=key, progress=progress, time_roots=time_roots)

    @property
    def kind(self) -> str:
        """Whether it is of live, drill or demo nodes."""
        return self._held.kind

    @property
    def node(self) -> str:
        """The node that exported it."""
        return self._held.node

    @property
    def fingerprints(self) -> dict[str, str]:
        """The fingerprint of each node's key."""
        return {node: card.fingerprint for node, card in self._held.cards.items()}

    def steps(self) -> Iterator[Step]:
        """Every step that holds, or lacks something of the reader's; raises `NotABundle` or `DoesNotVerify`."""
        held = self._held
        held.stream.seek(0)
        if held.stream.read(len(LOCAL_SIGNATURE)) != LOCAL_SIGNATURE:
            raise NotABundle
        yield self._step(CHECKS[0])
        for check in (DISCLOSED if DISCLOSURE in held.bundle.names else CHECKS)[1:]:
            yield self._step(check)

    def _step(self, check: _Check) -> Step:
        held = self._held
        held.member, held.checked = "", True
        details = _run(check, held)
        result = Result.HOLDS if held.checked else Result.NOT_CHECKED
        return Step(step=check.step, standard=check.standard, result=result, details=details)

    @property
    def is_disclosure(self) -> bool:
        """Whether it is a disclosure to the defence; known once the container was read."""
        return DISCLOSURE in self._held.bundle.names


def _run(check: _Check, held: Held) -> tuple[str, ...]:
    try:
        return check.run(held)
    except BundleBroken as refusal:
        why = f"{refusal.facts['why']} (byte {refusal.facts['offset']})"
        raise _fails(check, str(refusal.facts["member"]), why) from refusal
    except ComityError as refusal:
        raise _fails(check, held.member, str(refusal)) from refusal
    except (KeyError, TypeError, AttributeError, ValueError, IndexError, ArithmeticError, RecursionError) as broken:
        # Everything in a bundle comes from outside: whatever part has another shape, the answer is one refusal.
        raise _fails(check, held.member, f"{type(broken).__name__}: {broken}"[:200]) from broken


def _fails(check: _Check, member: str, why: str) -> DoesNotVerify:
    return DoesNotVerify(step=check.step, standard=check.standard, member=member or "the bundle", why=why)
