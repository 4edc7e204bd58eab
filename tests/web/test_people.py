"""People at the administrators' desk, and the page that everybody has on himself."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.test import Client

from comity.authorities.roles import Power, Role
from comity.authorities.standing import Change
from comity.cli.story import Stage
from comity.ledger import Entry as LogEntry
from comity.registry.models import EntryRow, InvitationRow, OfficialRow, TrainingRow
from comity.registry.queries import people as directory
from comity.registry.queries import roster
from desks import signed, summary_of
from passkeys import browser
from people import appoint, appointment, at, decide, suspended
from scenes import authorised, drafted, opened
from stage import staged


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Two nodes, at cv three administrators and a judge who is an investigator, too. The node cv is active."""
    with staged(tmp_path_factory.mktemp("people"), image_bytes=100_000) as stage, stage.cv.active():
        appoint(stage.cv, appointment("celia", Role.ADMINISTRATOR))
        appoint(stage.cv, appointment("walter", Role.INVESTIGATOR))
        appoint(stage.cv, appointment("walter", Role.JUDGE))
        yield stage


def sat(stage: Stage, official: str) -> Client:
    client = browser(stage.cv)
    assert client.post("/login/demo", {"official": official}).status_code == 302
    return client


def mandate(official: str) -> str:
    rows = OfficialRow.objects.filter(node="cv", official=official)
    return rows.earliest("id").mandate


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def newest(kind: str) -> LogEntry:
    return LogEntry.from_bytes(bytes(EntryRow.objects.filter(kind=kind).latest("id").body))


def listed(page: str) -> set[str]:
    return set(re.findall(r'href="/officials/people/([a-z]+)"', page))


def test_an_administrator_suspends_reinstates_and_ends_a_mandate(town: Stage):
    amara, zuleica = sat(town, "amara"), sat(town, "zuleica")
    assert zuleica.get("/desk").status_code == 200
    base = f"/officials/zuleica/{mandate('zuleica')}"
    assert "Your signature alone is enough" in read(amara, f"{base}/suspend")
    assert amara.post(f"{base}/suspend", {"reason": ""}).status_code == 422
    assert amara.get(f"{base}/reinstate").status_code == 404, "what runs is not reinstated"
    done = signed(amara, amara.post(f"{base}/suspend", {"reason": "Her token is lost."}))
    assert done["Location"] == "/officials/people/zuleica"
    assert zuleica.get("/desk").status_code == 302, "the session ended with the mandate"
    assert browser(town.cv).post("/login/demo", {"official": "zuleica"}).status_code == 404
    page = read(amara, "/officials/people/zuleica")
    assert "Her token is lost." in page
    assert "Suspended" in page
    signed(amara, amara.post(f"{base}/reinstate", {"reason": "Found."}))
    assert zuleica.get("/desk").status_code == 302, "an old session does not come back with it"
    sat(town, "zuleica")
    signed(amara, amara.post(f"{base}/end", {"reason": "Retired."}))
    for change in ("suspend", "reinstate", "end"):
        assert amara.get(f"{base}/{change}").status_code == 404
    kinds = [kind for kind in EntryRow.objects.order_by("id").values_list("kind", flat=True) if "mandate" in kind]
    assert kinds[-3:] == ["mandate.suspended", "mandate.reinstated", "mandate.ended"]


def test_an_administrators_mandate_ends_with_the_second_signature(town: Stage):
    amara, bento, celia = (sat(town, name) for name in ("amara", "bento", "celia"))
    base = f"/officials/celia/{mandate('celia')}"
    page = read(amara, f"{base}/end")
    assert "ended by two others" in page
    assert 'value="celia"' not in page, "not by herself"
    assert amara.post(f"{base}/end", {"reason": "Left.", "second": "celia"}).status_code == 422
    assert amara.post(f"{base}/end", {"reason": "Left."}).status_code == 422
    signed(amara, amara.post(f"{base}/end", {"reason": "Left.", "second": "bento"}))
    assert celia.get("/officials").status_code == 200, "nothing has happened yet"
    waiting = re.findall(r"/officials/decisions/[0-9a-f]{32}", read(bento, "/officials"))[0]
    assert "waits for your signature" in read(bento, "/officials")
    assert "To the text that you sign" not in read(amara, waiting)
    assert amara.post(waiting).status_code == 200
    assert celia.get(waiting).status_code == 200
    signed(bento, bento.post(waiting))
    assert celia.get("/officials").status_code == 302
    assert bento.get(waiting).status_code == 404
    alone = read(amara, f"/officials/bento/{mandate('bento')}/end")
    assert "no other administrator in office who could sign" in alone
    refused = amara.post(f"/officials/bento/{mandate('bento')}/suspend", {"reason": "x"})
    answer = amara.post(refused["Location"])
    assert answer.status_code == 422
    assert "two other administrators have to stay" in answer.content.decode()
    appoint(town.cv, appointment("diana", Role.ADMINISTRATOR))


def test_a_decision_that_waits_can_be_thrown_away(town: Stage):
    amara, bento = sat(town, "amara"), sat(town, "bento")
    base = f"/officials/diana/{mandate('diana')}"
    signed(amara, amara.post(f"{base}/end", {"reason": "x", "second": "bento"}))
    waiting = re.findall(r"/officials/decisions/[0-9a-f]{32}", read(amara, "/officials/people/diana"))[0]
    assert bento.post(f"{waiting}/drop").status_code == 302
    assert bento.get(waiting).status_code == 404
    at(town.cv, "diana")


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("", {"amara", "ivo", "julia", "edgar"}, set()),
        ("?stands=in_force", {"amara", "julia"}, {"edgar"}),
        ("?stands=suspended", {"otto"}, {"julia", "edgar"}),
        ("?stands=ended", {"edgar"}, {"julia", "otto"}),
        ("?stands=untrained", {"carla"}, {"julia"}),
        ("?q=JULI", {"julia"}, {"ivo"}),
        ("?q=monteiro&stands=ended", set(), {"julia"}),
    ],
)
def test_people_are_found_by_name_and_by_how_they_stand(town: Stage, query: str, shown: set[str], hidden: set[str]):
    amara = sat(town, "amara")
    if not OfficialRow.objects.filter(official="edgar").exists():
        decide(town.cv, Change.REVOKE, appoint(town.cv, appointment("edgar", Role.LIAISON)))
        decide(town.cv, Change.SUSPEND, at(town.cv, "otto").entry)
        signed(amara, amara.post("/officials/training", {"take_in_evidence": "Seals"}))
    found = listed(read(amara, f"/officials{query}"))
    assert shown <= found
    assert not hidden & found


def test_a_filter_that_nobody_offers_is_refused(town: Stage):
    assert sat(town, "amara").get("/officials?stands=everywhere").status_code == 422


def test_a_training_is_recorded_and_missed_on_the_pages(town: Stage):
    amara = sat(town, "amara")
    signed(amara, amara.post("/officials/training", {"take_in_evidence": "Seals\nChain of custody"}))
    assert "Seals" in read(sat(town, "carla"), "/me")
    assert {"carla"} <= listed(read(amara, "/officials/training"))
    for typed in (
        {},
        {"course": "Seals"},
        {"course": "Seals", "held_on": "2027-01-01"},
        {"course": "\u202e", "held_on": "2026-11-01"},
    ):
        assert amara.post("/officials/people/carla/train", typed).status_code == 422, typed
    for course in ("Seals", "Chain of custody"):
        done = amara.post(
            "/officials/people/carla/train", {"course": course, "held_on": "2026-11-02", "valid_until": ""}
        )
        assert signed(amara, done)["Location"] == "/officials/people/carla"
    assert "carla" not in listed(read(amara, "/officials/training"))
    assert TrainingRow.objects.filter(official="carla").count() == 2
    own = amara.post("/officials/people/amara/train", {"course": "Seals", "held_on": "2026-11-02"})
    assert own.status_code == 422
    assert "cannot decide on a mandate of amara" in own.content.decode()


# Everybody's own page


def test_everybody_reads_what_he_may_do_since_when_and_by_whom(town: Stage):
    page = summary_of(sat(town, "julia").get("/me"))
    for told in ("Júlia Monteiro", "authorise letters", "recognise letters", "Court of Praia", "amara, bento", "CV"):
        assert told in page
    assert "Suspend" not in page


def test_the_page_on_oneself_shows_both_offices_and_which_one_is_taken(town: Stage):
    page = summary_of(sat(town, "walter").get("/me"))
    assert page.count("You sit here under this mandate.") == 1
    assert "Judge" in page
    assert "Investigator" in page


def test_what_a_colleague_left_open_is_shown_to_who_may_see_it(town: Stage):
    case = opened(town)
    left = authorised(town, case)
    draft = drafted(town, case)
    luis, nadia = sat(town, "luis"), sat(town, "nadia")
    assert "Left open by colleagues" not in read(luis, "/me")
    decide(town.cv, Change.SUSPEND, at(town.cv, "ivo").entry)
    page = read(luis, "/me")
    assert f"/letters/{left}" in page
    assert f"/letters/{draft}" in page
    assert "2 letters were left open" in read(luis, "/desk")
    assert "Left open by colleagues" not in read(nadia, "/me"), "she is not of the case"
    assert "nobody has sent: 2" in summary_of(sat(town, "amara").get("/officials/people/ivo"))
    amara = at(town.cv, "amara").entry.actor
    ivo = roster.person("ivo", viewer=amara, at=town.cv.clock.now()).offices[0]
    decide(town.cv, Change.REINSTATE, ivo.entry)


def test_an_overseer_reads_who_is_suspended(town: Stage):
    edson = at(town.cv, "edson").entry
    if OfficialRow.objects.get(official="otto").suspended_at is not None:
        office = roster.person("otto", viewer=at(town.cv, "amara").entry.actor, at=town.cv.clock.now()).offices[0]
        decide(town.cv, Change.REINSTATE, office.entry)
    otto = sat(town, "otto")
    assert "Suspended" not in row_of(otto, edson.name)
    with suspended(town.cv, edson):
        assert "Suspended" in row_of(otto, edson.name)


def row_of(client: Client, name: str) -> str:
    """What the oversight page says of somebody."""
    return next(row for row in read(client, "/oversight").split("<tr") if name in row)


# Attacks


def test_self_appointment_at_the_desk_is_refused(town: Stage):
    """An attack: an administrator invites himself to the bench, or decides on his own mandate by typing the address."""
    amara = sat(town, "amara")
    mine = {"official": "amara", "name": "Amara", "role": "judge", "office": "Court", "authority": "Courts"}
    answer = amara.post("/officials/invite", mine)
    assert answer.status_code == 422
    for change in ("suspend", "end"):
        typed = {"reason": "x", "second": "bento"}
        assert amara.post(f"/officials/amara/{mandate('amara')}/{change}", typed).status_code == 422
    assert not InvitationRow.objects.filter(official="amara", closed_at=None).exists()


def test_mass_assignment_what_a_form_does_not_ask_for_counts_for_nothing(town: Stage):
    """An attack: fields that the form does not have are sent along with it."""
    amara = sat(town, "amara")
    person = {"official": "mallory", "name": "Mallory", "role": "liaison", "office": "24/7", "authority": "Police"}
    more = {
        "founder": "on",
        "invited_by": "bento",
        "credential": "x",
        "public": "x",
        "statement": "x",
        "enrolled_by": "amara,bento",
        "mandate": "administrator-1",
        "node": "nl",
        "state": "NL",
        "wrong_tries": "-99",
        "expires_at": "2099-01-01",
        "closed_at": "2026-01-01",
    }
    assert amara.post("/officials/invite", person | more).status_code == 200
    row = InvitationRow.objects.get(official="mallory")
    assert (row.founder, row.invited_by, row.credential, bytes(row.statement), row.wrong_tries) == (
        False,
        "amara",
        "",
        b"",
        0,
    )
    assert row.closed_at is None
    assert (row.expires_at - EntryRow.objects.filter(kind="official.invited").latest("id").at).days == 1
    for beyond in ({"role": "service"}, {"powers": "administer"}, {"powers": ["authorise"]}, {"territory": "NL"}):
        assert amara.post("/officials/invite", person | {"official": "oscar"} | beyond).status_code == 422, beyond
    assert not InvitationRow.objects.filter(official="oscar").exists()
    luis = mandate("luis")
    typed = {
        "reason": "x",
        "change": "revoke",
        "official": "julia",
        "mandate": mandate("julia"),
        "by": "bento",
        "at": "2020",
    }
    signed(amara, amara.post(f"/officials/luis/{luis}/suspend", typed))
    facts = newest("mandate.suspended")
    assert (facts.facts["official"], facts.actor["official"]) == ("luis", "amara")
    assert OfficialRow.objects.get(official="luis").ended_at is None
    assert OfficialRow.objects.get(official="julia").suspended_at is None
    signed(amara, amara.post(f"/officials/luis/{luis}/reinstate", typed))
    signed(
        amara,
        amara.post(
            "/officials/people/luis/train", {"course": "C", "held_on": "2026-11-01", "official": "ivo", "by": "x"}
        ),
    )
    assert newest("training.recorded").facts["official"] == "luis"


def test_the_person_page_is_for_administrators_and_hides_who_does_not_exist(town: Stage):
    amara, julia = sat(town, "amara"), sat(town, "julia")
    addresses = ["/officials/people/luis", "/officials/people/luis/train", "/officials/training"]
    addresses += [f"/officials/luis/{mandate('luis')}/{change}" for change in ("suspend", "end")]
    for address in addresses:
        assert julia.get(address).status_code == 404, address
        assert amara.get(address).status_code == 200, address
    for address in ("/officials/people/nobody", "/officials/people/lotte", f"/officials/luis/{mandate('julia')}/end"):
        assert amara.get(address).status_code == 404, address


def test_an_invitation_shows_the_mandate_and_warns_of_a_namesake(town: Stage):
    amara = sat(town, "amara")
    person = {
        "official": "julia2",
        "name": "JÚLIA Monteiro",
        "role": "liaison",
        "office": "24/7",
        "authority": "Police",
        "powers": ["handle_letter"],
        "territory": "cv-s CV-B",
        "responsible": "Head of unit",
        "begins_on": "2026-12-01",
        "ends_on": "2027-11-30",
    }
    assert amara.post("/officials/invite", person).status_code == 200
    row = InvitationRow.objects.get(official="julia2")
    page = summary_of(amara.get(f"/officials/invitations/{row.reference}"))
    for told in ("handle letters that come in", "CV-S, CV-B", "Head of unit", "one person under two names"):
        assert told in page
    found = next(one for one in directory.invited(viewer=at(town.cv, "amara").entry.actor) if one.official == "julia2")
    assert found.powers == {Power.HANDLE_LETTER}
    assert (found.begins_at, found.ends_at) == (
        datetime(2026, 12, 1, 1, tzinfo=UTC),
        datetime(2027, 12, 1, 1, tzinfo=UTC),
    )
