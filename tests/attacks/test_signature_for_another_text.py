"""Attack: a signature over one text is handed in for another one, or the text changes between reading and signing."""

import json
from dataclasses import replace

import pytest
from django.test import Client

from comity.authorities.directory import context_for, verify_official
from comity.authorities.keys import SignatureDoesNotVerify
from comity.authorities.statement import Statement, signed
from comity.registry.models import CredentialRow, SigningRow
from entering import House, sat
from passkeys import assertion, challenge_on, key_for, registration

TYPE = "comity/authorisation/v1"


def begun(house: House, official: str) -> tuple[Client, str]:
    client = sat(house.node, house.keys[official])
    page = client.get("/me/ways-in/passkey")
    made = registration(key_for(house.node), challenge_on(page.content))
    return client, str(client.post("/me/ways-in/passkey", {"registration": made})["Location"])


def test_one_changed_character_of_the_text_needs_a_new_signature(house: House):
    key, entry, at = house.keys["julia"], house.entry("julia"), house.node.clock.now()
    context = dict(context_for(entry, nonce="0" * 32, expires_at=at))
    text = signed(
        Statement(type=TYPE, body={"granted": "traffic data"}), key=key.public, sign=key.sign, context=context
    )
    verify_official(text, type=TYPE, entry=entry, at=at)
    for changed in (
        replace(text, body={"granted": "traffic Data"}),
        replace(text, body={"granted": "traffic data "}),
        replace(text, body={"granted": "traffic data", "more": ""}),
        replace(text, signatures=(replace(text.signatures[0], context=context | {"nonce": "1" + "0" * 31}),)),
    ):
        with pytest.raises(SignatureDoesNotVerify):
            verify_official(changed, type=TYPE, entry=entry, at=at)


def test_a_text_that_was_changed_on_the_node_while_it_was_read_is_not_signed(house: House):
    client, at = begun(house, "julia")
    answer = assertion(house.keys["julia"], challenge_on(client.get(at).content))
    row = SigningRow.objects.get(reference=at.rpartition("/")[2])
    kept = json.loads(bytes(row.body))
    kept["prepared"]["texts"][0]["body"]["credential"] = key_for(house.node).public.as_record()
    SigningRow.objects.filter(pk=row.pk).update(body=json.dumps(kept, separators=(",", ":"), sort_keys=True).encode())
    assert client.post(at, {"assertion_1": answer}).status_code == 422
    assert not CredentialRow.objects.exists()


def test_the_browser_hands_in_no_text(house: House):
    client, at = begun(house, "julia")
    answer = assertion(house.keys["julia"], challenge_on(client.get(at).content))
    typed = {"assertion_1": answer, "text_1": '{"body":{}}', "body": "{}", "official": "amara", "mandate": "x"}
    assert client.post(at, typed).status_code == 302
    asked = CredentialRow.objects.get()
    assert (asked.official, asked.mandate) == ("julia", house.entry("julia").mandate)
