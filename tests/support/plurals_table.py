"""How each language counts comments, minutes and mails, to be read by somebody who knows it.

python tests/support/plurals_table.py
"""

import gettext

from messages import LOCALES, languages

NUMBERS = 0, 1, 2, 3, 5, 11, 21, 100
COUNTED = [
    ("%d comment", "%d comments"),
    ("%(minutes)s minute", "%(minutes)s minutes"),
    ("%d mail waits to be tried again.", "%d mails wait to be tried again."),
]


def rows():
    """Yield each language, number, and the sentences with that number."""
    for language in languages():
        known = gettext.translation("django", LOCALES, [language])
        for number in NUMBERS:
            forms = [known.ngettext(*both, number) for both in COUNTED]
            yield language, number, [each % Anything(number) for each in forms]


class Anything(dict):
    """A number for whatever name a sentence has for it, also for none."""

    def __init__(self, number):
        super().__init__()
        self.number = number

    def __missing__(self, name):
        return self.number

    def __int__(self):
        return self.number

    __index__ = __int__


if __name__ == "__main__":
    for language, number, sentences in rows():
        print(f"{language:<8}{number:>4}  {'  |  '.join(sentences)}")
