"""Tink's own streaming AEAD with a raw key of ours: the oracle for the seal (AES256_GCM_HKDF_1MB)."""

import io
from typing import Any, Final

import tink
from tink import cleartext_keyset_handle, streaming_aead
from tink.proto import aes_gcm_hkdf_streaming_pb2, common_pb2, tink_pb2

streaming_aead.register()

KEY_ID: Final = 1


class Kept(io.BytesIO):
    """Tink closes what it writes to; this one keeps what was written."""

    def close(self) -> None:
        self.written = self.getvalue()
        super().close()


def _primitive(key: bytes) -> Any:
    """The keyset has one raw key: no prefix before the header, as for every streaming AEAD."""
    parameters = aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingParams(
        ciphertext_segment_size=1024 * 1024, derived_key_size=32, hkdf_hash_type=common_pb2.SHA256
    )
    keyset = tink_pb2.Keyset(primary_key_id=KEY_ID)
    entry = keyset.key.add()
    entry.key_id, entry.status, entry.output_prefix_type = KEY_ID, tink_pb2.ENABLED, tink_pb2.RAW
    entry.key_data.type_url = "type.googleapis.com/google.crypto.tink.AesGcmHkdfStreamingKey"
    entry.key_data.key_material_type = tink_pb2.KeyData.SYMMETRIC
    entry.key_data.value = aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingKey(
        version=0, params=parameters, key_value=key
    ).SerializeToString()
    handle: tink.KeysetHandle = cleartext_keyset_handle.from_keyset(keyset)
    return handle.primitive(streaming_aead.StreamingAead)


def tink_seals(plaintext: bytes, *, key: bytes, item: str) -> bytes:
    """What Tink makes of it, the item's id being the associated data."""
    out = Kept()
    with _primitive(key).new_encrypting_stream(out, item.encode()) as stream:
        stream.write(plaintext)
    return out.written


def tink_opens(sealed: bytes, *, key: bytes, item: str) -> bytes:
    """What Tink reads out of it; raises what Tink raises."""
    with _primitive(key).new_decrypting_stream(io.BytesIO(sealed), item.encode()) as stream:
        plaintext: bytes = stream.read()
    return plaintext
