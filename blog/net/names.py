"""Names of hosts, as browsers read them."""

from __future__ import annotations

import unicodedata

_LABEL = 63  # RFC 1035 2.3.4; also bounds the time of Punycode, which is quadratic


def ascii_name(name: str) -> str:
    """Return a host's name in lower-case ASCII, other scripts in Punycode; "" if it cannot be one.

    Python's "idna" codec has the rules of 2003, which turn ß into ss, a different host. Browsers
    keep the letter (UTS 46, "nontransitional").
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).lower())
    labels = folded.replace("。", ".").removesuffix(".").split(".")
    if any(len(label) > _LABEL for label in labels):
        return ""
    return ".".join(
        label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")
        for label in labels
    )
