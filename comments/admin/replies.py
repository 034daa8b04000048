"""Replies that are typed in the queue and not sent yet: another press of a button keeps them.

All boxes are in the one form of the page, so every press sends what stands in them. It is kept in
the session, until it is published or its box is emptied.
"""

from blog.lib.numbers import number_in

KEPT = "queue_replies"
# Replies that are kept at once, and the characters of each: more than anybody has open.
MOST, LONGEST = 20, 70_000


def keep_replies(request):
    """Keep what stands in the boxes of the page that sent this form."""
    kept = request.session.get(KEPT, {})
    now = dict(kept)
    for name, text in request.POST.items():
        given = name.removeprefix("reply-")
        if given == name or (number := number_in(given)) is None:
            continue
        if text.strip():
            now[str(number)] = text[:LONGEST]
        else:
            now.pop(str(number), None)
    if now != kept:
        request.session[KEPT] = dict([*now.items()][-MOST:])


def kept_replies(request):
    """Return what was typed and not sent, by the number of the comment it answers."""
    kept = {number_in(given): text for given, text in request.session.get(KEPT, {}).items()}
    kept.pop(None, None)
    return kept


def forget_reply(request, number):
    """Forget a reply that is published."""
    kept = request.session.get(KEPT, {})
    if kept.pop(str(number), None) is not None:
        request.session[KEPT] = kept
