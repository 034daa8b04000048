"""What is wrong with a translation is found, and catalogues follow the code."""

import messages
import pytest
import translation_faults
from babel.messages.catalog import Catalog, Message
from inputs import every

PLURAL = ("%(n)s comment on <b>%(title)s</b>", "%(n)s comments on <b>%(title)s</b>")


def faults(english, translation, plurals=2, wordy=frozenset({0}), **given):
    return list(translation_faults.of(Message(english, translation, **given), plurals, wordy))


@every(
    ("english", "translation", "fault"),
    [
        ("Publish", "", "not translated"),
        (PLURAL, ("", "%(n)s Kommentare zu <b>%(title)s</b>"), "not translated"),
        ("Hello %(name)s.", "Hallo %(nome)s.", "puts in what is not given, %(nome)s"),
        ("Hello %(name)s.", "Hallo.", "leaves out %(name)s"),
        ("%s of %s", "%s von", None),
        ("{count} left", "noch {Anzahl}", "puts in what is not given, {Anzahl}"),
        ("Go <a href='/x'>on</a>", "<a href='/y'>Weiter</a>", "has other HTML"),
        ("A &amp; B", "A & B", "has other HTML"),
        ("%(n)s%% of it", "%(n)s% davon", "has a sign of percent that stands for nothing"),
        ("%(size).1f MB", "%(size).1f Mo", None),
        ("%(size).1f MB", "%(size)d Mo", "leaves out %(size).1f"),
        ("Read it:\n", "Lies es:", "begins or ends with other spaces or line breaks"),
        (" and ", "und", "begins or ends with other spaces or line breaks"),
        ("Save", "Alles sichern, was bis jetzt geschrieben ist", "is too long for its place"),
        ("Save", "すべての変更を保存して閉じる", "is too long for its place"),
    ],
)
def test_each_kind_of_fault_is_found(english, translation, fault):
    found = faults(english, translation)
    assert fault in found if fault else found == []


def test_form_that_lost_a_placeholder_is_found():
    forms = ("Ein Kommentar zu <b>%(title)s</b>", "Kommentare zu <b>%(title)s</b>")
    assert faults(PLURAL, forms) == ["leaves out %(n)s"]


def test_form_for_one_may_say_its_number_in_words():
    forms = ("Ein Kommentar zu <b>%(title)s</b>", "%(n)s Kommentare zu <b>%(title)s</b>")
    assert faults(PLURAL, forms) == []


def test_form_for_several_numbers_says_which():
    forms = ("Un commentaire sur <b>%(title)s</b>", "%(n)s commentaires sur <b>%(title)s</b>")
    assert faults(PLURAL, forms, wordy=frozenset()) == ["leaves out %(n)s"]


@every(
    ("rule", "forms"),
    [
        ("(n != 1)", {0}),  # German
        ("(n > 1)", set()),  # French: none and one
        ("(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : 4)", {0, 1, 2}),  # Arabic
        ("(n%10==1 && n%100!=11 ? 0 : 1)", set()),  # Ukrainian: 1, 21, 31
        ("0", set()),  # Japanese
    ],
)
def test_forms_for_one_number_alone_are_known(rule, forms):
    assert translation_faults.for_one_number(rule) == forms


def test_number_that_is_put_in_by_its_place_has_to_stay():
    forms = ("Ein Kommentar", "%d Kommentare")
    assert faults(("%d comment", "%d comments"), forms) == ["leaves out %d"]


def test_missing_plural_form_is_found():
    forms = ("%(n)s komentarz do <b>%(title)s</b>", "%(n)s komentarzy do <b>%(title)s</b>")
    assert faults(PLURAL, forms, plurals=3) == ["has 2 plural forms of 3"]


def test_uncertain_translation_is_found():
    assert faults("Save", "Sichern", flags=["fuzzy"]) == ["marked as uncertain"]


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    monkeypatch.setattr(messages, "LOCALES", tmp_path / "blog/locale")
    monkeypatch.setattr(messages, "DJANGO", tmp_path / "django")
    monkeypatch.setattr(messages, "DJANGO_APPS", ())
    (tmp_path / "blog").mkdir()
    (tmp_path / "templates").mkdir()
    return tmp_path


def test_sentences_are_found_in_code_and_templates(project):
    (project / "blog/a.py").write_text(
        '_now("Saved.")\nngettext("%(n)s day", "%(n)s days", n)\npgettext("verb", "Post")\n'
        '_(f"not {this}")\n_("one "\n  "sentence")\nf"<p>{_(\'Within.\')}</p>"\n'
    )
    (project / "templates/a.html").write_text(
        "<p>\n  {% load i18n %}{% translate 'Search' %}\n"
        "  {% blocktranslate trimmed with a=b %}\n    Read <b>{{ a }}</b>\n"
        "  {% endblocktranslate %}"
        "\n{% blocktranslate count n=n %}{{ n }} note{% plural %}{{ n }} notes"
        "{% endblocktranslate %}"
    )
    found = {(each.id, each.context) for each in messages.template() if each.id}
    assert found == {
        ("Saved.", None),
        (("%(n)s day", "%(n)s days"), None),
        ("Post", "verb"),
        ("Within.", None),
        ("one sentence", None),
        ("Search", None),
        ("Read <b>%(a)s</b>", None),
        (("%(n)s note", "%(n)s notes"), None),
    }


def test_renewed_catalogue_keeps_what_is_translated(project):
    before = Catalog(locale="de")
    for english, german in (("Search", "Suchen"), ("Gone", "Weg")):
        before.add(english, german)
    messages.write("de", before)
    (project / "blog/a.py").write_text('_("Search")\n_("Save")\n')
    after = messages.renew("de", messages.template())
    assert {each.id: each.string for each in after if each.id} == {"Search": "Suchen", "Save": ""}


def test_what_django_has_not_translated_is_translated_here(project, monkeypatch):
    monkeypatch.setattr(messages, "DJANGO_APPS", ("contrib/app",))
    english, german = Catalog(locale="en"), Catalog(locale="de")
    for sentence in ("Log in", "Reset password"):
        english.add(sentence)
    german.add("Log in", "Anmelden")
    for catalogue in (english, german):
        folder = project / f"django/contrib/app/locale/{catalogue.locale}/LC_MESSAGES"
        folder.mkdir(parents=True)
        (folder / "django.po").write_bytes(messages.as_text(catalogue))
        (folder / "django.mo").write_bytes(messages.compiled(catalogue))
    after = messages.renew("de", messages.template())
    assert [each.id for each in after if each.id] == ["Reset password"]


def test_catalogue_that_was_not_compiled_is_found(project):
    (project / "blog/a.py").write_text('_("Search")\n')
    catalogue = messages.renew("de", messages.template())
    catalogue["Search"].string = "Suchen"
    messages.write("de", catalogue)
    assert list(messages.faults_of("de", messages.template())) == []
    path = messages.path_of("de")
    path.write_text(path.read_text().replace("Suchen", "Finden"))
    assert [fault for fault in messages.faults_of("de", messages.template()) if "compiled" in fault]


def test_sentence_that_is_looked_up_on_import_is_found():
    text = (
        "from django.utils.translation import gettext as _, gettext_lazy, pgettext\n"
        "VERB = pgettext('verb', 'Post')\nLATER = gettext_lazy('Save')\n"
        "def f(a=_('One')):\n    return _('Two')\n"
        "class A:\n    name = _('Three')\n    say = lambda: _('Four')\n"
    )
    assert sorted(messages.too_early(text)) == [2, 4, 7]
