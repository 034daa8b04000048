"""What fetching a page costs: processor time and memory, of kind peers and of hostile ones.

Run by `make bench`. Times are those of the fetching thread alone, the median of several, so that
neither the peer nor a busy machine is in them. Memory is the most that Python's own
objects took meanwhile, of both ends.
"""

import gzip
import os
import statistics
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path

os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="postil-bench-")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "blog.settings")
ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

import brotli
import django

django.setup()

from peers import Peer, forever, page

from blog.net.fetch import LIMIT, FetchError, fetch

ROUNDS = 9
CHUNKED = page(b"", length=False, transfer_encoding="chunked")
TEXT = (b"<p>" + bytes(range(32, 127)) * 30)[:2000] * (LIMIT // 2000)


def packed(coding: str, size: int) -> bytes:
    pack = gzip.compress if coding == "gzip" else lambda data: brotli.compress(data, quality=4)
    return page(pack(bytes(size)), content_encoding=coding)


def cases() -> dict[str, object]:
    return {
        "a page of 20 KB": page(TEXT[:20_000]),
        "a page of 1 MiB": page(TEXT),
        "1 MiB, unpacked from gzip": page(gzip.compress(TEXT), content_encoding="gzip"),
        "1 MiB in chunks of 100 bytes": forever(b"64\r\n%s\r\n" % TEXT[:100] * 100, CHUNKED),
        "64 KiB of chunks of a byte": forever(b"1\r\nx\r\n" * 1000, CHUNKED),
        "64 KiB of headers": forever(b"X: y\r\n" * 1000, b"HTTP/1.1 200 OK\r\n"),
        "64 KiB of interim answers": forever(b"HTTP/1.1 102 Wait\r\n\r\n" * 500),
        "a gzip bomb of 200 MiB": packed("gzip", 200 * LIMIT),
        "a brotli bomb of 200 MiB": packed("br", 200 * LIMIT),
    }


def ended(url: str, **options: object) -> str:
    try:
        response = fetch(url, **options)
    except FetchError as error:
        return error.kind
    return f"{len(response.body):,}{' and more' if response.truncated else ''}"


def timed(url: str, **options: object) -> float:
    began = time.thread_time()
    ended(url, **options)
    return 1000 * (time.thread_time() - began)


def main() -> None:
    print(f"{'fetching':<32}{'ms of CPU':>10}{'MiB':>7}   ends with")
    for name, answer in cases().items():
        with Peer(answer) as peer:
            options = {"allowed": [peer.place]}
            ended(peer.url(), **options)
            tracemalloc.start()
            end = ended(peer.url(), **options)
            more = tracemalloc.get_traced_memory()[1] / LIMIT
            tracemalloc.stop()
            cost = statistics.median(timed(peer.url(), **options) for _ in range(ROUNDS))
        print(f"{name:<32}{cost:>10.1f}{more:>7.1f}   {end}")
    cost = statistics.median(timed("http://10.0.0.1/") for _ in range(ROUNDS))
    print(f"{'an address that is refused':<32}{cost:>10.2f}")


if __name__ == "__main__":
    main()
