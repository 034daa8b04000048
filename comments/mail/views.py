"""The pages that links in mails open. Each says what it is about and has a button to do it.

They need no session and no cookie. They are exempt from the CSRF token, because the signed link is
a secret that another site does not have.
"""

from django.db import transaction
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from blog.lib.numbers import number_in
from blog.posts.models import Post
from blog.web.cache_control import PRIVATE
from comments.mail.links import (
    VERBS,
    Unusable,
    read_confirming,
    read_judging,
    read_refusing,
    read_stopping,
)
from comments.models import Comment, MailAddress
from comments.screening.rules import sentences
from comments.text.differences import changes_of

# For each verb its button and what it does.
BUTTONS = {
    "approve": (gettext_lazy("Approve"), gettext_lazy("Readers will see it at once.")),
    "spam": (
        gettext_lazy("Mark as spam"),
        gettext_lazy("Readers will not see it; its writer gets no message."),
    ),
    "trash": (
        gettext_lazy("Put into the trash"),
        gettext_lazy("Readers will not see it; for thirty days it can be restored."),
    ),
}


def mail_page(view):
    """Make a view answer GET and POST, explain unusable links, and keep its address secret.

    The address must not get into caches, search engines, or the Referer of links on the page.
    """

    @csrf_exempt
    @require_http_methods(["GET", "HEAD", "POST"])
    def wrapped(request, token):
        try:
            response = view(request, token)
        except Unusable as error:
            context = {"why": error.why}
            response = render(request, "comments/mail/unusable.html", context, status=error.status)
        response.headers["Cache-Control"] = PRIVATE
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    wrapped.csrf_exempt = True
    return wrapped


@mail_page
def judge(request, token):
    """Judge one comment as the link says, in the name of the person it was mailed to.

    The decision is about the version in the mail, or on the page whose button was pressed. If the
    comment has changed since, the page marks the changes and has buttons for the new version.
    """
    if request.method == "POST":
        with transaction.atomic():
            case = read_judging(token, lock=True)
            if not case.judged and decide(request, case):
                return HttpResponseRedirect(request.path, status=303)
    else:
        case = read_judging(token)
    comment = case.comment
    context = {
        "case": case,
        "comment": comment,
        "reasons": sentences(comment.reasons),
        "changes": [] if case.as_mailed or not case.mailed else changes_of(comment, case.mailed),
        "buttons": [(verb, *BUTTONS[verb]) for verb in case.verbs],
    }
    status = 409 if request.method == "POST" else 200
    return render(request, "comments/mail/judge.html", context, status=status)


def decide(request, case):
    """Do what the button says if the comment is still as shown; return whether it was done."""
    shown = request.POST.get("shown", case.mailed)
    verb = request.POST.get("decide", case.verb)
    if shown != case.comment.version or verb not in case.verbs:
        return False
    number, status = case.comment.pk, VERBS[verb][1]
    found = Comment.objects.filter(pk=number)
    why, seen = _("by mail"), case.comment.status
    return bool(found.judge(status, by=case.user, why=why, seen=seen, shown={number: shown}).events)


@mail_page
def confirm(request, token):
    """Let the owner of an address confirm which browsers are theirs."""
    named = read_confirming(token)
    address = named.address
    if address.refused_at:
        raise Unusable("refused", 410)
    if request.method == "POST":
        if (chosen := request.POST.get("use")) is not None:
            use = address.uses.filter(pk=number_in(chosen)).first()
        else:
            use = named if named.pk else address.use_by(named.browser)
        if use and use.confirm():
            return HttpResponseRedirect(request.path, status=303)
    wishes = {}
    for wish in address.subscriptions.select_related("comment__post").order_by("pk"):
        wishes.setdefault(wish.comment.browser, []).append(wish)
    others = address.uses.filter(confirmed_at=None).exclude(pk=named.pk).order_by("pk")
    context = {
        "address": address,
        "named": named,
        "wishes": wishes.get(named.browser, []),
        "others": [(use, wishes[use.browser]) for use in others if use.browser in wishes],
    }
    return render(request, "comments/mail/confirm.html", context)


@mail_page
def refuse(request, token):
    """Let the owner of an address say that somebody else typed it."""
    address = read_refusing(token)
    if request.method == "POST":
        address.refuse()
        return HttpResponseRedirect(request.path, status=303)
    return render(request, "comments/mail/refuse.html", {"address": address})


@mail_page
def stop(request, token):
    """End mail about replies under one essay, or all; a mail program's button ends one essay's.

    It does not redirect, because mail programs do not follow redirects (RFC 8058, section 3.1).
    """
    number, post = read_stopping(token)
    address = MailAddress.objects.filter(pk=number).first()
    post = Post.objects.filter(pk=post).first()
    everything = "everything" in request.POST
    if request.method == "POST" and address and (everything or post):
        address.stop(None if everything else post)
    done = request.method == "POST" or address is None
    context = {"address": address, "post": post, "done": done, "everything": everything}
    return render(request, "comments/mail/stop.html", context)
