"""A provider of single sign-on that really answers on loopback, held to PKCE, and what a bad one would send instead."""

import base64
import hashlib
import io
import json
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit
from wsgiref.simple_server import make_server

import httpx
from django.test import Client

from stage import _Silent, _Threaded

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import oidc_provider_mock


@dataclass
class Provider:
    """The provider's address, what it was asked, and how its next answers are changed on their way."""

    issuer: str = ""
    challenges: dict[str, str] = field(default_factory=dict)
    redeemed: list[str] = field(default_factory=list)
    change: Callable[[str, dict[str, Any]], dict[str, Any]] | None = None
    down: bool = False

    def signs_in(self, address: str, subject: str) -> str:
        """Somebody signs in at the provider; where it sends the browser."""
        answer = httpx.post(address, data={"sub": subject}, follow_redirects=False)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]


def _held_to_pkce(told: Provider, app: Any) -> Any:
    """The provider's application, which also asks for the verifier that belongs to each code (RFC 7636)."""

    def answering(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        said: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
            said[:] = [status, headers]
            return lambda _data: None

        if told.down:
            start_response("503 Service Unavailable", [])
            return [b""]
        size = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(size)
        environ["wsgi.input"] = io.BytesIO(body)
        path = environ["PATH_INFO"]
        if path == "/oauth2/token":
            sent = parse_qs(body.decode())
            verifier, code = sent.get("code_verifier", [""])[0], sent["code"][0]
            digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
            if told.challenges.get(code) != digest:
                start_response("400 Bad Request", [("Content-Type", "application/json")])
                return [b'{"error": "invalid_grant"}']
            told.redeemed.append(code)
        with warnings.catch_warnings():  # its own library has changed since it was written
            warnings.simplefilter("ignore")
            answer = b"".join(app(environ, start))
        status, headers = said
        location = dict(headers).get("Location", "")
        if path == "/oauth2/authorize" and location:
            asked = parse_qs(environ["QUERY_STRING"])
            assert asked["code_challenge_method"] == ["S256"]
            told.challenges[parse_qs(urlsplit(location).query)["code"][0]] = asked["code_challenge"][0]
        if told.change and "json" in dict(headers).get("Content-Type", ""):
            answer = json.dumps(told.change(path, json.loads(answer))).encode()
            headers = [(name, value) for name, value in headers if name != "Content-Length"]
        start_response(status, headers)
        return [answer]

    return answering


@contextmanager
def serving() -> Iterator[Provider]:
    """The provider, answered by threads of this process."""
    told = Provider()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        app = oidc_provider_mock.app(require_nonce=True)
    server = make_server("127.0.0.1", 0, _held_to_pkce(told, app), server_class=_Threaded, handler_class=_Silent)
    told.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def came_back(client: Client, location: str) -> Any:
    """What the node answers to a browser that the provider sent back; the session's cookie stays at home (Strict)."""
    parts = urlsplit(location)
    return client.get(f"{parts.path}?{parts.query}")
