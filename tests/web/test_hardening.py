"""What every answer says to a browser, what is refused from elsewhere, and which names are marked."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from comity.web.shell.templatetags.doubt import REASONS, doubted
from entering import House, built, copied, sat
from passkeys import browser


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder, keys = built()
    made = copied(folder, tmp_path_factory.mktemp("hard") / "ut", keys)
    with made.node.active():
        yield made
    made.node.close()


ANSWERS = ["/login", "/desk", "/nothing-here", "/static/comity/comity.css", "/health", "/log/checkpoint", "/me/ways-in"]


@pytest.mark.parametrize("path", ANSWERS)
def test_every_answer_says_what_a_browser_may_not_do_with_it(house: House, path: str):
    answer = browser(house.node).get(path)
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]
    assert "publickey-credentials-get=(self)" in answer["Permissions-Policy"]
    if path.startswith("/static"):
        b"".join(answer)
        answer.close()
        return
    assert answer["X-Frame-Options"] == "DENY"
    policy = dict(one.strip().partition(" ")[::2] for one in answer["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert {policy[one] for one in ("script-src", "style-src", "connect-src", "form-action")} == {"'self'"}
    assert "unsafe" not in answer["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/desk", "/letters", "/letters.csv", "/letters.json", "/me/ways-in", "/nothing-here"])
def test_no_answer_to_who_is_signed_in_is_kept(house: House, path: str):
    assert sat(house.node, house.keys["julia"]).get(path)["Cache-Control"] == "no-store"


def strict(house: House, **headers: str) -> Client:
    usual = {"host": f"ut.localhost:{house.node.port}"}
    return Client(enforce_csrf_checks=True, headers=usual | headers)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("path", ["/login", "/logout", "/language", "/me/ways-in/sessions/end-others", "/enrol/x"])
def test_what_another_site_sends_is_refused_before_any_form_is_read(house: House, site: str, path: str):
    relaxed = browser(house.node)
    assert relaxed.post(path, headers={"sec-fetch-site": site}).status_code == 403
    assert relaxed.post(path, headers={"sec-fetch-site": "same-origin"}).status_code != 403


def test_a_form_with_its_token_is_not_taken_from_another_origin(house: House):
    client = strict(house)
    client.get("/login")
    token = client.cookies["comity_csrf"].value
    sent = {"language": "pt", "csrfmiddlewaretoken": token}
    for origin in ("https://elsewhere.example", "http://nl.localhost:1", "null"):
        assert client.post("/language", sent, headers={"origin": origin}).status_code == 403, origin
    own = f"http://ut.localhost:{house.node.port}"
    assert client.post("/language", sent, headers={"origin": own}).status_code == 302


def test_other_nodes_are_no_browsers_and_are_not_asked_where_they_come_from(house: House):
    answer = strict(house).post("/peer/inbox", b"x", content_type="application/octet-stream")
    assert answer.status_code != 403


def test_a_name_that_looks_like_another_is_marked_where_it_is_shown(house: House):
    honest, odd = str(doubted("Ivo Tavares")), str(doubted("Ivо Tavares"))  # noqa: RUF001 - a Cyrillic letter
    assert honest == ""
    assert "Look twice" in odd
    assert str(REASONS["mixed"]) in odd
    assert "<script>" not in str(doubted("<script>а</script>"))  # noqa: RUF001 - as above


PLACES = [
    "shell/templates/shell/told.html",
    "officials/templates/officials/officials.html",
    "officials/templates/officials/person.html",
    "officials/templates/officials/invitation.html",
    "officials/templates/officials/nodes.html",
    "custodian/templates/custodian/evidence.html",
    "custodian/templates/custodian/item.html",
    "investigator/templates/investigator/case.html",
    "investigator/templates/investigator/cases.html",
    "login/templates/login/way.html",
]


@pytest.mark.parametrize("place", PLACES)
def test_names_of_people_cases_files_and_authorities_are_shown_with_their_mark(place: str):
    web = Path(__file__).parents[2] / "src" / "comity" / "web"
    assert "|doubted }}" in (web / place).read_text(encoding="utf-8")
