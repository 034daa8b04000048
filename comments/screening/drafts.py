"""Screens a note on a draft as a comment would be: what would wait or be spam is held."""

from blog.lib.rates import network_of
from comments.models import Comment, DraftNote

from .assess import assess

# Rules of who has to wait for a moderator. Here every note waits for the author.
POLICIES = {"first-comment", "hold-all"}


def screen_note(note, *, trap, address, browser):
    """Set the status and the reasons of a new note; saves nothing."""
    said = Comment(
        post=note.post, name=note.name, email=note.email, body=note.body, passage=note.passage
    )
    said.network = network_of(address)
    said.address = address if said.network else None
    _status, reasons = assess(said, trap=trap, browser=browser, known=True, staff=False)
    note.reasons = [reason for reason in reasons if reason not in POLICIES]
    note.status = DraftNote.Status.HELD if note.reasons else DraftNote.Status.OPEN
