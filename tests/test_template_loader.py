"""The project's templates: indented for people, sent without that."""

import pytest
from django.template.loader import get_template

from blog.web.template_loader import without_indentation


@pytest.mark.parametrize(
    ("source", "sent"),
    [
        ("<div>\n  <p>a  b</p>\n\t</div>\n", "<div>\n<p>a  b</p>\n</div>\n"),
        ("  <a\n    href='/'>\n", "<a\nhref='/'>\n"),
        ("<pre>\n  x\n</pre>\n  y", "<pre>\n  x\n</pre>\ny"),
        ("<textarea>\n  x\n</textarea>\n  y", "<textarea>\n  x\n</textarea>\ny"),
        (
            "<b>\n  {% if a %}\n  {% with b=c %}{% else %}\n  <i>\n",
            "<b>\n{% if a %}{% with b=c %}{% else %}<i>\n",
        ),
        ("{% if a %} b\n{% url 'c' %}\n", "{% if a %} b\n{% url 'c' %}\n"),
        (
            "{% blocktranslate %}a\n  b{% endblocktranslate %}\n  c",
            "{% blocktranslate %}a\n  b{% endblocktranslate %}\nc",
        ),
        (
            "{% blocktranslate trimmed with a=b %}\n  a\n{% endblocktranslate %}\n  c",
            "{% blocktranslate trimmed with a=b %}\na\n{% endblocktranslate %}\nc",
        ),
    ],
)
def test_indentation_goes_where_it_is_no_text(source, sent):
    assert without_indentation(source) == sent


def test_pages_are_sent_without_indentation():
    assert not any(
        line.startswith(" ") for line in get_template("base.html").template.source.splitlines()
    )


def test_backslash_joins_lines_of_plain_text():
    source = get_template("mail/_comment.txt").template.source
    first, second = source.split("\n")[:2]
    assert "{% load comments" in first
    assert "{{ comment.shown_name" in first
    assert second.startswith("{{ comment.url")


def test_templates_of_django_are_as_django_wrote_them():
    assert "\n  " in get_template("admin/base.html").template.source
