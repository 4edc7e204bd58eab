"""Files are taken in one place only (the custodian's intake), which streams them into the vault. Nowhere else.

Django's own handlers write large uploads to temporary files; plaintext evidence never lies in one.
"""

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, StopUpload


class NoUpload(FileUploadHandler):
    """Ends every upload that no view asked for."""

    def new_file(self, *_args: Any, **_kwargs: Any) -> None:
        raise StopUpload(connection_reset=True)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:  # noqa: ARG002 - Django's signature
        raise StopUpload(connection_reset=True)

    def file_complete(self, file_size: int) -> None:  # noqa: ARG002 - Django's signature
        """Never reached: the upload has ended."""
        raise StopUpload(connection_reset=True)
