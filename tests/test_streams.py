"""Bodies that are streamed: each by a thread of its own, so many at a time and for one network."""

import threading
import time

from blog.ops.streams import Line, Streams


class Granian:
    """What granian answers through, while its reader dawdles."""

    def __init__(self):
        self.go_on, self.began, self.status = threading.Event(), threading.Event(), None

    def response_bytes(self, status, headers, body):
        self.status = status

    def response_iter(self, status, headers, body):
        self.status = status
        self.began.set()
        self.go_on.wait(20)


class Body:
    is_closed = False

    def close(self):
        self.is_closed = True


def send(streams, network):
    line, body = Granian(), Body()
    Line(line, streams, network).response_iter(200, [], body)
    return line, body


def test_dawdling_readers_leave_room_for_others():
    streams = Streams(most=3, each=2)
    slow = [send(streams, "a")[0], send(streams, "a")[0]]
    for line in slow:
        assert line.began.wait(10)
    refused, body = send(streams, "a")
    assert (refused.status, body.is_closed) == (503, True)
    other, _body = send(streams, "b")
    assert other.began.wait(10)
    assert send(streams, "c")[0].status == 503
    slow[0].go_on.set()
    deadline = time.monotonic() + 10
    while streams.running["a"] == 2:
        assert time.monotonic() < deadline
    assert send(streams, "a")[0].began.wait(10)
    for line in (*slow, other):
        line.go_on.set()
