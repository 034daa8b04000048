"""Content codings: which one a reader accepts, and how text is compressed."""

import gzip
from collections.abc import Callable
from functools import lru_cache

import brotli
import zstandard

# Brotli's level 7 takes 1.5 ms for an essay with 25 comments and its stylesheet, a fiftieth of what
# level 11 takes, and a quarter more than level 5, which leaves it 0.6 % larger. Zstandard's 12
# would be 0.4 % smaller than 9, and take twice as long.
BROTLI_QUALITY, ZSTD_LEVEL, GZIP_LEVEL = 7, 9, 6
# It looks back over 64 KB (two to the power of this), which most pages are smaller than. To look
# further takes a table of 8 MB for each text, and up to 5 ms of the system's time to provide it.
BROTLI_WINDOW = 16
# What reaches a reader in the first round trip: ten packets of 1,460 bytes (RFC 6928), less 1,102
# that headers took when they were last measured.
FIRST_ROUND_TRIP = 14_600 - 1_102
# A page that misses it by at most this share is compressed by Brotli's level 10, which takes 35 ms
# and saves 5 to 6 %: a second round trip takes a reader longer, each time the page is read.
NEARLY, HARDER = 0.05, 10
# Under this many bytes the headers outweigh what compression saves.
COMPRESS_FROM = 400

IDENTITY = "identity"


def by_brotli(body: bytes) -> bytes:
    packed: bytes = brotli.compress(body, quality=BROTLI_QUALITY, lgwin=BROTLI_WINDOW)
    if FIRST_ROUND_TRIP < len(packed) <= FIRST_ROUND_TRIP * (1 + NEARLY):
        packed = brotli.compress(body, quality=HARDER)
    return packed


# The one that gives the fewest bytes first.
CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "br": by_brotli,
    "zstd": lambda body: zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(body),
    "gzip": lambda body: gzip.compress(body, compresslevel=GZIP_LEVEL, mtime=0),
}


@lru_cache(maxsize=512)
def best_coding(accept_encoding: str) -> str:
    """Return the best coding of ours that an Accept-Encoding header takes (RFC 9110, 12.5.3).

    That is the one with the greatest weight, and of several with the same the smallest.
    """
    weights = {}
    for part in accept_encoding.lower().split(","):
        coding, _, parameter = part.partition(";")
        name, _, value = parameter.replace(" ", "").partition("=")
        try:
            weights[coding.strip()] = float(value) if name == "q" else 1.0
        except ValueError:
            weights[coding.strip()] = 0.0
    weight = {coding: weights.get(coding, weights.get("*", 0.0)) for coding in CODINGS}
    best = max(CODINGS, key=lambda coding: weight[coding])
    return best if weight[best] > 0 else IDENTITY
