"""Names of hosts, as browsers read them."""

from __future__ import annotations

import unicodedata

_PUNYCODE = "xn--"
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
        label if label.isascii() else _PUNYCODE + label.encode("punycode").decode("ascii")
        for label in labels
    )


def own_letters(name: str) -> str:
    """Return a host's name in the letters of its script, where Punycode says them as browsers do.

    What ascii_name() writes in another way stays as it is: it could look like another host.
    """
    return ".".join(map(_own_label, name.split(".")))


def _own_label(label: str) -> str:
    folded = label.lower()
    if not folded.startswith(_PUNYCODE) or len(label) > _LABEL:
        return label
    try:
        said = folded[len(_PUNYCODE) :].encode("ascii").decode("punycode")
    except ValueError:
        return label
    return said if said.isprintable() and ascii_name(said) == folded else label
