"""Webmention 3.2 and 3.2.1: the form a sender posts, before anything is fetched."""

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st
from inputs import every

from comments.linkbacks.protocols.webmention import FormError, parse_form

SOURCE, TARGET = "https://elsewhere.example/on?a=1&b=2", "https://blog.example/margins/"


def _post(**changes):
    post = QueryDict(mutable=True)
    for name, value in ({"source": SOURCE, "target": TARGET} | changes).items():
        post.setlist(name, value if isinstance(value, list) else [value])
    return post


def _refusal(**changes):
    with pytest.raises(FormError) as caught:
        parse_form(_post(**changes))
    return str(caught.value)


def test_w3_2_source_and_target_are_read_as_sent():
    assert parse_form(_post(target=TARGET + "#note")) == (SOURCE, TARGET + "#note")


def test_w3_2_other_parameters_are_passed_over():
    assert parse_form(_post(vouch="https://third.example/")).target == TARGET


def test_w3_2_white_space_around_an_address_is_removed():
    assert parse_form(_post(source=f" {SOURCE}\r\n")).source == SOURCE


@pytest.mark.parametrize("field", ["source", "target"])
class TestEachOfTheTwo:
    @pytest.mark.parametrize("value", [[], "", "  ", ["", ""]])
    def test_w3_2_1_must_be_there(self, field, value):
        assert f"The {field} is missing" in _refusal(**{field: value})

    def test_w3_2_1_must_come_once(self, field):
        assert f"more than one {field}" in _refusal(**{field: [SOURCE, SOURCE]})

    @pytest.mark.parametrize(
        "value",
        [
            *("margins", "/margins/", "//a.example/", "ftp://a.example/", "mailto:a@b.example"),
            *("javascript:alert(1)", "http://", "http://[", "http://a b/", "http://a\x00.example/"),
        ],
    )
    def test_w3_2_1_must_be_http_or_https(self, field, value):
        assert f"The {field} is not a web address" in _refusal(**{field: value})

    def test_w3_2_1_must_be_of_bearable_length(self, field):
        address = "https://a.example/"
        fits = address + "x" * (2000 - len(address))
        assert getattr(parse_form(_post(**{field: fits})), field) == fits
        assert f"The {field} address is longer" in _refusal(**{field: fits + "x"})


@every("source", [TARGET, TARGET + "#note", "HTTPS://BLOG.example:443/margins/", TARGET[:-1]])
def test_w3_2_1_the_source_must_be_another_page(source):
    assert "same page" in _refusal(source=source)


@given(st.text(st.characters(), max_size=50), st.text("htps:/.@[]%#? ab\ud800\0", max_size=30))
def test_w3_2_any_values_raise_only_one_error(source, target):
    for values in ({"source": source, "target": target}, {"source": f"http://{target}"}):
        try:
            parse_form(_post(**values))
        except FormError as error:
            assert str(error)  # noqa: PT017  either outcome is right
