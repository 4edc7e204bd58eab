"""A second passkey and the sessions: asked for by oneself, opened by two administrators, ended at once by oneself."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from comity.authorities.credentials import requested_passkey
from comity.authorities.roles import MandateNotInForce, Role
from comity.authorities.standing import Change
from comity.authorities.statement import Statement
from comity.registry import seats
from comity.registry.access import NoSuchThing
from comity.registry.actions.mandates import AdministratorNeeded
from comity.registry.gestures import credentials as gestures
from comity.registry.jobs import sessions
from comity.registry.limits import CREDENTIALS_ASKED_MAX, SESSIONS_OF_ONE_OFFICIAL_MAX
from comity.registry.models import CredentialRow, EntryRow, OfficialRow, SeatRow
from comity.registry.queries import people
from databases import Postgres
from entering import (
    House,
    asked_passkey,
    built,
    copied,
    ended,
    enrolled,
    made,
    opens,
    sat,
    second_passkey,
    shown,
    sign_in,
    signed,
)
from keys import OfficialKey
from passkeys import USER_PRESENT, assertion, browser, challenge_on, key_for, registration


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    folder, keys = built()
    made = copied(folder, tmp_path / "ut", keys)
    with made.node.active():
        yield made
    made.node.close()


def kinds() -> list[str]:
    return list(EntryRow.objects.order_by("id").values_list("kind", flat=True))


def is_seated(client: Client) -> bool:
    return client.get("/me/ways-in").status_code == 200


def test_a_second_passkey_is_asked_for_with_the_first_signed_for_by_two_and_logged_before_it_opens_anything(
    house: House,
):
    julia, key = sat(house.node, house.keys["julia"]), key_for(house.node)
    reference = asked_passkey(house, julia, "julia", key)
    assert shown(julia.get("/me/ways-in").content, "fingerprint") == key.public.fingerprint
    assert not opens(house.node, key)
    amara = sat(house.node, house.keys["amara"])
    begun = amara.post(f"/officials/ways-in/{reference}", {"compared": "on", "second": "bento"})
    signed(amara, begun["Location"], house.keys["amara"])
    assert not opens(house.node, key)
    bento = sat(house.node, house.keys["bento"])
    page = bento.get(f"/officials/ways-in/{reference}").content
    assert shown(page, "fingerprint") == key.public.fingerprint
    begun = bento.post(f"/officials/ways-in/{reference}", {"compared": "on"})
    signed(bento, begun["Location"], house.keys["bento"])
    assert kinds()[-3:] == ["credential.asked", "credential.proposed", "passkey.added"]
    assert opens(house.node, key)
    assert opens(house.node, house.keys["julia"])
    first, second = (one for one in people.directory(viewer=house.node.machine("tests")) if one.official == "julia")
    assert (first.office, first.powers, first.until) == (second.office, second.powers, second.until)
    assert first.mandate != second.mandate
    assert second.enrolled_by == ("amara", "bento")
    people.known({}, viewer=house.node.machine("tests"))  # every signature holds


def test_who_loses_the_first_passkey_signs_in_with_the_second_and_revokes_the_lost_one_at_once(house: House):
    thief = sat(house.node, house.keys["julia"])
    key = second_passkey(house, "julia")
    lost = house.entry("julia").mandate
    lost = next(
        o.mandate
        for o in people.directory(viewer=house.node.machine("t"))
        if o.official == "julia" and o.mandate != lost
    )
    julia = sat(house.node, key)
    begun = julia.post(f"/me/ways-in/passkeys/{lost}/revoke", {"reason": "lost on a train", "sure": "on"})
    assert is_seated(thief), "nothing has happened before it is signed"
    assert signed(julia, begun["Location"], key)["Location"] == "/me/ways-in"
    assert not is_seated(thief), "sessions of the lost passkey are over"
    assert not opens(house.node, house.keys["julia"])
    assert opens(house.node, key)
    assert kinds()[-1] == "passkey.revoked"
    assert is_seated(julia)


def test_ways_in_are_asked_for_opened_and_ended_on_the_other_database_too(tmp_path: Path, postgres: Postgres):
    house = made(tmp_path / "ut", database=postgres.fresh(), third=False)
    with house.node.active():
        key = second_passkey(house, "julia")
        julia, other = sat(house.node, key), sat(house.node, house.keys["julia"])
        lost = house.first("julia").mandate
        seat = SeatRow.objects.filter(mandate=lost).order_by("-id")[0].reference
        julia.post(f"/me/ways-in/sessions/{seat}/end")
        assert not is_seated(other)
        begun = julia.post(f"/me/ways-in/passkeys/{lost}/revoke", {"reason": "lost", "sure": "on"})
        signed(julia, begun["Location"], key)
        assert not opens(house.node, house.keys["julia"])
        assert opens(house.node, key)
        people.known({}, viewer=house.node.machine("tests"))
    house.node.close()


def test_the_passkey_of_this_session_is_not_revoked_here_and_nobody_revokes_anothers(house: House):
    second_passkey(house, "julia")
    julia = sat(house.node, house.keys["julia"])
    here = OfficialRow.objects.filter(official="julia").order_by("id")[0].mandate
    assert julia.post(f"/me/ways-in/passkeys/{here}/revoke", {"reason": "x", "sure": "on"}).status_code == 422
    amaras = house.entry("amara").mandate
    assert julia.post(f"/me/ways-in/passkeys/{amaras}/revoke", {"reason": "x", "sure": "on"}).status_code == 404
    with pytest.raises(NoSuchThing):
        gestures.prepare_revocation(amaras, reason="x", entry=house.entry("julia"), at=house.node.clock.now())
    assert opens(house.node, house.keys["amara"])


def test_who_signs_in_with_the_second_passkey_signs_with_it_and_with_no_other(house: House):
    key = second_passkey(house, "julia")
    julia, third = sat(house.node, key), key_for(house.node)
    page = julia.get("/me/ways-in/passkey")
    begun = julia.post("/me/ways-in/passkey", {"registration": registration(third, challenge_on(page.content))})
    signed(julia, begun["Location"], house.keys["julia"], status=422)
    signed(julia, begun["Location"], key)


def test_the_end_of_an_office_ends_every_passkey_of_it(house: House):
    key = second_passkey(house, "bento")
    with_first, with_second = sat(house.node, house.keys["bento"]), sat(house.node, key)
    house.keys["eva"] = enrolled(house, "eva", Role.ADMINISTRATOR)
    ended(house, "bento", by=("amara", "dora"))
    assert not is_seated(with_first)
    assert not is_seated(with_second)
    assert not opens(house.node, key)


def test_a_second_passkey_does_not_count_as_another_administrator(house: House):
    second_passkey(house, "amara")
    ended(house, "bento", by=("amara", "dora"))
    with pytest.raises(AdministratorNeeded):
        ended(house, "dora", by=("amara", ""), change=Change.SUSPEND)


def test_nobody_signs_for_a_passkey_of_ones_own_and_one_administrator_does_not_sign_twice(house: House):
    amara = sat(house.node, house.keys["amara"])
    own = asked_passkey(house, amara, "amara", key_for(house.node))
    assert b"compared" not in amara.get(f"/officials/ways-in/{own}").content
    reference = asked_passkey(house, sat(house.node, house.keys["julia"]), "julia", key_for(house.node))
    at = f"/officials/ways-in/{reference}"
    assert amara.post(at, {"compared": "on", "second": "amara"}).status_code == 422
    begun = amara.post(at, {"compared": "on", "second": "bento"})
    signed(amara, begun["Location"], house.keys["amara"])
    assert b"compared" not in amara.post(at, {"compared": "on"}).content
    assert sat(house.node, house.keys["julia"]).get(at).status_code == 404


def test_a_passkey_or_a_request_put_in_the_place_of_what_was_asked_for_is_not_signed_for(house: House):
    reference = asked_passkey(house, sat(house.node, house.keys["julia"]), "julia", key_for(house.node))
    row = CredentialRow.objects.get(reference=reference)
    request = Statement.from_bytes(bytes(row.request))
    body = request.body | {"credential": key_for(house.node).public.as_record()}
    forged = Statement(type=request.type, body=body, signatures=request.signatures)
    assert requested_passkey(forged) != requested_passkey(request)
    CredentialRow.objects.filter(reference=reference).update(request=forged.to_bytes())
    amara = sat(house.node, house.keys["amara"])
    answer = amara.post(f"/officials/ways-in/{reference}", {"compared": "on", "second": "bento"})
    assert answer.status_code == 422
    assert b"does not verify" in answer.content
    CredentialRow.objects.filter(reference=reference).update(request=row.request, official="bento")
    assert amara.post(f"/officials/ways-in/{reference}", {"compared": "on", "second": "bento"}).status_code == 422


def test_only_a_verified_es256_passkey_of_this_site_is_asked_for_and_each_only_once(house: House):
    julia, key = sat(house.node, house.keys["julia"]), key_for(house.node)
    at = "/me/ways-in/passkey"
    elsewhere = OfficialKey(private=key.private, rp_id="elsewhere.example", origin=key.origin)
    wrong: list[Callable[[str], str]] = [
        lambda challenge: registration(key, challenge, flags=USER_PRESENT),
        lambda _: registration(key, "A" * 43),
        lambda challenge: registration(elsewhere, challenge),
        lambda _: "",
    ]
    for answer in wrong:
        assert julia.post(at, {"registration": answer(challenge_on(julia.get(at).content))}).status_code == 422
    begun = julia.post(at, {"registration": registration(house.keys["bento"], challenge_on(julia.get(at).content))})
    signed(julia, begun["Location"], house.keys["julia"], status=422)  # the passkey of another official
    assert not CredentialRow.objects.filter(closed_at=None).exists()


def test_what_waits_is_bounded_and_can_be_withdrawn_by_its_official_alone_or_refused(house: House):
    julia = sat(house.node, house.keys["julia"])
    asked = [asked_passkey(house, julia, "julia", key_for(house.node)) for _ in range(CREDENTIALS_ASKED_MAX)]
    at = "/me/ways-in/passkey"
    begun = julia.post(at, {"registration": registration(key_for(house.node), challenge_on(julia.get(at).content))})
    signed(julia, begun["Location"], house.keys["julia"], status=422)
    bento = sat(house.node, house.keys["bento"])
    assert bento.post(f"/me/ways-in/requests/{asked[0]}/withdraw").status_code == 404
    julia.post(f"/me/ways-in/requests/{asked[0]}/withdraw")
    bento.post(f"/officials/ways-in/{asked[1]}/withdraw")
    waiting = set(CredentialRow.objects.filter(closed_at=None).values_list("reference", flat=True))
    assert waiting == {asked[2]}


def test_what_an_official_asked_for_opens_nothing_after_the_mandate_ended(house: House):
    key = key_for(house.node)
    reference = asked_passkey(house, sat(house.node, house.keys["julia"]), "julia", key)
    ended(house, "julia", by=("amara", "bento"))
    amara = sat(house.node, house.keys["amara"])
    answer = amara.post(f"/officials/ways-in/{reference}", {"compared": "on", "second": "bento"})
    assert answer.status_code == 404, "what was asked for ended with the mandate"
    assert not opens(house.node, key)


def test_an_official_sees_every_session_of_ones_own_and_ends_them_one_by_one_or_all(house: House):
    here = sat(house.node, house.keys["julia"], agent="Firefox at the court")
    there = sat(house.node, house.keys["julia"], agent="Chromium at home")
    third = sat(house.node, house.keys["julia"])
    amara = sat(house.node, house.keys["amara"])
    page = here.get("/me/ways-in").content
    assert b"Firefox at the court" in page
    assert b"Chromium at home" in page
    assert b"Chromium at home" not in amara.get("/me/ways-in").content
    seat = SeatRow.objects.get(browser="Chromium at home").reference
    assert amara.post(f"/me/ways-in/sessions/{seat}/end").status_code == 404
    assert is_seated(there)
    here.post(f"/me/ways-in/sessions/{seat}/end")
    assert not is_seated(there)
    assert is_seated(third)
    here.post("/me/ways-in/sessions/end-others")
    assert (is_seated(here), is_seated(third), is_seated(amara)) == (True, False, True)


def test_a_session_by_single_sign_on_ends_and_withdraws_nothing(house: House):
    """An attack: who has the provider, and no passkey, drives the official off the desk."""
    julia = sat(house.node, house.keys["julia"])
    reference = asked_passkey(house, julia, "julia", key_for(house.node))
    seat = SeatRow.objects.get(official="julia").reference
    other = sat(house.node, house.keys["julia"])
    session = other.session
    session["by"] = seats.SIGN_ON
    session.save()
    page = other.get("/me/ways-in").content
    for what in (
        f"requests/{reference}/withdraw",
        f"sign-on/{reference}/end",
        f"sessions/{seat}/end",
        "sessions/end-others",
    ):
        assert other.post(f"/me/ways-in/{what}").status_code == 422, what
        assert f'action="/me/ways-in/{what}"'.encode() not in page, what
    assert is_seated(julia)
    assert CredentialRow.objects.filter(closed_at=None).exists()


@pytest.mark.parametrize("change", [Change.SUSPEND, Change.REVOKE])
def test_a_mandate_that_is_suspended_or_ended_ends_the_session_with_the_next_click(house: House, change: Change):
    julia = sat(house.node, house.keys["julia"])
    assert is_seated(julia)
    ended(house, "julia", by=("amara", "bento"), change=change)
    assert not is_seated(julia)
    assert not opens(house.node, house.keys["julia"])


def test_signing_out_takes_the_seat_and_a_stolen_cookie_with_it(house: House):
    julia = sat(house.node, house.keys["julia"])
    stolen = browser(house.node)
    stolen.cookies["comity_session"] = julia.cookies["comity_session"].value
    assert is_seated(stolen)
    julia.post("/logout")
    assert not is_seated(stolen)
    assert not SeatRow.objects.filter(official="julia").exists()


def test_a_session_without_its_seat_is_worth_nothing_and_seats_are_bounded_and_swept(house: House):
    julia = sat(house.node, house.keys["julia"])
    SeatRow.objects.filter(official="julia").update(mandate="another")
    assert not is_seated(julia)
    for _ in range(SESSIONS_OF_ONE_OFFICIAL_MAX + 2):
        sat(house.node, house.keys["julia"])
    assert SeatRow.objects.filter(official="julia").count() == SESSIONS_OF_ONE_OFFICIAL_MAX
    SeatRow.objects.update(seen_at=house.node.clock.now() - seats.IDLE_MAX - timedelta(seconds=1))
    sessions.sweep()
    assert not SeatRow.objects.exists()


def test_a_sign_in_under_the_name_of_a_second_passkey_needs_its_key(house: House):
    key = second_passkey(house, "julia")
    client = browser(house.node)
    challenge = challenge_on(client.get("/login").content)
    from passkeys import credential

    forged = assertion(house.keys["julia"], challenge, named=credential(key))
    assert client.post("/login", {"assertion": forged}).status_code == 422
    assert sign_in(client, key).status_code == 302


def test_the_entry_of_a_second_passkey_runs_no_longer_than_the_office(house: House):
    second_passkey(house, "julia")
    entry = house.entry("julia")
    first = OfficialRow.objects.filter(official="julia").order_by("id")[0]
    assert entry.until == people.sitting("julia", first.mandate, viewer=entry.actor, at=house.node.clock.now()).until
    with pytest.raises(MandateNotInForce):
        people.sitting("julia", entry.mandate, viewer=entry.actor, at=entry.until)
    assert entry.role is Role.JUDGE
