"""What a script saves while somebody writes: a version, and nothing that readers see.

Answers are JSON, also where the admin would lead to its sign-in page: the script keeps the words
and says what is wrong.
"""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from blog.lib.base_path import based
from blog.pages.invalidation import changes_no_page
from blog.posts.models import NewerVersion, Post, Revision, Text
from blog.web.door import takes_storable_text

from .access import may_write
from .bar import bar_of
from .fields import TagsField
from .packing import pack
from .saying import clock, name_of
from .sharing import refresh_shared


def autosave(desk, request, number=None):
    """Keep what the desk's form holds. `desk` is the ModelAdmin, which knows who may write."""
    if not desk.admin_site.has_permission(request):
        return JsonResponse({"sign_in": reverse("admin:login")}, status=401)
    return save(request, desk, number)


@takes_storable_text
@require_POST
def save(request, desk, number):
    post = Post.objects.filter(pk=number).first() if number else None
    if number and post is None:
        said = _("This essay was deleted. Save it, and your words become a new draft.")
        return JsonResponse({"error": said}, status=404)
    if not may_write(desk, request, post):
        said = _("You may not write in this essay any more.")
        return JsonResponse({"error": said}, status=403)
    try:
        text = text_in(request.POST)
    except ValidationError as error:
        return JsonResponse({"error": " ".join(error.messages)}, status=400)
    sitting, started_from = request.POST.get("sitting", "")[:32], request.POST.get("version")
    try:
        with transaction.atomic():
            # A first save whose answer was lost has made the essay already.
            begun = None if post else Revision.objects.begun_in(sitting, request.user)
            post = post or (begun.post if begun else first(request.user, text))
            revision = Revision.objects.keep(
                post,
                text,
                by=request.user,
                kind=Revision.Kind.WRITING,
                sitting=sitting,
                started_from=started_from or (begun and begun.token),
                folds=bool(started_from) and "lost" not in request.POST,
            )
    except NewerVersion as found:
        return JsonResponse(who_was_first(request, found.revision), status=409)
    refresh_shared(post)
    return JsonResponse(saved(post, revision))


def known(desk, request, number=None):
    """Tell whether a version has the words that are sent: then no browser need offer them.

    And whether it is the newest. Without a number they are looked for in what their tab saved.
    """
    post = get_object_or_404(Post, pk=number) if number else None
    if not may_write(desk, request, post):
        raise PermissionDenied
    try:
        text = text_in(request.POST)
    except ValidationError:
        return JsonResponse({"known": False, "newest": False})
    own = {"sitting": request.POST.get("sitting", "")[:32], "by": request.user}
    versions = Revision.objects.filter(**{"post": post} if post else own)
    alike = versions.filter(title=text.title, standfirst=text.standfirst, body=text.body)
    found = any(version.text == text for version in alike)
    newest = found and post is not None and Revision.objects.newest(post).text == text
    return JsonResponse({"known": found, "newest": newest})


def text_in(given):
    """Return the Text of a form as it is while somebody writes: nothing in it need be finished.

    Raises ValidationError for what no version can hold.
    """
    fields = {name: given.get(name, "") for name in ("title", "standfirst", "body", "slug", "lang")}
    text = Text.cleaned(tags=TagsField(required=False).clean(given.get("tags", "")), **fields)
    for name in ("title", "slug", "lang"):
        most = Revision._meta.get_field(name).max_length
        if len(getattr(text, name)) > most:
            called = {"title": _("The title"), "slug": _("The address"), "lang": _("The language")}
            said = _("%(name)s has more than %(most)d characters.")
            raise ValidationError(said % {"name": called[name], "most": most})
    return text


def first(author, text):
    """Store a new essay without a text, for its first version to belong to: no page changes."""
    post = Post(author=author, title=text.title)
    post.slug = post.free_slug("")
    with changes_no_page(connection), post.without_version():
        post.save()
    return post


def address_of(post, revision):
    """Return the address that an essay will have with this text, as its author is shown it."""
    shown = Post(kind=post.kind, published_at=post.published_at)
    shown.pk, shown.slug = post.pk, post.slug_for(revision.text) if revision else post.slug
    return based(f"/{shown.shown_path}/")


def saved(post, revision):
    given = {"bar": bar_of(post, revision), "post": post, "newest": revision}
    bar = render_to_string("admin/posts/desk/_bar.html", given)
    return {
        "saved": clock(revision.at),
        "version": revision.token,
        "base": pack(revision.text),
        "essay": post.pk,
        "autosave": reverse("admin:posts_post_autosave", args=[post.pk]),
        "presence": reverse("admin:posts_post_presence", args=[post.pk]),
        "known": reverse("admin:posts_post_known", args=[post.pk]),
        "change": reverse("admin:posts_post_change", args=[post.pk]),
        "address": address_of(post, revision),
        "bar": bar,
    }


def who_was_first(request, newest):
    """Say who saved the newer version and when; whether it was another tab of the same person."""
    return {
        "by": name_of(newest.by),
        "at": clock(newest.at),
        "own": newest.by_id == request.user.pk,
        # A tab that finds itself here lost the answer to a save, and goes on from that one.
        "sitting": newest.sitting,
        "version": newest.token,
    }
