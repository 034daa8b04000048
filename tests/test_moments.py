"""Day, time and numbers as each language writes them."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import override

from blog.lib.figures import comments
from blog.lib.moments import day, day_and_time, day_of_week, short_day_and_time

AT = datetime(2026, 11, 14, 9, 5, tzinfo=UTC)


def test_moments_are_written_as_the_site_does():
    assert day_and_time(AT) == "14 November, 09:05"
    assert short_day_and_time(AT) == "14 Nov, 09:05"
    assert short_day_and_time(AT, year=True) == "14 Nov 2026, 09:05"
    assert day_of_week(AT) == "Saturday 14 November"
    assert day_of_week(AT, year=True) == "Saturday 14 November 2026"


@pytest.mark.parametrize(
    ("language", "day", "time", "number"),
    [
        ("de", "14. November 2026", "09:05", "1.234,5"),
        ("fr", "14 novembre 2026", "09:05", "1\xa0234,5"),
        ("ar", "14 نوفمبر، 2026", "9:05 ص", "1.234,5"),
        ("ja", "2026年11月14日", "9:05", "1,234.5"),
        ("he", "14 בנובמבר 2026", "09:05", "1,234.5"),
        ("zh-hans", "2026年11月14日", "09:05", "1,234.5"),
        ("tr", "14 Kasım 2026", "09:05", "1.234,5"),
        ("uk", "14 листопада 2026", "09:05", "1\xa0234,5"),
    ],
)
def test_days_times_and_numbers_follow_the_language(language, day, time, number):
    with override(language):
        assert date_format(AT, "DATE_FORMAT") == day
        assert date_format(AT, "TIME_FORMAT") == time
        assert number_format(1234.5, 1, force_grouping=True) == number


def test_day_is_that_of_the_language_and_the_zone_in_force():
    late = datetime(2026, 11, 14, 23, 30, tzinfo=UTC)
    assert (day(late), day(late, "MONTH_DAY_FORMAT")) == ("14 November 2026", "14 November")
    with override("de"), timezone.override("Europe/Berlin"):
        assert day(late) == "15. November 2026"
    with override("de"):
        assert day(late) == "14. November 2026"


def test_number_of_comments_takes_the_form_of_the_language():
    assert [comments(count) for count in (1, 2, 5000)] == [
        "1 comment",
        "2 comments",
        "5,000 comments",
    ]
    with override("pl"):
        assert [comments(count) for count in (1, 2, 5)] == [
            "1 komentarz",
            "2 komentarze",
            "5 komentarzy",
        ]
