"""Files are taken in one place only (the custodian's intake), which streams them into the vault. Nowhere else.

Django's own handlers write large uploads to temporary files; plaintext evidence never lies in one. `receive` therefore reads
the body of the request itself: first the fields, then the file, piece by piece, while the vault asks for it.

* Memory does not grow with the file, and no thread is needed: the vault pulls, and the browser waits for it.
* The file must be the last part of the form: the fields that stand before it are checked before it is read.
* A body that breaks off is never taken for a whole one: what came is counted, and the end is looked at.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import (
    FIELD,
    FILE,
    ChunkIter,
    LazyStream,
    MultiPartParserError,
    Parser,
)
from django.http.request import UnreadablePostError
from django.utils.http import parse_header_parameters

from comity.errors import N_, ComityError
from comity.registry.limits import EVIDENCE_BYTES_MAX, UPLOADS_AT_ONCE_MAX

PIECE_BYTES: Final = 256 * 1024
FIELD_BYTES_MAX: Final = 64 * 1024
FIELDS_MAX: Final = 200
FORM_BYTES_MAX: Final = 1024 * 1024
"""What the fields and the headers of the parts may add to the length of the file."""

_BOUNDARY_CHARACTERS_MAX: Final = 201


class UploadBroken(ComityError):
    """The body of a request is not, whole and in order, a form with a file."""

    code = "uploads.upload_broken"
    sentence = N_("the upload broke off or is not in order: {why}")
    hint = N_("Nothing of it was kept. Choose the file again.")


class UploadTooLarge(ComityError):
    """A file is larger than this node takes."""

    code = "uploads.upload_too_large"
    sentence = N_("the file is larger than {most} bytes, and this node takes no larger one")
    hint = N_("Nothing of it was kept. Take it in as several items.")


class FileEmpty(ComityError):
    """There is nothing in the file."""

    code = "uploads.file_empty"
    sentence = N_("the file {name} is empty")
    hint = N_("Choose the file again.")


class TooManyUploads(ComityError):
    """Each upload holds a thread while its bytes come; some threads are kept for everything else."""

    code = "uploads.too_many_uploads"
    sentence = N_("{limit} files are arriving at this moment, and no more are taken at once")
    hint = N_("Try again when one of them is sealed.")


_ROOM: Final = threading.BoundedSemaphore(UPLOADS_AT_ONCE_MAX)


@contextmanager
def one_of_few() -> Iterator[None]:
    """Take one of the places for uploads; raises `TooManyUploads` when all are taken."""
    if not _ROOM.acquire(blocking=False):
        raise TooManyUploads(limit=UPLOADS_AT_ONCE_MAX)
    try:
        yield
    finally:
        _ROOM.release()


class NoUpload(FileUploadHandler):
    """Ends every upload that no view asked for."""

    def new_file(self, *_args: Any, **_kwargs: Any) -> None:
        raise StopUpload(connection_reset=True)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:  # noqa: ARG002 - Django's signature
        raise StopUpload(connection_reset=True)

    def file_complete(self, file_size: int) -> None:  # noqa: ARG002 - Django's signature
        """Never reached: the upload has ended."""
        raise StopUpload(connection_reset=True)


class _Body:
    """The body of the request, counted."""

    def __init__(self, request: HttpRequest) -> None:
        try:
            self._length = int(request.headers.get("Content-Length", ""))
        except ValueError:
            raise UploadBroken(why="its length was not said beforehand") from None
        if self._length > EVIDENCE_BYTES_MAX + FORM_BYTES_MAX:
            raise UploadTooLarge(most=EVIDENCE_BYTES_MAX)
        self._request = request
        self._read = 0

    def read(self, size: int, /) -> bytes:
        """The next bytes; raises `UploadBroken` where they should not end yet."""
        try:
            piece = self._request.read(size)
        except (OSError, UnreadablePostError) as gone:
            raise UploadBroken(why="the connection ended") from gone
        self._read += len(piece)
        if not piece and self._read < self._length:
            raise UploadBroken(why=f"{self._read} of {self._length} bytes came")
        return piece


class Arriving:
    """The file of an upload, read once, while it comes."""

    def __init__(self, name: str, part: Iterator[bytes], rest: Iterator[tuple[str, Any, LazyStream]]) -> None:
        self.name = name
        self._part = part
        self._rest = rest
        self._left = memoryview(b"")
        self._read = 0

    def readinto(self, buffer: memoryview) -> int:
        """Fill the buffer as far as a piece reaches; 0 after the end, which then is proven to be the end.

        Raises `UploadBroken`, `UploadTooLarge` or `FileEmpty`.
        """
        while not self._left:
            piece = next(self._part, None)
            if piece is None:
                self._hold_end()
                return 0
            self._left = memoryview(piece)
        taken = self._left[: len(buffer)]
        buffer[: len(taken)] = taken
        self._left = self._left[len(taken) :]
        self._read += len(taken)
        if self._read > EVIDENCE_BYTES_MAX:
            raise UploadTooLarge(most=EVIDENCE_BYTES_MAX)
        return len(taken)

    def _hold_end(self) -> None:
        """Hold that nothing follows the file but the mark that ends the form."""
        after = [part.read(8).strip() if kind not in {FIELD, FILE} else kind for kind, _, part in self._rest]
        if any(one in {FIELD, FILE} for one in after):
            raise UploadBroken(why="fields follow the file, which must come last")
        if after != [b"--"]:
            raise UploadBroken(why="the mark that ends the form is missing")
        if self._read == 0:
            raise FileEmpty(name=repr(self.name)[:80])


class Upload:
    """A form with at most one file, of which the fields have been read, and the file has not."""

    def __init__(self, fields: QueryDict, file: Arriving | None, body: _Body) -> None:
        self.fields = fields
        self.file = file
        self._body = body

    def drain(self) -> None:
        """Read what is left and forget it: a browser shows no answer before it has sent everything."""
        with suppress(UploadBroken):
            while self._body.read(PIECE_BYTES):
                continue


def receive(request: HttpRequest) -> Upload:
    """Read the fields of a form up to its file; raises `UploadBroken` or `UploadTooLarge`."""
    body = _Body(request)
    pieces = ChunkIter(body, PIECE_BYTES)  # type: ignore[arg-type]  # it reads, which is all that is asked of it
    parts = iter(Parser(LazyStream(pieces), _boundary(request)))
    fields = QueryDict(mutable=True)
    try:
        for count, (kind, headers, part) in enumerate(parts):
            if count >= FIELDS_MAX:
                raise UploadBroken(why=f"more than {FIELDS_MAX} fields")
            if kind not in {FIELD, FILE}:
                part.read(FIELD_BYTES_MAX)
                continue
            name, file_name = _names(headers)
            if kind == FILE:
                return Upload(fields, Arriving(file_name, iter(part), parts), body)
            fields.appendlist(name, _value(part, name))
    except (MultiPartParserError, UnicodeDecodeError) as broken:
        raise UploadBroken(why=str(broken)[:100]) from broken
    return Upload(fields, None, body)


def _boundary(request: HttpRequest) -> bytes:
    kind, parameters = parse_header_parameters(request.headers.get("Content-Type", "")[:1000])
    boundary = parameters.get("boundary", "")
    if kind != "multipart/form-data" or not boundary or len(boundary) > _BOUNDARY_CHARACTERS_MAX:
        raise UploadBroken(why="it is no form with a file")
    try:
        return boundary.encode("ascii")
    except UnicodeEncodeError:
        raise UploadBroken(why="it is no form with a file") from None


def _names(headers: Any) -> tuple[str, str]:
    """The name of the field, and of the file if it is one; the file's is shown to `safe_name` as it came."""
    if "content-transfer-encoding" in headers:
        raise UploadBroken(why="its parts are encoded, and browsers send them as they are")
    _, parameters = headers["content-disposition"]
    return parameters.get("name", b"").decode(), parameters.get("filename", b"").decode()


def _value(part: LazyStream, name: str) -> str:
    value = part.read(FIELD_BYTES_MAX + 1)
    if len(value) > FIELD_BYTES_MAX:
        raise UploadBroken(why=f"the field {name[:40]!r} has more than {FIELD_BYTES_MAX} bytes")
    return value.decode()
