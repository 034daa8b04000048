"""`python tests/support/confusables_table.py`: writes comments/text/confusables.txt.

It asks the ICU library of this machine (Debian: libicu72, Unicode 15.0) for the UTS 39 skeleton
of every character that NFKC and NFD leave as it is, and adds Latin letters of other shapes that
the Unicode data leaves out: small capitals, letters in dark squares and circles, and flags.
"""

import ctypes
import ctypes.util
import re
import sys
import unicodedata
from pathlib import Path

TABLE = Path(__file__).resolve().parents[2] / "comments" / "text" / "confusables.txt"
SHAPES = re.compile(
    r"(?:LATIN LETTER SMALL CAPITAL|NEGATIVE SQUARED LATIN CAPITAL LETTER"
    r"|NEGATIVE CIRCLED LATIN CAPITAL LETTER|REGIONAL INDICATOR SYMBOL LETTER) ([A-Z])"
)
ABOUT = """\
# Characters that look alike: a prototype and what is drawn like it, as hexadecimal code points.
# Written by tests/support/confusables_table.py from ICU's table of Unicode {version},
# without what NFKC and NFD change and what holds no letter or digit; then Latin letters in other
# shapes. Unicode data: copyright Unicode, Inc., https://www.unicode.org/license.txt
"""


def icu():
    """Return the functions for a skeleton and for the version of Unicode."""
    name = ctypes.util.find_library("icui18n") or sys.exit("The ICU library was not found.")
    number = re.search(r"\.so\.(\d+)", name)[1]
    library = ctypes.CDLL(name)
    error = ctypes.c_int(0)
    opened = getattr(library, f"uspoof_open_{number}")
    opened.restype = ctypes.c_void_p
    checker = ctypes.c_void_p(opened(ctypes.byref(error)))
    ask = getattr(library, f"uspoof_getSkeletonUTF8_{number}")
    version = (ctypes.c_uint8 * 4)()
    core = ctypes.CDLL(ctypes.util.find_library("icuuc"))
    getattr(core, f"u_getUnicodeVersion_{number}")(version)

    def skeleton(text):
        given, made, failed = text.encode(), ctypes.create_string_buffer(400), ctypes.c_int(0)
        size = ask(checker, 0, given, len(given), made, len(made), ctypes.byref(failed))
        if failed.value > 0:
            sys.exit(f"ICU says {failed.value} of {text!r}.")
        return made.raw[:size].decode()

    return skeleton, f"{version[0]}.{version[1]}"


def pairs(skeleton):
    """Yield each character that has another prototype than itself, with that."""
    for point in range(sys.maxunicode + 1):
        char = chr(point)
        if 0xD800 <= point < 0xE000:
            continue
        if any(unicodedata.normalize(form, char) != char for form in ("NFKC", "NFD")):
            continue
        # Small capitals are the prototypes of Cyrillic letters, so both come to the same letter.
        prototype = "".join(skeleton(plain_letter(c)) for c in skeleton(plain_letter(char)))
        if prototype != char and any(unicodedata.category(c)[0] in "LN" for c in prototype):
            yield char, prototype


def plain_letter(char):
    """Return the Latin letter that a character is another shape of, or the character."""
    shape = SHAPES.fullmatch(unicodedata.name(char, ""))
    return shape[1] if shape else {"ʍ": "M"}.get(char, char)


def written(skeleton, version):
    groups = {}
    for char, prototype in pairs(skeleton):
        groups.setdefault(prototype, []).append(char)
    lines = [ABOUT.format(version=version)]
    for prototype, alike in sorted(groups.items()):
        left, right = (" ".join(f"{ord(c):X}" for c in chars) for chars in (prototype, alike))
        lines.append(f"{left}; {right}\n")
    return "".join(lines)


if __name__ == "__main__":
    TABLE.write_text(written(*icu()))
