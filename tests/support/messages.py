"""The catalogues of translations: renewed from the code and compiled, or checked.

    python tests/support/messages.py            # renews and compiles all (`make messages`)
    python tests/support/messages.py de         # begins one, or renews it
    python tests/support/messages.py --check    # lists the faults of all (`make lint`)

Babel reads and writes them, so gettext's programs are not needed.
"""

import ast
import sys
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from pathlib import Path

import django
import translation_faults
from babel.messages import mofile, pofile
from babel.messages.catalog import Catalog
from babel.messages.extract import extract, extract_python
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
LOCALES = ROOT / "blog" / "locale"
# Each function that marks a sentence, by all names it has here, with the places of its parts.
KEYWORDS = {
    **dict.fromkeys(["_", "_now", "gettext", "gettext_lazy", "gettext_noop"]),
    **dict.fromkeys(["ngettext", "ngettext_lazy"], (1, 2)),
    **dict.fromkeys(["pgettext", "pgettext_lazy"], ((1, "c"), 2)),
    **dict.fromkeys(["npgettext", "npgettext_lazy"], ((1, "c"), 2, 3)),
}
# Where Django's own sentences on our pages come from. Its translators are behind in some languages.
DJANGO = Path(django.__file__).parent
DJANGO_APPS = ("contrib/admin", "contrib/auth")
SOURCES = ("blog/**/*.py", "comments/**/*.py", "templates/**/*.html", "templates/**/*.txt")


def sources():
    for pattern in SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            if "migrations" not in path.parts:
                yield path


def extracted(path):
    """Yield line, sentence (or both of its forms), comments and context of each that is marked."""
    if path.suffix == ".py":
        yield from in_code(path.read_text())
        return
    # As Python, of which each line could be the first.
    lines = templatize(path.read_text(), origin=str(path)).splitlines()
    given = BytesIO("\n".join(line.lstrip() for line in lines).encode())
    options = {"encoding": "utf-8"}
    yield from extract(extract_python, given, KEYWORDS, ["Translators:"], options, True)


def in_code(text):
    """Yield the same for Python, also from within f-strings, which Babel does not look into."""
    lines = text.splitlines()
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    for node in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name not in KEYWORDS:
            continue
        places = KEYWORDS[name] or (1,)
        said = [arg.value for arg in node.args[: len(places)] if isinstance(arg, ast.Constant)]
        if len(said) < len(places):
            continue  # of a sentence that is marked elsewhere
        context = said.pop(0) if isinstance(places[0], tuple) else None
        above = lines[node.lineno - 2].partition("# Translators: ")[2] if node.lineno > 1 else ""
        sentence = said[0] if len(said) == 1 else tuple(said)
        yield node.lineno, sentence, [above] if above else [], context


# Those that look a sentence up at once: at a module's start in whatever language that begins in.
AT_ONCE = {"gettext", "ngettext", "pgettext", "npgettext"}


def too_early(text):
    """Yield the line of each sentence that is looked up once, while its module is imported."""
    tree = ast.parse(text)
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names = {
        name.asname or name.name
        for node in imports
        if node.module == "django.utils.translation"
        for name in node.names
        if name.name in AT_ONCE
    }
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting += [*node.decorator_list, *node.args.defaults]
        elif not isinstance(node, ast.Lambda):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in names:
                yield node.lineno
            waiting += ast.iter_child_nodes(node)


def early_ones():
    for path in sources():
        if path.suffix == ".py":
            for line in too_early(path.read_text()):
                yield f"{path.relative_to(ROOT)}:{line}: translated before a language is known"


def template():
    """Return the catalogue of all sentences, without translations."""
    found = Catalog(project="Postil", charset="utf-8", fuzzy=False)
    for path in sources():
        for line, sentence, comments, context in extracted(path):
            place = path.relative_to(ROOT).as_posix(), line
            found.add(sentence, context=context, locations=[place], auto_comments=comments)
    return found


@cache
def of_django(app):
    """Return all sentences of one of Django's apps, with their places."""
    with (DJANGO / app / "locale/en/LC_MESSAGES/django.po").open("rb") as file:
        found = [each for each in pofile.read_po(file) if each.id]
    for each in found:
        each.locations = [(f"django/{app}", 0)]
    return found


def left_out_by_django(language, before, sentences):
    """Yield what Django's own catalogue lacks, and what it lacked once: it may be an older one.

    What is one of our own `sentences` as well is left out.
    """
    for app in DJANGO_APPS:
        with (DJANGO / app / f"locale/{language}/LC_MESSAGES/django.mo").open("rb") as file:
            there = mofile.read_mo(file)
        for each in of_django(app):
            first = each.id if isinstance(each.id, str) else each.id[0]
            lacks = not there.get(first, each.context) or before.get(first, each.context)
            if lacks and not sentences.get(first, each.context):
                yield each


def path_of(language):
    return LOCALES / language / "LC_MESSAGES" / "django.po"


def read(language):
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return pofile.read_po(file, locale=language)


def renew(language, sentences):
    """Bring a catalogue up to date: new sentences have no translation, and old ones go."""
    before = read(language)
    after = Catalog(
        locale=language,
        project="Postil",
        header_comment=f"# {before.locale.english_name}: see docs/translate.md.",
        last_translator="",
        language_team="",
        msgid_bugs_address="",
        charset="utf-8",
        fuzzy=False,
    )
    for each in [*sentences, *left_out_by_django(language, before, sentences)]:
        if each.id:
            known = before.get(each.id if isinstance(each.id, str) else each.id[0], each.context)
            same = known is not None and known.id == each.id
            after.add(
                each.id,
                known.string if same else "" if isinstance(each.id, str) else ("", ""),
                context=each.context,
                locations=[(file, None) for file in dict.fromkeys(f for f, _l in each.locations)],
                auto_comments=each.auto_comments,
                user_comments=known.user_comments if same else (),
                flags=each.flags,
            )
    return after


def write(language, catalogue):
    """Write a catalogue, without dates that would change each time, and compile it."""
    path = path_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(as_text(catalogue))
    path.with_suffix(".mo").write_bytes(compiled(catalogue))


def as_text(catalogue):
    catalogue.creation_date = catalogue.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    written = BytesIO()
    pofile.write_po(written, catalogue, width=100, ignore_obsolete=True)
    return written.getvalue()


def compiled(catalogue):
    written = BytesIO()
    mofile.write_mo(written, catalogue)
    return written.getvalue()


def languages():
    return sorted(path.parts[-3] for path in LOCALES.glob("*/LC_MESSAGES/django.po"))


def faults_of(language, sentences):
    """Yield what is wrong with a catalogue: what each sentence lacks, and whether it is as kept."""
    catalogue = renew(language, sentences)
    wordy = translation_faults.for_one_number(catalogue.plural_expr)
    for each in catalogue:
        if each.id:
            for fault in translation_faults.of(each, catalogue.num_plurals, wordy):
                yield f"{fault}: {translation_faults.shown(each)}"
    path = path_of(language)
    if path.read_bytes() != as_text(catalogue):
        yield "it is not as `make messages` writes it"
    elif path.with_suffix(".mo").read_bytes() != compiled(catalogue):
        yield "what is compiled is of another catalogue: `make messages` compiles it"


def main(*asked):
    settings.configure(USE_I18N=True)
    django.setup()
    sentences = template()
    if asked == ("--check",):
        faults = [
            f"{each}: {fault}" for each in languages() for fault in faults_of(each, sentences)
        ]
        sys.exit("\n".join([*early_ones(), *faults]) or None)
    for language in asked or languages():
        catalogue = renew(language, sentences)
        write(language, catalogue)
        missing = sum(not each.string or not all(each.string) for each in catalogue if each.id)
        print(f"{language}: {len(catalogue)} sentences, {missing} without translation")


if __name__ == "__main__":
    main(*sys.argv[1:])
