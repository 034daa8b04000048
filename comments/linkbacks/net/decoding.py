"""Content codings undone piece by piece, and no further than is asked for.

A kilobyte can unpack to a megabyte, so nothing is unpacked whole and measured afterwards.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Protocol

import brotli

ACCEPTED = "gzip, deflate, br"

# How zlib is told the wrapping it is to expect.
_GZIP, _WRAPPED, _RAW = 31, 15, -15


class DecodingError(Exception):
    """The data is not in the coding it claims, or ends too early, or the coding is unknown."""


class Decoder(Protocol):
    """Undoes one content coding (RFC 9110 8.4.1)."""

    def decode(self, data: bytes, room: int) -> bytes:
        """Return what `data` unpacks to; of more than `room` bytes (at least 1) the rest is lost.

        A coding that works in blocks may return some more than that. Raises DecodingError.
        """

    def finish(self) -> None:
        """Raise DecodingError if the data ended too early."""


def decoder_for(codings: list[str]) -> Decoder:
    """Return what undoes these values of Content-Encoding, of which one may do something.

    A value that names no coding, such as `none` or `utf-8`, means nothing, as for browsers. Raises
    DecodingError for codings that were not asked for, and for several: each would multiply what
    the next unpacks.
    """
    named = [coding for coding in codings if coding in _CODINGS]
    if not named:
        return _Identity()
    if len(named) > 1 or named[0] not in _DECODERS:
        raise DecodingError(", ".join(named))
    return _DECODERS[named[0]]()


class _Identity:
    def decode(self, data: bytes, room: int) -> bytes:
        return data

    def finish(self) -> None:
        pass


class _Gzip:
    wrapping: int | None = _GZIP

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(self.wrapping) if self.wrapping else None

    def decode(self, data: bytes, room: int) -> bytes:
        if self._inner is None:
            # RFC 9110 means zlib's wrapping, which names its method, 8, in the first byte; some
            # servers send none.
            self._inner = zlib.decompressobj(_WRAPPED if data[0] & 15 == 8 else _RAW)
        if self._inner.eof:
            return b""
        try:
            return self._inner.decompress(data, room)
        except zlib.error as error:
            raise DecodingError(str(error)) from error

    def finish(self) -> None:
        if self._inner is None or not self._inner.eof:
            raise DecodingError("The data ended too early")


class _Deflate(_Gzip):
    wrapping = None


class _Brotli:
    def __init__(self) -> None:
        self._inner = brotli.Decompressor()

    def decode(self, data: bytes, room: int) -> bytes:
        if self._inner.is_finished():
            return b""
        unpacked = bytearray()
        try:
            unpacked += self._inner.process(data, output_buffer_limit=room)
            while len(unpacked) < room and not self._inner.can_accept_more_data():
                unpacked += self._inner.process(b"", output_buffer_limit=room - len(unpacked))
        except brotli.error as error:
            raise DecodingError(str(error)) from error
        return bytes(unpacked)

    def finish(self) -> None:
        if not self._inner.is_finished():
            raise DecodingError("The data ended too early")


# IANA's "HTTP Content Coding Registry", without identity.
_CODINGS = frozenset({
    "gzip", "x-gzip", "deflate", "br", "zstd", "compress", "x-compress", "dcb", "dcz", "exi",
    "aes128gcm", "pack200-gzip"
})  # fmt: skip

_DECODERS: dict[str, Callable[[], Decoder]] = {
    "gzip": _Gzip,
    "x-gzip": _Gzip,
    "deflate": _Deflate,
    "br": _Brotli,
}
