"""`comity log` about witnesses, findings, time stamps and the log's key, as an overseer and a stranger type it."""

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from authority import TimeAuthority
from comity.cli import comity
from comity.registry.jobs import time_stamps, witnesses, worker
from couriers import card, hand_in
from registry_acts import append_many
from stage import staged
from witnessing import sequence, signed, witnessed_by


def said(*words: object, status: int = 0) -> Any:
    """What a command prints as JSON."""
    result = CliRunner().invoke(comity, ["log", *(str(one) for one in words), "--json"])
    assert result.exit_code == status, result.output
    return json.loads(result.stdout) if status == 0 else result.output


def test_what_is_found_is_shown_proven_to_a_stranger_and_closed(tmp_path: Path):
    with staged(tmp_path) as stage:
        cv, nl = stage.cv, stage.nl
        here = ("--node", cv.folder, "--as", "otto")
        witnessed_by(cv, "nl")
        append_many(nl, 4)
        size = sequence(nl)
        sequence(cv)
        with cv.active():
            witnesses.watch(at=cv.clock.now())
            witnesses.ask(at=cv.clock.now())
        shown = said("witnesses", *here)
        assert (shown["cosigned"], shown["needed"], shown["open_findings"]) == (1, 1, 0)
        assert [one["origin"] for one in shown["watched"]] == [nl.log_origin]
        assert said("findings", *here) == []
        hand_in(b"old %d\n\n" % size + signed(nl, size, b"\x55" * 32), to=cv, address="/log/add-checkpoint")
        (found,) = said("findings", *here)
        file = tmp_path / "finding.json"
        file.write_text(json.dumps(found, ensure_ascii=False, separators=(",", ":"), sort_keys=True))
        assert said("verify-finding", file, "--vkey", card(nl).log_key)["sizes"] == [size, size]
        said("verify-finding", file, "--vkey", card(cv).log_key, status=1)
        said("settle", found["reference"], *here, "--reason", "They told us on the telephone what had happened.")
        assert said("findings", *here)[0]["settled_at"]
        said("settle", found["reference"], *here, "--reason", "Once more.", status=1)


def test_time_stamps_are_saved_and_verify_for_a_stranger(tmp_path: Path):
    authority = TimeAuthority(tmp_path / "tsa")
    with staged(tmp_path) as stage, authority.serving():
        cv = stage.cv
        (cv.folder / "roots.pem").write_bytes(authority.roots)
        told = f'\n[time_stamps]\nurl = "{authority.url}"\nroots = "roots.pem"\npolicies = []\n'
        with (cv.folder / "node.toml").open("a") as file:
            file.write(told)
        with cv.active():
            time_stamps.catch_up(at=cv.clock.now())
            worker.until_quiet(cv, steps_max=5)
        (stamp,) = said("time-stamps", "--node", cv.folder, "--as", "otto", "--save", tmp_path / "saved")
        token = tmp_path / "saved" / f"{stamp['digest']}.tsr"
        roots = ("--roots", authority.folder / "root.pem")
        verified = said("verify-time", token, "--digest", stamp["digest"], *roots)
        assert (verified["at"], verified["by"]) == (stamp["at"], "CN=Clock of Utopia")
        said("verify-time", token, "--digest", "0" * 64, *roots, status=1)
        said("verify-time", token, "--digest", stamp["digest"], *roots, "--policy", "1.2.3", status=1)
        before = card(cv).log_key
        rotated = said("rotate-key", "--node", cv.folder, "--as", "amara")
        assert rotated["log_key"] != before
        assert [one["key"] for one in rotated["former_log_keys"]] == [before]
