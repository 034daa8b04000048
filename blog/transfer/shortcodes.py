"""What Hugo would take for its own in an essay that shows it as text, written so that it does not.

`{{< x >}}` becomes `{{</* x */>}}`, by which Hugo shows the first; and back again.
"""

from __future__ import annotations

import re

_ANY = re.compile(r"\{\{([<%])([^\n]{0,2000}?)([>%])\}\}")
_WRITTEN = re.compile(r"\{\{([<%])/\*([^\n]{0,2000}?)\*/([>%])\}\}")


def shown_in_hugo(text: str) -> str:
    return _ANY.sub(r"{{\1/*\2*/\3}}", text)


def as_it_was(text: str) -> str:
    return _WRITTEN.sub(r"{{\1\2\3}}", text)
