"""Times at the desk are those of the site's clocks, also where summer time begins and ends."""

from datetime import UTC, date, datetime, time

import pytest
from django.core.exceptions import ValidationError

from blog.posts.desk.bar import zone_name
from blog.posts.desk.fields import comes_twice, moment_at


@pytest.fixture(autouse=True)
def london(settings):
    settings.TIME_ZONE = "Europe/London"


def test_time_is_of_the_sites_zone():
    assert moment_at(date(2026, 7, 1), time(7, 30)) == datetime(2026, 7, 1, 6, 30, tzinfo=UTC)
    assert zone_name() == "London time"


def test_missing_hour_is_refused():
    with pytest.raises(ValidationError, match=r"The clocks skip 01:30 on that day"):
        moment_at(date(2026, 3, 29), time(1, 30))


def test_doubled_hour_means_its_first():
    found = moment_at(date(2026, 10, 25), time(1, 30))
    assert found == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert comes_twice(found)
    assert not comes_twice(moment_at(date(2026, 10, 25), time(3, 30)))


@pytest.mark.parametrize(
    ("day", "zone"), [(date(1, 1, 1), "Asia/Tokyo"), (date(9999, 12, 31), "Etc/GMT+12")]
)
def test_days_past_the_calendar_are_refused(day, zone, settings):
    settings.TIME_ZONE = zone
    with pytest.raises(ValidationError, match="No essay can have this date"):
        moment_at(day, time(23, 0) if day.year > 1 else time(1, 0))
