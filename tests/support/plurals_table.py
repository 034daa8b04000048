"""How each language counts comments, minutes and mails, to be read by somebody who knows it.

python tests/support/plurals_table.py
"""

import gettext

from messages import LOCALES, languages, read

NUMBERS = 0, 1, 2, 3, 5, 11, 21, 100
COUNTED = [
    ("%(count)s comment", "%(count)s comments"),
    ("%(minutes)s minute", "%(minutes)s minutes"),
    ("%(count)s mail waits to be tried again.", "%(count)s mails wait to be tried again."),
]


def rows():
    """Yield each language, number, and the sentences with that number.

    Raises LookupError for sentences that the catalogues no longer have.
    """
    for language in languages():
        known = gettext.translation("django", LOCALES, [language])
        if lost := {*COUNTED} - {each.id for each in read(language)}:
            raise LookupError(f"{language} has not {sorted(lost)}")
        for number in NUMBERS:
            forms = [known.ngettext(*both, number) for both in COUNTED]
            named = {"count": number, "minutes": number}
            yield language, number, [form % named for form in forms]


if __name__ == "__main__":
    for language, number, sentences in rows():
        print(f"{language:<8}{number:>4}  {'  |  '.join(sentences)}")
