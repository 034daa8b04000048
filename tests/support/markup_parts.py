"""Pieces of rendered essays that tests of markup compare with."""

import pytest

MARK = '<sup class="ref r1"><a href="#fn-1" role="doc-noteref" id="fnref-1">1</a></sup>'
AGAIN = '<sup class="ref"><a href="#fn-1" role="doc-noteref">1</a></sup>'


@pytest.fixture(autouse=True)
def our_address(settings):
    settings.SITE_URL = "https://blog.example"


def back(number):
    return (
        f'<a class="back" href="#fnref-{number}" role="doc-backlink"'
        f' aria-label="Back to note {number} in the text">{number}</a>'
    )


def anchor(name):
    return f'<a class="anchor" href="#{name}" aria-label="Link to this section">§</a>'


def flat(html):
    """Without the line ends between tags, which mean nothing."""
    return html.replace(">\n", ">").replace("\n<", "<").strip()
