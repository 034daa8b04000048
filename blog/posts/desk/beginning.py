"""Pages that are begun for an owner: drafts of what most sites have to say of themselves."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from blog.posts.models import Post
from blog.site.reading import site

# Functions by the name of a draft, each returning its title, its address and its text. The comments
# add theirs.
DRAFTS = {}


def begin(desk, request, name):
    """Make a draft of this page and open it; one that is there is opened as it is."""
    if not desk.has_add_permission(request):
        raise PermissionDenied
    if name not in DRAFTS:
        raise Http404(name)
    if request.method != "POST":
        return HttpResponseRedirect(reverse("admin:posts_post_changelist"))
    title, slug, body = DRAFTS[name]()
    with transaction.atomic():
        page = Post.objects.filter(kind=Post.Kind.PAGE, slug=slug).first()
        if page is None:
            page = Post(kind=Post.Kind.PAGE, author=request.user, title=title, slug=slug, body=body)
            page.comments_open, page.saved_by = False, request.user
            page.save()
            said = _("This is a draft. Only you can read it until you publish it.")
            desk.message_user(request, said, messages.SUCCESS)
    return HttpResponseRedirect(reverse("admin:posts_post_change", args=[page.pk]))


def imprint():
    name = site().author or _("[your name]")
    body = _(
        "%(title)s is written and published by:\n\n"
        "%(name)s  \n[street and number]  \n[postcode and town]  \n[country]\n\n"
        "E-mail: [address]\n\n"
        "*Many countries ask for more, such as a telephone number, a register or a tax number. "
        "Replace what is in brackets, and this line.*"
    )
    return _("Imprint"), "imprint", body % {"title": site().title, "name": name}


DRAFTS["imprint"] = imprint
