"""Answers a writer whose change comes too late: says what happened and gives the words back."""

from functools import wraps

from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render

from blog.markup import trimmed
from blog.posts.models import Post
from comments import browser
from comments.forms import CommentForm
from comments.models import BY_WRITER, Comment, TooLate
from comments.views.pages import place_of, show_thread


def answers_too_late(view):
    """Make a view about one's own comment answer TooLate with a page that keeps the words."""

    @wraps(view)
    def wrapped(request, number):
        try:
            return view(request, number)
        except TooLate as error:
            return too_late(request, number, error.comment)
        except Comment.DoesNotExist:  # deleted for good at this moment
            return too_late(request, number, None)

    return wrapped


def too_late(request, number, comment):
    """Show what happened to a comment, and its new words in a form, to be posted as another one.

    Answers 404 if there is neither a comment nor any words.
    """
    words = trimmed(request.POST.get("body", ""))
    state = state_of(request, number, comment)
    if state == "withdrawn" and not words:
        return HttpResponseRedirect(f"{comment.post.get_absolute_url()}#comments", status=303)
    if comment is None and not words:
        raise Http404
    status = 409 if request.method == "POST" else 200
    post = comment.post if comment else essay_of(request)
    if post is None or not post.is_public:
        context = {"essay_gone": comment is not None, "words": words, "nav": "essays"}
        status = 410 if comment else 404
        response = render(request, "comments/too_late.html", context, status=status)
        response.headers["Cache-Control"] = "private, no-store"
        return response
    given = {name: request.POST.get(name, "") for name in BY_WRITER}
    form = CommentForm(post=post, initial=given if words else browser.remembered(request))
    parent = comment.parent if comment else None
    if parent and not (parent.is_approved and post.takes_comments):
        parent = None
    context = {"comment_form": form, "reply_to": parent, "refused": state}
    context["mine"] = place_of(comment) if state == "approved" else ""
    page = parent.thread_page if parent else 1
    return show_thread(request, post, page, status=status, **context)


def state_of(request, number, comment):
    """Return in one word why a comment cannot be changed any more."""
    if number not in browser.own_comment_ids(request):
        return "unproven"
    if comment is None:
        return "gone"
    if comment.is_approved:
        return "approved"
    if comment.status in Comment.SHOWN_AS_WAITING:
        return "over"
    return "withdrawn" if "withdrawn" in comment.reasons else "removed"


def essay_of(request):
    """Return the published essay of the form's token, if any."""
    number = browser.essay_of(request.POST.get("token", ""))
    return Post.objects.published().select_related("author").filter(pk=number).first()
