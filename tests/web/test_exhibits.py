"""The custodian's desk: exhibits and custody records in a browser, each signed, each refused where it must be."""

import re

from comity.canon import JsonObject
from comity.registry.queries import custody, exhibits
from comity.registry.queries import evidence as reads
from custodians import ORIGIN, file, seated, seen, signed, summary
from scenes import World

SEIZED = {name: text for name, text in ORIGIN.items() if name != "media_type"} | {
    "number": "ex-2026-7",
    "exhibit_kind": "wallet",
    "description": "Hardware wallet (synthetic)",
    "serial": "SYN-7",
    "shelf": "Room 4, shelf B",
    "seals": "s-1, s-2",
    "taken_at": "2026-11-23T08:00:00.000Z",
    "taken_by": "Team 3",
}


def test_a_thing_is_seized_labelled_photographed_and_signed_over(evidence_world: World):
    stage, letter = evidence_world.stage, evidence_world.letters["recognised"]
    with seated(stage, stage.nl) as client:
        viewer = stage.seat(stage.nl, "custodian").entry.actor
        form = f"/letters/{letter}/seize"
        assert "taken" not in summary(client.post(form, SEIZED | {"number": "ex 7!"}))
        address = signed(client, client.post(form, SEIZED))["Location"]
        reference = address.removeprefix("/exhibits/")
        shown = seen(client.get(address))
        assert "EX-2026-7" in shown
        assert "S-1, S-2" in shown
        assert "EX-2026-7" in seen(client.get("/exhibits"))
        label = seen(client.get(f"{address}/label"))
        assert "<svg" in label
        assert re.search(rf"https?://[^<]+{address}<", label)
        sealing = {"seals": "S-9", "broken": "S-1", "reason": "Opened to image it."}
        signed(client, client.post(f"{address}/record/sealing", sealing))
        assert custody.exhibit_standing(reference, viewer=viewer).seals == ("S-2", "S-9")
        assert "was not on it" in summary(client.post(f"{address}/record/sealing", sealing | {"seals": "S-10"}))
        photo = ORIGIN | {"name": "front.png", "kind": "photograph", "reason": "Its state.", "file": file(b"png")}
        made = signed(client, client.post(f"{address}/made", photo))["Location"]
        assert "EX-2026-7" in seen(client.get(made))
        assert "front.png" in seen(client.get(address))
        assert "Art. 38(1)-(3)" in seen(client.get(f"{address}/send"))
        assert exhibits.exhibit(reference, viewer=viewer)["waiting"] == ""


def test_a_record_that_has_no_form_is_no_address(evidence_world: World):
    stage, item = evidence_world.stage, evidence_world.items["held"]
    with seated(stage, stage.nl) as client:
        for event in ("acquisition", "transfer", "export", "nothing", "placement"):
            assert client.get(f"/evidence/{item}/record/{event}").status_code == 404


def test_a_marking_keeps_its_scheme_and_a_code_of_another_is_refused(evidence_world: World):
    stage, item = evidence_world.stage, evidence_world.items["held"]
    marking: JsonObject = {"scheme": "europol_4x4", "code": "D2", "light": "amber", "reason": "Evaluated."}
    with seated(stage, stage.nl) as client:
        page = f"/evidence/{item}/record/marking"
        assert "no code of the scheme europol_4x4" in summary(client.post(page, marking))
        assert "no code of the scheme" in summary(client.post(page, marking | {"scheme": "", "code": "B2"}))
        assert "stand together" in summary(client.post(page, marking | {"code": "B2", "codes": ["H3"]}))
        stated = marking | {"code": "B2", "codes": ["H1"], "objects": ["object:server"], "offences": ["offence:drugs"]}
        signed(client, client.post(page, stated))
        viewer = stage.seat(stage.nl, "custodian").entry.actor
        standing = custody.item_standing(item, viewer=viewer)
        assert standing.reliability[0][1].as_record() == {"scheme": "europol_4x4", "source": "B", "content": "2"}
        assert reads.items(viewer=viewer, tag="object:server")[0]["id"] == item
        shown = seen(client.get(f"/evidence/{item}"))
        for words in (
            "Europol",
            "TLP:AMBER",
            "H1: no evidence in court",
            "Server",
            "A handling code bars it from a court",
        ):
            assert words in shown


def test_the_gaps_stand_on_the_page_before_the_hand_over(evidence_world: World):
    stage, item = evidence_world.stage, evidence_world.items["held"]
    with seated(stage, stage.nl) as client:
        shown = seen(client.get(f"/evidence/{item}"))
        assert "What a court will look for" in shown
        assert "who collected it there is not recorded" in shown
        assert "keeps no admissibility profile" in seen(client.get(f"/evidence/{item}?profile=zz"))
