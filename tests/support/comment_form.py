"""An essay to comment on, without limits of the rate."""

import pytest


@pytest.fixture(autouse=True)
def no_rate(settings):
    settings.COMMENT_RATE_PER_NETWORK = settings.COMMENT_RATE_SITE = None


@pytest.fixture
def post(write):
    return write()
