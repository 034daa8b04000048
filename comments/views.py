"""Reading what was said: the further pages of a long thread, and each comment's permalink."""

from django.http import Http404, HttpResponsePermanentRedirect, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from blog.posts.models import Post

from .models import Comment, ThreadPage


@require_safe
def thread(request, path, number):
    """Show page `number` of the thread under the post at `path`; its first page is the essay's."""
    if not (number := int(number)):
        raise Http404
    post = get_object_or_404(Post.objects.published().for_lists(), path=path)
    if number == 1:
        return HttpResponsePermanentRedirect(f"{post.get_absolute_url()}#comments")
    if not ThreadPage.objects.filter(post=post, number=number).exists():
        raise Http404
    context = {"post": post, "number": number, "nav": "essays"}
    return render(request, "comments/thread.html", context)


@require_safe
def comment(request, number):
    """Lead to where an approved comment stands, on whichever page of its thread that is."""
    found = get_object_or_404(
        Comment.objects.approved().written().select_related("post", "root"),
        pk=number,
        post__in=Post.objects.published(),
    )
    url, page = found.post.get_absolute_url(), found.thread_page
    if page > 1:
        url = reverse("thread", args=[found.post.path, page])
    return HttpResponseRedirect(f"{url}#c{found.pk}")
