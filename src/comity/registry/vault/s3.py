"""Sealed items in a bucket (S3), which the node asks over the network and does not trust.

[vault.s3]                                      # left out of node.toml: sealed items lie in the node's folder
endpoint = "https://s3.example"                 # over https, or on loopback
bucket = "evidence"
prefix = "nl"                                   # several nodes can share a bucket
region = "eu-central-1"
key_id = "AKIDEXAMPLE"                          # its secret lies in keys/vault-s3, mode 0600

    <prefix>/parts/<item>/<seal>/0000000        the sealed item, cut every 8 MiB
    <prefix>/items/<item>.json                  {"bytes": ..., "seal": ...}: the item is there once this is

* Each object is put with `If-None-Match: *`: the bucket itself refuses to write one twice. A multipart upload cannot be
  completed like that through `obstore`, and one that a killed process left is seen by no listing; parts are.
* Before a bucket is written to, a note lies in the folder's `drafts`, locked by who works: what is left is swept by it.
"""

import fcntl
import os
import re
import secrets
import tomllib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import S3Store

from comity.canon import NotCanonical, canonical, parse_object
from comity.errors import N_, ComityError
from comity.evidence.seal import SEGMENT_BYTES
from comity.registry import keys
from comity.registry.doors import is_safe
from comity.registry.vault.local import draft_path, drafts, left_drafts, settle_names
from comity.registry.vault.shelf import AlreadySealed, NotInTheVault

if TYPE_CHECKING:
    from obstore.store import S3Credential  # there for type checkers only

PART_BYTES: Final = 8 * SEGMENT_BYTES
UPLOADS: Final = 3
"""Parts on their way at once; one more is being filled."""

RECORD_BYTES_MAX: Final = 1024
SEALED_BYTES_MAX: Final = 2**41
SAID_CHARACTERS_MAX: Final = 200
TIMEOUT: Final = timedelta(seconds=120)
RETRY_TIMEOUT: Final = timedelta(seconds=20)
RETRIES: Final = 4

_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX: Final = re.compile(r"[a-z0-9-]{1,64}")
_SEAL: Final = re.compile(r"[0-9a-f]{32}")


class BucketUnusable(ComityError):
    """The bucket that keeps the sealed items cannot be used."""

    code = "vault.bucket_unusable"
    sentence = N_("the bucket {bucket} cannot be used: {why}")
    hint = N_(
        "See that it answers, that [vault.s3] in node.toml names it, and that keys/vault-s3 holds the secret: "
        "`comity doctor` tries it."
    )


class PartMissing(ComityError):
    """The bucket does not give what was put into it."""

    code = "vault.part_missing"
    sentence = N_("part {part} of item {item} is not in the bucket as it was put there")
    hint = N_("Restore it in the bucket from a copy; the sealed item cannot be read without it.")


@dataclass(frozen=True)
class Place:
    """Which bucket, where, and under whose name."""

    endpoint: str
    bucket: str
    prefix: str
    region: str
    key_id: str


@dataclass(frozen=True)
class Kept:
    """What the bucket says of an item: its length, and the seal whose parts it is made of."""

    size: int
    seal: str

    def part_bytes(self, number: int) -> int:
        """The length of a part."""
        return min(PART_BYTES, self.size - number * PART_BYTES)

    def to_bytes(self) -> bytes:
        return canonical({"bytes": self.size, "seal": self.seal})


def place_of(folder: Path) -> Place | None:
    """The bucket of a node; None where sealed items lie in its folder. Raises `BucketUnusable`."""
    told = tomllib.loads((folder / "node.toml").read_text(encoding="utf-8")) if (folder / "node.toml").exists() else {}
    match told.get("vault", {}).get("s3"):
        case None:
            return None
        case {
            "endpoint": str(endpoint),
            "bucket": str(bucket),
            "prefix": str(prefix),
            "region": str(region),
            "key_id": str(key_id),
            **rest,
        } if not rest and _BUCKET.fullmatch(bucket) and _PREFIX.fullmatch(prefix):
            if not is_safe(endpoint):
                raise BucketUnusable(bucket=bucket, why="it is reached over https, or on loopback")
            return Place(endpoint=endpoint, bucket=bucket, prefix=prefix, region=region, key_id=key_id)
    why = "expected exactly endpoint, bucket, prefix, region and key_id in [vault.s3]"
    raise BucketUnusable(bucket="of node.toml", why=why)


@lru_cache(maxsize=16)
def _client(place: Place, secret: str) -> S3Store:
    """The connection to a bucket; what the environment says of S3 does not count."""
    credential: S3Credential = {"access_key_id": place.key_id, "secret_access_key": secret, "expires_at": None}
    return S3Store(
        place.bucket,
        prefix=place.prefix,
        endpoint=place.endpoint,
        region=place.region,
        conditional_put="etag",
        skip_signature=False,
        virtual_hosted_style_request=False,
        client_options={"allow_http": place.endpoint.startswith("http:"), "timeout": TIMEOUT},
        retry_config={"max_retries": RETRIES, "retry_timeout": RETRY_TIMEOUT},
        credential_provider=lambda: credential,
    )


class Bucket:
    """A shelf (`Shelf`) in a bucket; notes of what is under way lie in the vault's own folder."""

    def __init__(self, folder: Path, place: Place) -> None:
        self._folder, self._place = folder, place
        self._store = _client(place, keys.bucket_secret(folder.parent))

    def held(self, item: str) -> bool:
        return self._kept(item) is not None

    @contextmanager
    def draft(self, item: str) -> Iterator["Upload"]:
        seal = secrets.token_hex(16)
        with self._noted(item, seal), ThreadPoolExecutor(max_workers=UPLOADS) as uploads:
            yield Upload(self, item, seal, uploads=uploads)

    def adopt(self, item: str, file: Path) -> None:
        with file.open("rb") as arrived, self.draft(item) as draft:
            while piece := arrived.read(SEGMENT_BYTES):
                draft.write(piece)
            draft.publish()
        file.unlink()

    def size(self, item: str) -> int:
        return self._must_be_kept(item).size

    def pieces(self, item: str) -> Iterator[bytes]:
        kept = self._must_be_kept(item)
        for number in range(-(-kept.size // PART_BYTES)):
            part = memoryview(self._part(item, kept, number, start=0, end=kept.part_bytes(number)))
            for start in range(0, len(part), SEGMENT_BYTES):
                yield bytes(part[start : start + SEGMENT_BYTES])

    def range(self, item: str, *, offset: int, length: int) -> bytes:
        kept, found = self._must_be_kept(item), []
        end = min(offset + length, kept.size)
        while offset < end:
            number, start = divmod(offset, PART_BYTES)
            found.append(self._part(item, kept, number, start=start, end=min(PART_BYTES, start + end - offset)))
            offset += len(found[-1])
        return b"".join(found)

    def discard(self, item: str) -> None:
        kept = self._kept(item)
        if kept is not None:
            with self._noted(item, kept.seal):
                self._delete([_record_path(item)])  # first: an item that lacks parts is not there any more
                self._tidy(item, kept.seal)

    def sweep(self) -> int:
        swept = 0
        for note in left_drafts(self._folder):
            item, _, seal = note.name.partition(".seal-")
            with suppress(BucketUnusable):  # the note stays, and the next sweep asks again
                self._tidy(item, seal)
                note.unlink(missing_ok=True)
                swept += 1
        return swept

    def hold_writes_once(self) -> None:
        """Hold that the bucket answers, takes an object and refuses to write it twice; raises `BucketUnusable`."""
        probe = f"probes/{secrets.token_hex(16)}"
        try:
            for again in (False, True):
                if self.put_once(probe, b"Comity tries whether this is written twice.") == again:
                    raise BucketUnusable(
                        bucket=self._place.bucket, why="it writes an object twice (it does not heed If-None-Match)"
                    )
        finally:
            self._delete([probe])

    def put_once(self, path: str, data: bytes | memoryview) -> bool:
        """Put an object; False if there is one of that name. Raises `BucketUnusable`."""
        with self._asking():
            try:
                obstore.put(self._store, path, data, mode="create", use_multipart=False)
            except AlreadyExistsError:
                return False
            except FileNotFoundError as missing:
                self._refuse(missing)
            return True

    def publish(self, item: str, kept: Kept) -> None:
        """Say that the parts of a seal are the item; raises `AlreadySealed` where another seal came first."""
        if not self.put_once(_record_path(item), kept.to_bytes()) and self._kept(item) != kept:
            raise AlreadySealed(item=item)

    def _must_be_kept(self, item: str) -> Kept:
        kept = self._kept(item)
        if kept is None:
            raise NotInTheVault(item=item)
        return kept

    def _kept(self, item: str) -> Kept | None:
        with self._asking():
            try:
                found = obstore.get(self._store, _record_path(item))
            except FileNotFoundError:
                return None
            data = bytes(found.bytes()) if found.meta["size"] <= RECORD_BYTES_MAX else b""
        with suppress(NotCanonical):
            match parse_object(data, limit=RECORD_BYTES_MAX):
                case {"bytes": int(size), "seal": str(seal), **rest} if not rest and _SEAL.fullmatch(seal):
                    if 0 < size <= SEALED_BYTES_MAX:
                        return Kept(size=size, seal=seal)
        raise BucketUnusable(bucket=self._place.bucket, why=f"what it says of item {item} was not written by a vault")

    def _part(self, item: str, kept: Kept, number: int, *, start: int, end: int) -> bytes:
        with self._asking():
            try:
                path = part_path(item, kept.seal, number)
                data = bytes(obstore.get_range(self._store, path, start=start, end=end))
            except FileNotFoundError as missing:
                raise PartMissing(item=item, part=number) from missing
        if len(data) != end - start:
            raise PartMissing(item=item, part=number)
        return data

    @contextmanager
    def _noted(self, item: str, seal: str) -> Iterator[None]:
        """Leave a note of what is done in the bucket; what breaks off within leaves no parts and no note."""
        drafts(self._folder).mkdir(parents=True, exist_ok=True)
        note = draft_path(self._folder, item, seal=seal)
        with note.open("ab") as held:
            fcntl.flock(held, fcntl.LOCK_EX)  # as long as this process lives, nobody sweeps the parts
            settle_names(drafts(self._folder))
            try:
                yield
            except BaseException:
                with suppress(BucketUnusable):  # then the note stays for a sweep
                    self._tidy(item, seal)
                    note.unlink(missing_ok=True)
                raise
            note.unlink(missing_ok=True)

    def _tidy(self, item: str, seal: str) -> None:
        """Throw away the parts of a seal, unless they are the item."""
        kept = self._kept(item)
        if kept is None or kept.seal != seal:
            with self._asking():
                found = obstore.list(self._store, f"parts/{item}/{seal}", chunk_size=1000)
                parts = [one["path"] for some in found for one in some]
            self._delete(parts)

    def _delete(self, paths: list[str]) -> None:
        with self._asking(), suppress(FileNotFoundError):
            obstore.delete(self._store, paths)

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            yield
        except BaseError as failed:
            self._refuse(failed)

    def _refuse(self, failed: Exception) -> NoReturn:
        said = os.linesep.join(str(failed).splitlines()[:1])[:SAID_CHARACTERS_MAX]
        raise BucketUnusable(bucket=self._place.bucket, why=f"{type(failed).__name__} {said}") from failed


class Upload:
    """A sealed item on its way into the bucket: a part is filled while those before it travel."""

    def __init__(self, bucket: Bucket, item: str, seal: str, *, uploads: ThreadPoolExecutor) -> None:
        self._bucket, self._item, self._seal, self._uploads = bucket, item, seal, uploads
        self._buffers = [memoryview(bytearray(PART_BYTES)) for _ in range(UPLOADS + 1)]
        self._sent: list[Future[bool] | None] = [None] * len(self._buffers)
        self._number = self._filled = 0

    def write(self, data: bytes | memoryview, /) -> None:
        view = memoryview(data)
        while view:
            room = self._buffers[self._number % len(self._buffers)][self._filled :]
            taken = view[: len(room)]
            room[: len(taken)] = taken
            view = view[len(taken) :]
            self.wrote(len(taken))

    def room(self, length: int, /) -> memoryview:
        part = self._buffers[self._number % len(self._buffers)][self._filled : self._filled + length]
        assert len(part) == length, "segments end where parts end"
        return part

    def wrote(self, length: int, /) -> None:
        self._filled += length
        if self._filled == PART_BYTES:
            self._send()

    def publish(self) -> None:
        size = self._number * PART_BYTES + self._filled
        if self._filled:
            self._send()
        for sent in self._sent:
            if sent is not None:
                sent.result()
        self._bucket.publish(self._item, Kept(size=size, seal=self._seal))

    def _send(self) -> None:
        """Send the part that is filled, and wait until the next buffer is free."""
        place = self._number % len(self._buffers)
        path = part_path(self._item, self._seal, self._number)
        # The seal is a fresh random name: a part that is there already is this one, put by a try whose answer was lost.
        self._sent[place] = self._uploads.submit(self._bucket.put_once, path, self._buffers[place][: self._filled])
        self._number, self._filled = self._number + 1, 0
        waiting = self._sent[self._number % len(self._buffers)]
        if waiting is not None:
            waiting.result()


def part_path(item: str, seal: str, number: int) -> str:
    """Where a part lies in the bucket."""
    assert item.isalnum(), "item ids are ours: 32 hexadecimal characters"
    return f"parts/{item}/{seal}/{number:07}"


def _record_path(item: str) -> str:
    assert item.isalnum(), "item ids are ours: 32 hexadecimal characters"
    return f"items/{item}.json"
