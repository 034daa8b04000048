"""What scripts of the desk ask for while somebody writes: Markdown, addresses, and pictures."""

import itertools
from pathlib import PurePath

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import JsonResponse
from django.utils.translation import gettext as _

from blog.media.pictures.preparing import prepare
from blog.media.storing import store
from blog.posts.models import Image, Post

from .access import may_upload, may_write_any

# Essays that are offered for a link, and the words that are looked for.
MOST_LINKS, MOST_WORDS = 8, 10


def paste(desk, request):
    """Answer with the Markdown for what a clipboard holds as HTML."""
    if not may_write_any(desk, request):
        raise PermissionDenied
    # Costs a tenth of every start, and most processes never need it.
    from blog.markup.from_html.pasted import TooMuch, pasted_markdown  # noqa: PLC0415

    try:
        return JsonResponse({"markdown": pasted_markdown(request.POST.get("html", ""))})
    except TooMuch:
        return JsonResponse({"error": _("This is too much to paste at once.")}, status=413)


def links(desk, request):
    """Answer with essays whose titles have all the words typed, those begun last first."""
    if not may_write_any(desk, request):
        raise PermissionDenied
    words = request.GET.get("q", "").casefold().split()[:MOST_WORDS]
    # Compared here, because SQLite knows the capitals of English alone.
    titles = Post.objects.filter(published_at__isnull=False, withdrawn_at=None).order_by(
        "-published_at", "-pk"
    )
    fitting = (
        {"title": title, "path": f"/{path}/"}
        for title, path in (titles.values_list("title", "path") if words else ())
        if all(word in title.casefold() for word in words)
    )
    return JsonResponse([*itertools.islice(fitting, MOST_LINKS)], safe=False)


def picture(desk, request):
    """Keep a picture and answer with the line that shows it; the same picture is kept once."""
    if not may_upload(desk, request):
        raise PermissionDenied
    if (file := request.FILES.get("file")) is None:
        return JsonResponse({"error": _("No picture arrived. Try again.")}, status=400)
    try:
        image = kept(file, request.POST.get("alt", "")[:500], request.user)
    except ValidationError as error:
        return JsonResponse({"error": refusal(file, error)}, status=400)
    return JsonResponse({"markdown": image.markdown, "image": image.pk})


def kept(file, alt, by):
    prepared = prepare(file)
    # Stored before there is a row that names it.
    store(prepared)
    given = {"alt": alt, "width": prepared.width, "height": prepared.height, "uploaded_by": by}
    return Image.objects.get_or_create(file=prepared.name, defaults=given)[0]


def refusal(file, error):
    """Return why a file was not added; for one that is not a picture, the kinds to choose."""
    name = PurePath(file.name).name
    if any(part.code == "unreadable" for part in error.error_list):
        return _("%(name)s was not added: choose a JPEG, PNG, WebP or GIF.") % {"name": name}
    said = " ".join(error.messages)
    return _("%(name)s was not added: %(why)s") % {"name": name, "why": said}
