"""The rim of a node's web process: what is streamed, what is secret, and what https changes."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import path

import live
from comity.node.application import application_for
from comity.registry import keys
from comity.registry.act import Node, current

made: list[str] = []


def streamed(_request: HttpRequest) -> StreamingHttpResponse:
    def pieces() -> Iterator[bytes]:
        for number in range(3):
            made.append(f"{current().id} {number}")
            yield b"x" * 1000

    answer = StreamingHttpResponse(pieces())
    answer._resource_closers.append(lambda: made.append(f"{current().id} closed"))  # type: ignore[attr-defined]
    return answer


def secure(request: HttpRequest) -> StreamingHttpResponse:
    request.session["seen"] = True
    return StreamingHttpResponse([str(request.is_secure()).encode()])


_SET = (
    *("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "LANGUAGE_COOKIE_SECURE", "SECURE_HSTS_SECONDS"),
    *("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "LANGUAGE_COOKIE_NAME"),
)
urlpatterns = [path("streamed", streamed), path("secure", secure)]


@pytest.fixture
def at_these_urls(monkeypatch: pytest.MonkeyPatch) -> None:
    """The addresses of this module in the place of a node's; what a node sets is put back."""
    monkeypatch.setattr(settings, "ROOT_URLCONF", __name__)
    for name in _SET:
        monkeypatch.setattr(settings, name, getattr(settings, name))
    monkeypatch.setattr(settings, "ALLOWED_HOSTS", list(settings.ALLOWED_HOSTS))


def asked(node: Node, address: str) -> tuple[Any, dict[str, str]]:
    """The body of an answer as a server gets it, and its headers."""
    headers: dict[str, str] = {}

    def start(_status: str, given: list[tuple[str, str]], *_: object) -> None:
        headers.update({name.lower(): value for name, value in given})

    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": address,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "HTTP_HOST": "ut.localhost",
        "wsgi.input": io.BytesIO(),
        "wsgi.url_scheme": "http",
        "wsgi.file_wrapper": list,
    }
    return application_for(node)(environ, start), headers


@pytest.mark.usefixtures("at_these_urls")
def test_a_streamed_answer_is_made_piece_by_piece_with_its_node_active(tmp_path: Path):
    made.clear()
    body, _ = asked(live.unfounded(tmp_path / "ut"), "/streamed")
    assert made == []
    assert next(body) == b"x" * 1000
    assert made == ["ut 0"]
    assert len(b"".join(body)) == 2000
    body.close()
    assert made == ["ut 0", "ut 1", "ut 2", "ut closed"]


@pytest.mark.usefixtures("at_these_urls")
@pytest.mark.parametrize(("url", "known"), [("https://ut.example", b"True"), ("", b"False")])
def test_a_node_that_is_reached_over_https_knows_it_and_keeps_its_cookies_to_it(tmp_path: Path, url: str, known: bytes):
    body, headers = asked(live.unfounded(tmp_path / "ut", url=url), "/secure")
    assert b"".join(body) == known
    body.close()
    assert ("Secure" in headers["set-cookie"]) is (known == b"True")
    assert headers["set-cookie"].strip().startswith("__Host-comity_session=") is (known == b"True")
    assert "Domain" not in headers["set-cookie"]
    assert "Path=/" in headers["set-cookie"]
    assert ("strict-transport-security" in headers) is (known == b"True")


def test_a_node_has_a_secret_for_its_web_process_that_nobody_else_reads(tmp_path: Path):
    node = live.unfounded(tmp_path / "ut")
    secret = keys.web_secret(node.folder)
    assert len(secret) == 64
    assert keys.web_secret(node.folder) == secret
    (node.folder / "keys" / "web").chmod(0o644)
    with pytest.raises(keys.KeyFileUnsafe):
        keys.web_secret(node.folder)
