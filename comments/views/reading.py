"""Views for readers: a page of a thread, a comment's permalink, and the form for a reply."""

from django.http import Http404, HttpResponsePermanentRedirect, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from blog.posts.models import Post
from blog.posts.views import show_post
from blog.web.cache_control import same_for_all
from comments import browser
from comments.forms import CommentForm
from comments.models import Comment, ThreadPage

from .pages import place_of, show_thread


@require_safe
@same_for_all
def thread(request, path, number):
    """Show page `number` of the thread under the post at `path`; its first page is the essay's."""
    if not (number := int(number)):
        raise Http404
    post = get_object_or_404(Post.objects.published().select_related("author"), path=path)
    if number == 1:
        return HttpResponsePermanentRedirect(f"{post.get_absolute_url()}#comments")
    pages = ThreadPage.objects.shown(post, number)
    if number not in pages:
        raise Http404
    return show_thread(request, post, number, thread_pages=pages)


@require_safe
@same_for_all
def without_notes(request, path):
    """Show an essay with nothing beside it; its thread has all that was said."""
    post = get_object_or_404(Post.objects.published().select_related("author"), path=path)
    return show_post(request, post, notes_hidden=True)


@require_safe
def comment(request, number):
    """Redirect to a comment on its page of the thread; to a note's words, without `?thread`."""
    found = shown_or_404(number)
    return HttpResponseRedirect(place_of(found, in_thread="thread" in request.GET))


@require_safe
def reply(request, number):
    """Show a comment's page with the reply form right under the comment."""
    found = public_or_404(Comment.objects.approved().written(), number)
    if not found.post.takes_comments:
        return HttpResponseRedirect(place_of(found))
    initial = browser.remembered(request) | {"parent": found.pk}
    form = CommentForm(post=found.post, initial=initial)
    return show_thread(request, found.post, found.thread_page, comment_form=form, reply_to=found)


def shown_or_404(number):
    """Return a comment that readers see, even if only as a line that says it was removed."""
    found = public_or_404(Comment.objects.all(), number)
    if not (found.is_approved or ThreadPage.objects.has_line(found)):
        raise Http404
    return found


def public_or_404(comments, number):
    comments = comments.filter(post__in=Post.objects.published())
    return get_object_or_404(comments.select_related("post__author"), pk=number)
