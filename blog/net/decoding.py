"""Decompresses an answer piece by piece, up to a limit.

A kilobyte can unpack to a megabyte, so the limit must hold while it is unpacked.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Protocol

import brotli

ACCEPTED = "gzip, deflate, br"

# Values of zlib's `wbits`: which header to expect.
_GZIP, _WRAPPED, _RAW = 31, 15, -15


class DecodingError(Exception):
    """The data is not in the coding it names, ends too early, or the coding is unknown."""


class Decoder(Protocol):
    """Decompresses one content coding (RFC 9110 8.4.1)."""

    def decode(self, data: bytes, room: int) -> bytes:
        """Return `data` unpacked, about `room` bytes (at least 1) of it; the rest is lost.

        A coding that works in blocks may return some more. Raises DecodingError.
        """

    def finish(self) -> None:
        """Raise DecodingError if the data ended too early."""


def decoder_for(codings: list[str]) -> Decoder:
    """Return the decoder for these values of Content-Encoding.

    Values that are not codings, such as `none` or `utf-8`, are ignored, as browsers do. Raises
    DecodingError for a coding that was not asked for, and for more than one, because each would
    multiply the size.
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
            # RFC 9110 asks for zlib's header, whose first byte holds the method 8; some servers
            # leave it out.
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
