"""A form with a file, read while it comes: in order, whole, bounded, and never written down."""

import io
import os
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import RequestFactory

from comity.errors import ComityError
from comity.web.shell import uploads
from comity.web.shell.uploads import FileEmpty, UploadBroken, UploadTooLarge, receive

BOUNDARY = "----comity"
Part = tuple[str, str | None, bytes]


def body(*parts: Part, end: bytes = f"--{BOUNDARY}--\r\n".encode()) -> bytes:
    written = b""
    for name, file, content in parts:
        said = f'; filename="{file}"' if file is not None else ""
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{said}\r\n\r\n'
        written += head.encode() + content + b"\r\n"
    return written + end


def request(data: bytes, *, length: int | None = None, kind: str = "multipart/form-data") -> HttpRequest:
    made = RequestFactory().generic("POST", "/", data, content_type=f"{kind}; boundary={BOUNDARY}")
    if length is not None:
        made.META["CONTENT_LENGTH"] = str(length)
        made._stream.limit = length  # type: ignore[attr-defined]  # as a server hands over a body that breaks off
        made._stream._read = io.BytesIO(data).read  # type: ignore[attr-defined]
    return made


def whole(data: bytes, **more: Any) -> bytes:
    upload = receive(request(data, **more))
    assert upload.file is not None
    read, buffer = b"", memoryview(bytearray(7000))
    while count := upload.file.readinto(buffer):
        read += bytes(buffer[:count])
    return read


CONTENTS = [
    b"x",
    b"\r\n",
    b"--",
    b"\r\n--",
    b"line\r\n--------comit",
    f"\r\n--{BOUNDARY[:-1]}\r\n".encode(),
    b"\r\n" * 5000,
    *(
        os.urandom(size)
        for size in (63, uploads.PIECE_BYTES - 1, uploads.PIECE_BYTES, uploads.PIECE_BYTES + 1, 1_500_000)
    ),
]


@pytest.mark.parametrize("content", CONTENTS, ids=lambda content: f"{len(content)}-bytes")
def test_a_file_comes_out_byte_for_byte(content: bytes):
    data = body(("a", None, b"1"), ("file", "image.dd", content))
    assert whole(data) == content
    assert receive(request(data)).fields.dict() == {"a": "1"}


def test_fields_are_there_before_a_byte_of_the_file_is_asked_for():
    upload = receive(request(body(("a", None, "ä".encode()), ("a", None, b"2"), ("file", "x", b"0" * 2_000_000))))
    assert upload.fields.getlist("a") == ["ä", "2"]
    assert upload.file is not None
    assert upload.file.name == "x"


def test_a_form_without_a_file_has_its_fields():
    for data in (body(("a", None, b"1")), body(("a", None, b"1"), ("file", "", b""))):
        upload = receive(request(data))
        assert upload.file is None
        assert upload.fields["a"] == "1"


@pytest.mark.parametrize("after", [("late", None, b"1"), ("file", "second", b"2")])
def test_nothing_may_follow_the_file(after: Part):
    with pytest.raises(UploadBroken, match="must come last"):
        whole(body(("file", "x", b"content"), after))


@pytest.mark.parametrize("end", [b"", b"--", f"--{BOUNDARY}".encode(), f"--{BOUNDARY}\r\n".encode(), b"\r\n"])
def test_a_form_that_does_not_end_as_it_must_is_no_form(end: bytes):
    with pytest.raises(UploadBroken):
        whole(body(("file", "x", b"content"), end=end))


def test_what_hides_behind_the_end_is_refused():
    with pytest.raises(UploadBroken):
        whole(body(("file", "x", b"content")) + b"more")


@pytest.mark.parametrize("cut", [1, 10, 40, 100, 500_000, 999_990])
def test_a_body_that_breaks_off_is_never_taken_for_a_whole_one(cut: int):
    data = body(("a", None, b"1"), ("file", "x", os.urandom(1_000_000)))
    with pytest.raises(UploadBroken, match=r"of \d+ bytes came"):
        whole(data[:-cut], length=len(data))


def test_a_file_that_is_empty_or_too_large_is_refused(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(FileEmpty):
        whole(body(("file", "x", b"")))
    monkeypatch.setattr(uploads, "EVIDENCE_BYTES_MAX", 10_000)
    assert len(whole(body(("file", "x", b"1" * 10_000)))) == 10_000
    with pytest.raises(UploadTooLarge):
        whole(body(("file", "x", b"1" * 10_001)))
    with pytest.raises(UploadTooLarge):
        receive(request(b"", length=2**40))


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "multipart/form-data"),
        (b"a=1", "application/x-www-form-urlencoded"),
        (b"{}", "application/json"),
    ],
)
def test_what_is_no_form_with_a_file_is_refused(data: bytes, kind: str):
    with pytest.raises(UploadBroken):
        receive(request(data, kind=kind))


@pytest.mark.parametrize(
    "data",
    [
        body(("a", None, b"\xff\xfe")),
        body(("a", None, b"x" * (uploads.FIELD_BYTES_MAX + 1))),
        body(*(("a", None, b"1") for _ in range(uploads.FIELDS_MAX + 2))),
        body(("a" * 5000, None, b"1"), ("b", None, b"1")),
        body(("file", "x", b"eA==")).replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: base64\r\n\r\n", 1),
    ],
    ids=["no-utf-8", "long-field", "many-fields", "long-head", "encoded"],
)
def test_fields_are_bounded_and_plain(data: bytes):
    with pytest.raises(ComityError):
        receive(request(data))


def test_a_drained_form_is_read_to_its_end():
    made = request(body(("file", "x", b"1" * 3_000_000)))
    receive(made).drain()
    assert made.read(1) == b""


def test_a_length_that_is_not_said_is_refused():
    made = request(body(("a", None, b"1")))
    made.META["CONTENT_LENGTH"] = ""
    with pytest.raises(UploadBroken, match="beforehand"):
        receive(made)
