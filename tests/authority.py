"""A time-stamping authority of our own: OpenSSL's, with certificates made for the test, served over HTTP."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

POLICY, OTHER_POLICY = "1.3.6.1.4.1.99999.1.1", "1.3.6.1.4.1.99999.1.2"
_CONFIG = """[tsa]
default_tsa = here
[here]
serial = {folder}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = {policy}
other_policies = {other}
digests = sha256
{accuracy}
ess_cert_id_chain = no
"""

Key = ec.EllipticCurvePrivateKey


def certificate(
    name: str,
    key: Key,
    *,
    issuer: x509.Certificate | None = None,
    issuer_key: Key | None = None,
    usage: x509.ObjectIdentifier | None = None,
    from_: datetime,
    until: datetime,
) -> x509.Certificate:
    """A certificate for `name`; a root where no issuer is named."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(from_)
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=usage is None, path_length=None), critical=True)
    )
    if usage is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=True)
    return builder.sign(issuer_key or key, hashes.SHA256())


@dataclass
class TimeAuthority:
    """Certificates and key in a folder; `answer` is what OpenSSL makes of a request."""

    folder: Path
    usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.TIME_STAMPING
    days: tuple[int, int] = (-10, 10)
    policy: str = POLICY
    accuracy: str = "accuracy = secs:1"
    mood: str = "honest"
    asked: list[bytes] = field(default_factory=list)
    url: str = ""

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        now = datetime.now(UTC)  # noqa: TID251 - OpenSSL stamps with the machine's time
        from_, until = (now + timedelta(days=days) for days in self.days)
        root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        root = certificate("Root of Utopia", root_key, from_=from_, until=until)
        signer = certificate(
            "Clock of Utopia", key, issuer=root, issuer_key=root_key, usage=self.usage, from_=from_, until=until
        )
        pem = serialization.Encoding.PEM
        (self.folder / "root.pem").write_bytes(root.public_bytes(pem))
        (self.folder / "signer.pem").write_bytes(signer.public_bytes(pem))
        (self.folder / "key.pem").write_bytes(
            key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )
        (self.folder / "serial").write_text("01\n")
        told = _CONFIG.format(folder=self.folder, policy=self.policy, other=OTHER_POLICY, accuracy=self.accuracy)
        (self.folder / "tsa.cnf").write_text(told)

    @property
    def roots(self) -> bytes:
        return (self.folder / "root.pem").read_bytes()

    def answer(self, request: bytes) -> bytes:
        self.asked.append(request)
        (self.folder / "request").write_bytes(request)
        names = {"-queryfile": "request", "-signer": "signer.pem", "-inkey": "key.pem", "-config": "tsa.cnf"}
        command = ["openssl", "ts", "-reply", "-section", "here", "-out", str(self.folder / "answer")]
        for option, name in names.items():
            command += [option, str(self.folder / name)]
        subprocess.run(command, check=True, capture_output=True)
        return (self.folder / "answer").read_bytes()

    @contextmanager
    def serving(self) -> Iterator["TimeAuthority"]:
        """Answer on loopback, one at a time."""
        authority = self

        class Answering(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                request = self.rfile.read(int(self.headers["Content-Length"]))
                typed = self.headers["Content-Type"] == "application/timestamp-query"
                made = {"busy": b"", "vain": b"hello"}.get(authority.mood)
                made = authority.answer(request) if made is None else made
                self.send_response(503 if authority.mood == "busy" else 200 if typed else 415)
                self.end_headers()
                self.wfile.write(made)

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
