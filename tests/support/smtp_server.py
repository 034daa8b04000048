"""A real mail server on loopback that accepts mail, or fails as mail servers do."""

import contextlib
import email
import email.policy
import socketserver
import threading


class MailServer(socketserver.ThreadingTCPServer):
    """Keeps what it is given. `mode` is one of:

    ok; busy (421 at once); full (452 for each recipient); nobody (550 for each recipient);
    silent (takes the connection and never speaks); hangs up (takes a mail, and gives no answer).
    """

    allow_reuse_address = daemon_threads = True
    block_on_close = False
    request_queue_size = 50

    def __init__(self, mode="ok", port=0):
        super().__init__(("127.0.0.1", port), Session)
        self.mode, self.port = mode, self.server_address[1]
        self.taken, self.quiet = [], threading.Event()
        # Seconds it takes to greet anybody.
        self.slowness = 0
        # Cleared, it takes mails and says so to nobody until it is set again.
        self.confirms = threading.Event()
        self.confirms.set()
        self.calls = 0

    @property
    def messages(self):
        """What was taken, as (recipient, message)."""
        policy = email.policy.default
        return [(to, email.message_from_bytes(raw, policy=policy)) for to, raw in self.taken]

    def handle_error(self, request, address):
        """A client that was killed in the middle of a sentence is what some tests are about."""


class Session(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self):
        self.server.calls += 1
        with contextlib.suppress(OSError):
            self.speak()

    def speak(self):
        if self.server.mode == "silent":
            self.server.quiet.wait()
            return
        if self.server.mode == "busy":
            self.say("421 Come back later")
            return
        self.server.quiet.wait(self.server.slowness)
        self.say("220 mail.test")
        to = []
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"RCPT" and self.server.mode == "full":
                self.say("452 The mailbox is full")
            elif verb == b"RCPT" and self.server.mode == "nobody":
                self.say("550 5.1.1 Nobody here by that name")
            elif verb == b"RCPT":
                to.append(line.decode().partition("<")[2].partition(">")[0])
                self.say("250 Yes")
            elif verb == b"DATA":
                self.say("354 Go on")
                self.server.taken += [(to[0], self.read_message())]
                if self.server.mode == "hangs up":
                    return
                to = []
                self.server.confirms.wait()
                self.say("250 Taken")
            elif verb == b"QUIT":
                self.say("221 Bye")
                return
            else:
                self.say("250 mail.test")

    def read_message(self):
        """Return what comes up to the line with one dot (RFC 5321, section 4.5.2)."""
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        if line == b"":
            raise ConnectionResetError
        return b"".join(lines)


@contextlib.contextmanager
def mail_server(mode="ok", port=0):
    """Run one while the block runs."""
    with MailServer(mode, port) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        try:
            yield server
        finally:
            server.quiet.set()
            server.confirms.set()
            server.shutdown()
            thread.join()
