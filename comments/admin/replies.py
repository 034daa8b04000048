"""Keeps replies that are typed in the queue and not sent yet, when another button is pressed.

All reply boxes are in the page's one form, so every button sends their text. It is kept in the
session until it is published or its box is emptied.
"""

from blog.lib.numbers import number_in

REPLIES_KEY = "queue_replies"
# The most replies kept at once, and the most characters of each.
MOST, LONGEST = 20, 70_000


def keep_replies(request):
    """Keep the text in the reply boxes of the form that was sent."""
    kept = request.session.get(REPLIES_KEY, {})
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
        request.session[REPLIES_KEY] = dict([*now.items()][-MOST:])


def kept_replies(request):
    """Return the kept replies by the number of the comment they answer."""
    kept = {number_in(given): text for given, text in request.session.get(REPLIES_KEY, {}).items()}
    kept.pop(None, None)
    return kept


def forget_reply(request, number):
    """Delete a kept reply that is now published."""
    kept = request.session.get(REPLIES_KEY, {})
    if kept.pop(str(number), None) is not None:
        request.session[REPLIES_KEY] = kept
