"""Every address of a node and who is let in: one declaration, from which the access matrix is printed and tests walk.

A new address needs its row here, or the build fails (`tests/web/test_access_matrix.py`). To add one:

1. Name it as in the urlconf (its route, if it has no name), with the methods that it takes.
2. Powers: those of which the office needs one, as its `@desk(...)` says; `ANY` official; `PUBLIC`, where nobody is asked
   to sign in (nodes, the log's hashes, login and what comes before it).
3. What it is about (`What`). It says who sees the thing, and the walk knows how to name one of each kind. A new kind of
   thing gets a row in `relations.SEEN`, and its names in the test's world.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from comity.authorities.roles import POWERS, Power, Role
from comity.registry.access.relations import SEEN, Answer, Relation, What

Powers = frozenset[Power] | None

ANY: Final[Powers] = frozenset()
PUBLIC: Final[Powers] = None


def _of(*powers: Power) -> Powers:
    return frozenset(powers)


_GET: Final = ("GET",)
_POST: Final = ("POST",)
_BOTH: Final = ("GET", "POST")
_CASES: Final = _of(Power.OPEN_CASE)
_DRAFTS: Final = _of(Power.DRAFT_LETTER)
_HANDLES: Final = _of(Power.HANDLE_LETTER)
_EXPORTS: Final = _of(Power.EXPORT_EVIDENCE)
_KEEPS: Final = _of(Power.TAKE_IN_EVIDENCE)
_OVERSEES: Final = _of(Power.OVERSEE)
_DECIDES: Final = _of(Power.AUTHORISE, Power.RECOGNISE)
_ADMINISTERS: Final = _of(Power.ADMINISTER)


@dataclass(frozen=True)
class Page:
    """One address: its name or route, its methods, whom it lets in, and what it is about."""

    name: str
    methods: tuple[str, ...]
    powers: Powers
    what: What = What.NOTHING

    def answer(self, role: Role | None, relation: Relation) -> Answer:
        """What this address answers; `role` None is nobody."""
        if self.powers is None:
            return Answer.OPEN
        if role is None or relation in {Relation.REVOKED, Relation.NOBODY}:
            return Answer.LOGIN
        if self.powers and not self.powers & POWERS[role]:
            return Answer.HIDDEN
        return Answer.OPEN if role in SEEN[self.what][relation] else Answer.HIDDEN


_LISTED: Final = (
    # before anybody sits down, and what is public
    Page("home", _GET, PUBLIC),
    Page("login", _BOTH, PUBLIC),
    Page("login-demo", _POST, PUBLIC),
    Page("logout", _POST, PUBLIC),
    Page("sign-on", _GET, PUBLIC),
    Page("sign-on-back", _GET, PUBLIC),
    Page("log/add-checkpoint", _POST, PUBLIC),
    Page("^log/witnessed/(?P<node>[a-z0-9-]{1,40})$", _GET, PUBLIC),
    Page("language", _POST, PUBLIC),
    Page("enrol", _BOTH, PUBLIC),
    Page("health", _GET, PUBLIC),
    Page("peer/inbox", _POST, PUBLIC),
    Page("peer/chunk", _POST, PUBLIC),
    Page("peer/card", _GET, PUBLIC),
    Page("log/checkpoint", _GET, PUBLIC),
    Page("^log/leaf/(?P<leaf_hash>[0-9a-f]{64})$", _GET, PUBLIC),
    Page("log/tile/<path:path>", _GET, PUBLIC),
    Page("retention", _GET, PUBLIC),
    Page("retention-json", _GET, PUBLIC),
    # what every official has
    Page("desk", _GET, ANY),
    Page("letters", _GET, ANY),
    Page("letters-csv", _GET, ANY),
    Page("letters-json", _GET, ANY),
    Page("letter", _GET, ANY, What.LETTER),
    Page("letter-text", _GET, ANY, What.LETTER),
    Page("letter-document", _POST, ANY, What.LETTER),
    Page("custody-document", _POST, ANY, What.ITEM),
    Page("exhibit-document", _POST, ANY, What.EXHIBIT),
    Page("sign", _BOTH, ANY, What.TEXT),
    Page("sign-drop", _POST, ANY, What.TEXT),
    Page("evidence", _GET, ANY),
    Page("item", _GET, ANY, What.ITEM),
    Page("verdict", _GET, ANY, What.VERDICT),
    Page("access-letter", _GET, ANY, What.SIGHT_OF_LETTER),
    Page("access-case", _GET, ANY, What.SIGHT_OF_CASE),
    Page("access-item", _GET, ANY, What.SIGHT_OF_ITEM),
    Page("ways-in", _GET, ANY),
    Page("passkey-new", _BOTH, ANY),
    Page("passkey-revoke", _BOTH, ANY, What.DESK),
    Page("way-withdraw", _POST, ANY, What.DESK),
    Page("sign-on-ask", _POST, ANY),
    Page("sign-on-end", _POST, ANY, What.DESK),
    Page("sessions-end-others", _POST, ANY),
    Page("session-end", _POST, ANY, What.DESK),
    Page(
        "emergency",
        _BOTH,
        _of(Power.HANDLE_LETTER, Power.AUTHORISE, Power.RECOGNISE, Power.DRAFT_LETTER, Power.OPEN_CASE),
    ),
    Page("competence", _GET, ANY),
    Page("competence-entry", _GET, ANY, What.LAW),
    # investigators and prosecutors
    Page("ask", _GET, _CASES),
    Page("ask-keep", _POST, _CASES),
    Page("cases", _GET, _CASES),
    Page("case-new", _BOTH, _CASES),
    Page("case", _GET, _CASES, What.CASE),
    Page("case-selector", _POST, _CASES, What.CASE),
    Page("case-member", _POST, _CASES, What.CASE),
    Page("case-member-remove", _POST, _CASES, What.CASE),
    Page("case-offences", _BOTH, _CASES, What.CASE),
    Page("case-ask", _GET, _CASES, What.CASE),
    Page("case-protected", _BOTH, _CASES, What.CASE),
    Page("letter-draft", _BOTH, _DRAFTS, What.VERDICT),
    Page("letter-send", _BOTH, _of(Power.SEND_LETTER), What.LETTER),
    Page("letter-answer", _BOTH, _DRAFTS, What.LETTER),
    Page("letter-withdraw", _BOTH, _DRAFTS, What.LETTER),
    # judges
    Page("docket", _GET, _of(Power.AUTHORISE, Power.RECOGNISE)),
    Page("letter-authorise", _BOTH, _of(Power.AUTHORISE), What.LETTER),
    Page("letter-deny", _BOTH, _of(Power.AUTHORISE), What.LETTER),
    Page("letter-emergency", _BOTH, _of(Power.ISSUE_EMERGENCY), What.LETTER),
    Page("letter-validate", _BOTH, _of(Power.AUTHORISE), What.LETTER),
    Page("letter-end", _BOTH, _of(Power.AUTHORISE), What.LETTER),
    Page("letter-suspend", _BOTH, _DECIDES, What.LETTER),
    Page(
        "letter-review",
        _BOTH,
        _of(Power.AUTHORISE, Power.RECOGNISE, Power.HANDLE_LETTER, Power.DRAFT_LETTER),
        What.LETTER,
    ),
    Page("letter-recognise", _BOTH, _of(Power.RECOGNISE), What.ARRIVED),
    # liaison officers
    Page("inbox", _GET, _HANDLES),
    Page("letter-acknowledge", _BOTH, _HANDLES, What.ARRIVED),
    Page("letter-query", _BOTH, _HANDLES, What.ARRIVED),
    Page("letter-refuse", _BOTH, _HANDLES, What.ARRIVED),
    Page("letter-preserve", _BOTH, _of(Power.PRESERVE), What.ARRIVED),
    Page("letter-execute-partly", _BOTH, _HANDLES, What.ARRIVED),
    Page("letter-execute", _BOTH, _HANDLES, What.ARRIVED),
    # custodians
    Page("intake", _BOTH, _KEEPS, What.ARRIVED),
    Page("hand-over", _BOTH, _of(Power.HAND_OVER_EVIDENCE), What.KEPT),
    Page("transfers", _GET, _KEEPS),
    Page("accept", _BOTH, _KEEPS, What.TRANSFER),
    Page("export", _BOTH, _EXPORTS, What.ITEM),
    Page("bundle", _POST, _EXPORTS, What.ITEM),
    Page("bundle-download", _GET, _EXPORTS, What.ITEM),
    Page("item-key", _POST, _EXPORTS, What.ITEM),
    Page("item-age", _BOTH, _EXPORTS, What.ITEM),
    Page(
        "item-review",
        _BOTH,
        _of(Power.TAKE_IN_EVIDENCE, Power.HANDLE_LETTER, Power.AUTHORISE, Power.RECOGNISE, Power.DRAFT_LETTER),
        What.FLAGGED,
    ),
    Page("item-content", _POST, _KEEPS, What.ITEM),
    Page("item-made", _BOTH, _KEEPS, What.KEPT),
    Page("item-record", _BOTH, _KEEPS, What.ITEM),
    Page("exhibits", _GET, ANY),
    Page("exhibit", _GET, ANY, What.EXHIBIT),
    Page("exhibit-label", _GET, _KEEPS, What.EXHIBIT),
    Page("exhibit-made", _BOTH, _KEEPS, What.EXHIBIT),
    Page("exhibit-record", _BOTH, _KEEPS, What.EXHIBIT),
    Page("exhibit-within", _BOTH, _of(Power.HAND_OVER_EVIDENCE), What.EXHIBIT),
    Page("exhibit-send", _BOTH, _of(Power.HAND_OVER_EVIDENCE), What.EXHIBIT),
    Page("exhibit-accept", _BOTH, _KEEPS, What.HAND_OVER),
    Page("exhibit-drop", _POST, _of(Power.HAND_OVER_EVIDENCE), What.HAND_OVER),
    Page("exhibit-new", _BOTH, _KEEPS, What.ARRIVED),
    Page("case-disclose", _BOTH, _of(Power.DISCLOSE), What.CASE),
    Page("disclosures", _GET, _of(Power.READ_DISCLOSURE, Power.DISCLOSE, Power.OVERSEE)),
    Page("disclosure", _GET, _of(Power.READ_DISCLOSURE, Power.DISCLOSE, Power.OVERSEE), What.DISCLOSURE),
    Page("disclosure-package", _POST, _of(Power.READ_DISCLOSURE, Power.DISCLOSE), What.DISCLOSURE),
    Page("item-keep", _BOTH, _KEEPS, What.ITEM),
    Page("item-lift", _POST, _KEEPS, What.ITEM),
    Page("item-erase", _BOTH, _KEEPS, What.ITEM),
    # overseers
    Page("oversight", _GET, _OVERSEES),
    Page("audit", _BOTH, _OVERSEES),
    Page("log-explorer", _GET, _OVERSEES),
    Page("vouching", _BOTH, _OVERSEES),
    Page("vouching-findings", _GET, _OVERSEES),
    Page("vouching-stamps", _GET, _OVERSEES),
    Page("log-csv", _GET, _OVERSEES),
    Page("log-json", _GET, _OVERSEES),
    Page("log-entry", _GET, _OVERSEES, What.ENTRY),
    Page("log-proof", _GET, _OVERSEES, What.ENTRY),
    Page("oversight-letter", _BOTH, _OVERSEES, What.LETTER),
    Page("alarm-acknowledge", _POST, _OVERSEES, What.OFFICE),
    # administrators
    Page("officials", _GET, _ADMINISTERS),
    Page("official-invite", _BOTH, _ADMINISTERS),
    Page("invitation", _BOTH, _ADMINISTERS, What.OFFICE),
    Page("invitation-withdraw", _POST, _ADMINISTERS, What.OFFICE),
    Page("nodes", _GET, _ADMINISTERS),
    Page("nodes-card", _GET, _ADMINISTERS),
    Page("node-admit", _BOTH, _ADMINISTERS),
    Page("mandate-end", _BOTH, _ADMINISTERS, What.OFFICE),
    Page("ways-waiting", _GET, _ADMINISTERS),
    Page("way-waiting", _BOTH, _ADMINISTERS, What.OFFICE),
    Page("way-refuse", _POST, _ADMINISTERS, What.OFFICE),
    Page("mandate-suspend", _BOTH, _ADMINISTERS, What.OFFICE),
    Page("mandate-reinstate", _BOTH, _ADMINISTERS, What.OFFICE),
    Page("decision", _BOTH, _ADMINISTERS, What.OFFICE),
    Page("decision-drop", _POST, _ADMINISTERS, What.OFFICE),
    Page("person", _GET, _ADMINISTERS, What.OFFICE),
    Page("person-train", _BOTH, _ADMINISTERS, What.OFFICE),
    Page("trainings", _BOTH, _ADMINISTERS),
    Page("competences", _GET, _ADMINISTERS),
    Page("competence-new", _BOTH, _ADMINISTERS),
    Page("competence-edit", _BOTH, _ADMINISTERS, What.OFFICE),
    Page("competence-confirm", _POST, _ADMINISTERS, What.OFFICE),
    Page("competence-withdraw", _BOTH, _ADMINISTERS, What.OFFICE),
    Page("profile", _GET, ANY),
    # the reading room
    Page("law", _GET, ANY),
    Page("law-library", _GET, ANY),
    Page("law-instrument", _GET, ANY, What.LAW),
    Page("law-definitions", _GET, ANY),
    Page("law-clock", _GET, ANY),
    Page("law-clock-file", _GET, ANY),
    Page("law-gaps", _GET, ANY),
    Page("law-gaps-matrix", _GET, ANY),
    Page("law-gaps-list", _GET, ANY),
    Page("law-gaps-csv", _GET, ANY),
    Page("law-gaps-json", _GET, ANY),
    Page("law-gap", _GET, ANY, What.LAW),
)

PAGES: Final[Mapping[str, Page]] = {one.name: one for one in _LISTED}
"""Every address by its name."""

assert len(PAGES) == len(_LISTED), "an address stands here once"


def expected(page: Page) -> Iterator[tuple[Role | None, Relation, Answer]]:
    """Each role and relation of an address, with what it answers; each official and nobody."""
    for role in Role:
        if role is Role.SERVICE:
            continue
        for relation in (*SEEN[page.what], Relation.REVOKED):
            yield role, relation, page.answer(role, relation)
    yield None, Relation.NOBODY, page.answer(None, Relation.NOBODY)
