"""Does what a button in the queue says, and shows a message about it, with Undo."""

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.markup import MarkupError, trimmed
from blog.markup.direction import isolated
from comments import tasks
from comments.models import Comment, ModerationEvent
from comments.screening.said_before import said_before
from comments.text.already import is_already

# The session key for comments that were not decided because they changed: versions by number.
CHANGED = "queue_changed"

# At most this many changed comments are shown again.
SHOWN_AGAIN = 50

STATUSES = {
    "approve": Comment.Status.APPROVED,
    "spam": Comment.Status.SPAM,
    "trash": Comment.Status.TRASH,
}


def act(request, moderated, verb, shown, *, place=None):
    """Judge the comments in `shown` that are in `moderated`, and show messages about the result.

    `place` is the number of the comment at whose row the message is shown. Returns a Judgement, or
    None if the verb is unknown.
    """
    chosen = moderated.filter(pk__in=shown.versions)
    if verb == "restore":
        done = chosen.restore(by=request.user, seen=shown.statuses, shown=shown.versions)
    elif verb in STATUSES:
        status, seen = STATUSES[verb], shown.statuses
        done = chosen.judge(status, by=request.user, seen=seen, shown=shown.versions)
    elif verb == "thread":
        done = chosen.set_beside(None, by=request.user, shown=shown.versions)
    else:
        return None
    if done.events:
        show_outcome(request, outcome(verb, done.events), batch=done.batch, place=place)
    for comment in done.untouched[:1]:
        warn(request, already(comment, len(done.untouched)), place=comment.pk)
    for comment in done.changed[:1]:
        warn(request, changed_since_shown(comment, len(done.changed)), place=comment.pk)
    if not (done.events or done.untouched or done.changed):
        warn(request, _("Nothing was chosen, so nothing was changed."))
    return done


def outcome(verb, events):
    """Return a sentence that says what was done to whose comments."""
    if len(events) > 1:
        return outcome_of_many(verb, len(events))
    said = {
        "approve": _("Approved: %(name)s."),
        "spam": _("Marked as spam: %(name)s."),
        "trash": _("Put into the trash: %(name)s."),
        "thread": _("Moved to the thread: %(name)s."),
        "beside": _("Set beside other words: %(name)s."),
        "restore": _("Restored: %(name)s."),
        "undo": _("Undone: %(name)s."),
    }
    return said[verb] % {"name": isolated(events[0].comment.shown_name)}


def outcome_of_many(verb, n):
    # Apart from those above: where one form does for all numbers, it would lose the name.
    said = {
        "approve": ngettext("Approved: %(n)d comment.", "Approved: %(n)d comments.", n),
        "spam": ngettext("Marked as spam: %(n)d comment.", "Marked as spam: %(n)d comments.", n),
        "trash": ngettext(
            "Put into the trash: %(n)d comment.", "Put into the trash: %(n)d comments.", n
        ),
        "thread": ngettext(
            "Moved to the thread: %(n)d comment.", "Moved to the thread: %(n)d comments.", n
        ),
        "beside": ngettext(
            "Set beside other words: %(n)d comment.", "Set beside other words: %(n)d comments.", n
        ),
        "restore": ngettext("Restored: %(n)d comment.", "Restored: %(n)d comments.", n),
        "undo": ngettext("Undone: %(n)d comment.", "Undone: %(n)d comments.", n),
    }
    return said[verb] % {"n": n}


def changed_since_shown(comment, count):
    """Return a sentence that says that comments changed since they were shown."""
    if count == 1:
        said = _(
            "%(name)s’s comment is not as it was shown to you. Nothing was decided: read it again."
        )
        return said % {"name": isolated(comment.shown_name)}
    said = ngettext(
        "%(n)d comment is not as it was shown to you. Nothing was decided about it: read it again.",
        "%(n)d comments are not as they were shown to you. Nothing was decided about them: "
        "read them again.",
        count,
    )
    return said % {"n": count}


def changed_since_decided(comment, count):
    """Return a sentence that says that comments changed since a decision, which stays."""
    if count == 1:
        said = _("%(name)s’s comment was changed since, so this was not undone: read it again.")
        return said % {"name": isolated(comment.shown_name)}
    said = ngettext(
        "%(n)d comment was changed since, so this was not undone for it: read it again.",
        "%(n)d comments were changed since, so this was not undone for them: read them again.",
        count,
    )
    return said % {"n": count}


def already(comment, count):
    """Return a sentence that says that someone else had decided already, and who."""
    if count > 1:
        said = ngettext(
            "%(count)d comment was decided already and stays as it is.",
            "%(count)d comments were decided already and stay as they are.",
            count,
        )
        return said % {"count": count}
    event = comment.events.select_related("by").first()
    status = comment.get_status_display()
    if event is None or event.by is None:
        return is_already(comment.status, isolated(comment.shown_name))
    said = _("%(who)s decided about %(name)s at %(time)s: %(status)s. Nothing was changed.")
    at = date_format(timezone.localtime(event.at), "TIME_FORMAT")
    who = event.by.get_full_name() or event.by.get_username()
    return said % {
        "who": isolated(who),
        "name": isolated(comment.shown_name),
        "time": at,
        "status": status,
    }


def undo(request, moderated, batch):
    """Undo a decision and show messages about it; return the Judgement, or None without one.

    Comments that were changed since the decision stay as decided.
    """
    done = moderated.undo(batch, by=request.user) if batch else None
    if done and done.events:
        first = done.events[0].comment
        said = outcome("undo", done.events)
        messages.success(request, said, extra_tags=at(first.pk))
    for comment in done.changed[:1] if done else []:
        warn(request, changed_since_decided(comment, len(done.changed)), place=comment.pk)
        decided = ModerationEvent.objects.filter(batch=batch, comment__in=done.changed)
        request.session[CHANGED] = dict(decided.values_list("comment", "version")[:SHOWN_AGAIN])
    if not (done and (done.events or done.changed)):
        warn(request, _("There was nothing left to undo."))
    return done


def reply(request, moderated, comment, text, shown, *, place):
    """Publish the moderator's answer to a comment, and approve the comment.

    Returns True if the answer is published, False if it cannot be published as it is, and a
    Judgement if the comment was decided about or changed meanwhile.
    """
    answer = answer_of(request.user, comment, trimmed(text))
    if not answer.body:
        messages.error(request, _("The reply is empty. Write something first."), at(comment.pk))
        return False
    answer.set_fingerprint()
    try:
        with transaction.atomic():
            done = moderated.filter(pk=comment.pk).judge(
                Comment.Status.APPROVED,
                by=request.user,
                seen=shown.statuses,
                shown=shown.versions,
            )
            if done.changed or any(not other.is_approved for other in done.untouched):
                return done
            answer.save()
            tasks.received(answer)
    except IntegrityError:
        if said_before(answer) is None:
            raise
        return said_twice(request, comment)
    except MarkupError as error:
        messages.error(request, str(error), at(comment.pk))
        return False
    said = _("Your reply to %(name)s is published.") % {"name": isolated(comment.shown_name)}
    messages.success(request, said, extra_tags=at(place))
    return True


def answer_of(user, comment, text):
    """Return an unsaved, approved comment that answers this one."""
    return Comment(
        post=comment.post,
        parent=comment,
        body=text,
        author=user,
        name=user.get_full_name() or user.get_username(),
        email=user.email,
        status=Comment.Status.APPROVED,
    )


def said_twice(request, comment):
    """Show a message that the moderator gave the same answer before."""
    said = _("You have already answered %(name)s with these words, so nothing was changed.")
    messages.error(request, said % {"name": isolated(comment.shown_name)}, at(comment.pk))
    return False


def give_back(request, text):
    """Show the words of an unpublished reply in a message, because its row is not shown."""
    if text.strip():
        said = _("These words of your reply are not published: %(text)s")
        warn(request, said % {"text": text.strip()})


# --- Where a message is shown -----------------------------------------------------------------


def at(place):
    """Return the tag of a message that is shown at the row of this number; "" for the top."""
    return f"at-{place}" if place else ""


def warn(request, sentence, *, place=None):
    messages.warning(request, sentence, extra_tags=at(place))


def show_outcome(request, sentence, *, batch, place=None):
    """Show a message that says what was done, with a button that undoes it."""
    context = {"sentence": sentence, "batch": batch}
    html = render_to_string("admin/comments/comment/_outcome.html", context, request=request)
    messages.success(request, mark_safe(html), extra_tags=at(place))  # noqa: S308 - escaped


def said_at(request, places):
    """Return the messages by the row at which they are shown; None stands for the top."""
    said = {}
    for message in messages.get_messages(request):
        place = next(
            (int(tag[3:]) for tag in (message.extra_tags or "").split() if tag.startswith("at-")),
            None,
        )
        said.setdefault(place if place in places else None, []).append(message)
    return said
