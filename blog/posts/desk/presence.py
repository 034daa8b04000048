"""Tells each open desk who else has the same essay open."""

from django.http import JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.posts.models import Presence

from .access import to_write
from .saying import name_of, number


def presence(desk, request, number):
    """Note that the sender has the essay open; answer with the others who do."""
    post = to_write(desk, request, number)
    sitting = request.POST.get("sitting", "")[:32]
    if request.POST.get("left"):
        Presence.objects.filter(post=post, by=request.user, sitting=sitting).delete()
        return JsonResponse({"others": []})
    Presence.objects.note(post, request.user, sitting, wrote=bool(request.POST.get("wrote")))
    beside = Presence.objects.beside(post, request.user, sitting)
    return JsonResponse({"others": [shown(one, request.user) for one in beside]})


def shown(one, reader):
    """Return what the desk shows of one who has the essay open too."""
    own = one.by_id == reader.pk
    name = name_of(one.by)
    return {
        "name": name,
        "own": own,
        "wrote": one.wrote_at and one.wrote_at.isoformat(),
        "strong": strong(name, own),
        "rest": rest(one.wrote_at),
    }


def strong(name, own):
    if own:
        return _("You have this essay open in another tab")
    return _("%s has this essay open") % name


def rest(wrote_at):
    if wrote_at is None:
        return _("and has not written in it yet.")
    minutes = int((timezone.now() - wrote_at).total_seconds() // 60)
    if minutes < 1:
        return _("and wrote in it just now.")
    if minutes < 60:
        said = ngettext(
            "and wrote in it a minute ago.", "and wrote in it %(count)s minutes ago.", minutes
        )
        return said % {"count": number(minutes)}
    hours = minutes // 60
    said = ngettext("and wrote in it an hour ago.", "and wrote in it %(count)s hours ago.", hours)
    return said % {"count": number(hours)}
