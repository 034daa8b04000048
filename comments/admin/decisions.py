"""One press in the queue: what is done, and the sentence that says so, with Undo."""

from django.contrib import messages
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.markup import MarkupError
from comments import tasks
from comments.models import Comment

STATUSES = {
    "approve": Comment.Status.APPROVED,
    "spam": Comment.Status.SPAM,
    "trash": Comment.Status.TRASH,
}


def act(request, chosen, verb, *, seen=None):
    """Judge the chosen comments and say what happened; return whether anything did."""
    if verb == "restore":
        done = chosen.restore(by=request.user)
    elif verb in STATUSES:
        done = chosen.judge(STATUSES[verb], by=request.user, seen=seen)
    else:
        return False
    if done.events:
        say(request, outcome(verb, done.events), batch=done.batch)
    for comment in done.untouched[:1]:
        messages.warning(request, already(comment, len(done.untouched)))
    if not (done.events or done.untouched):
        messages.warning(request, _("Nothing was chosen, so nothing was changed."))
    return bool(done.events)


def outcome(verb, events):
    """Return in words what was done about whom."""
    count = len(events)
    name = events[0].comment.shown_name
    said = {
        "approve": ngettext("Approved: %(name)s.", "Approved: %(count)d comments.", count),
        "spam": ngettext("Marked as spam: %(name)s.", "Marked as spam: %(count)d comments.", count),
        "trash": ngettext(
            "Put into the trash: %(name)s.", "Put into the trash: %(count)d comments.", count
        ),
        "restore": ngettext("Restored: %(name)s.", "Restored: %(count)d comments.", count),
    }
    return said[verb] % {"name": name, "count": count}


def already(comment, count):
    """Return in words why nothing was done about a comment: who was faster."""
    if count > 1:
        said = _("%(count)d were decided already and stay as they are.")
        return said % {"count": count}
    event = comment.events.select_related("by").first()
    status = comment.get_status_display()
    if event is None or event.by is None:
        said = _("%(name)s’s comment is %(status)s already. Nothing was changed.")
        return said % {"name": comment.shown_name, "status": status}
    said = _("%(who)s decided about %(name)s at %(time)s: %(status)s. Nothing was changed.")
    at = date_format(timezone.localtime(event.at), "H:i")
    who = event.by.get_full_name() or event.by.get_username()
    return said % {"who": who, "name": comment.shown_name, "time": at, "status": status}


def undo(request, moderated, batch):
    """Take a decision back and say what that did."""
    done = moderated.undo(batch, by=request.user) if batch else None
    if done and done.events:
        count = len(done.events)
        said = ngettext("Undone: %(name)s.", "Undone: %(count)d comments.", count)
        name = done.events[0].comment.shown_name
        messages.success(request, said % {"name": name, "count": count})
    else:
        messages.warning(request, _("There was nothing left to undo."))


def reply(request, comment, text, *, seen):
    """Publish the moderator's answer under a comment, approving that; return whether it stands."""
    if comment.status != seen:
        messages.warning(request, already(comment, 1))
        # Its row may be under another tab by now, and its box with it.
        said = _("These words of your reply are not published: %(text)s")
        messages.warning(request, said % {"text": text.strip()})
        return False
    answer = Comment(
        post=comment.post,
        parent=comment,
        body=text.strip(),
        author=request.user,
        name=request.user.get_full_name() or request.user.get_username(),
        email=request.user.email,
        status=Comment.Status.APPROVED,
    )
    if not answer.body:
        messages.error(request, _("The reply is empty. Write something first."))
        return False
    try:
        with transaction.atomic():
            comment.approve(by=request.user)
            answer.save()
            tasks.received(answer)
    except MarkupError as error:
        messages.error(request, str(error))
        return False
    said = _("Your reply to %(name)s is published.") % {"name": comment.shown_name}
    messages.success(request, said)
    return True


def say(request, sentence, *, batch):
    """Say what was done, with a button that undoes it."""
    context = {"sentence": sentence, "batch": batch, "back": request.get_full_path()}
    html = render_to_string("admin/comments/comment/_outcome.html", context, request=request)
    messages.success(request, mark_safe(html))  # noqa: S308 - rendered with escaping
