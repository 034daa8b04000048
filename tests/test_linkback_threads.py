"""A server with few threads keeps them for readers."""

import signal
import time

import prepared
import pytest
from test_linkback_at_once import ping

from comments.linkbacks.receive import LONGEST_WAIT

pytestmark = pytest.mark.server


def test_abuse_readers_never_wait_with_two_threads(tmp_path):
    site = prepared.started(tmp_path)
    site.start("--threads", "2", "--no-worker")
    # Without a worker, waiting would be in vain.
    began = time.monotonic()
    assert "will be read soon" in ping(site, "http://other.invalid/")
    assert time.monotonic() - began < LONGEST_WAIT
    site.stop(signal.SIGTERM)
