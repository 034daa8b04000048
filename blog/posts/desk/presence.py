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
        "said": in_parts(said_of(own, one.wrote_at), name),
    }


def in_parts(said, name):
    """Return the sentence with a name in it, as what stands before, in and after its bold part."""
    before, _start, more = said.partition("<strong>")
    strong, _end, rest = more.partition("</strong>")
    parts = {"before": before, "strong": strong, "rest": rest}
    return {each: part % {"name": name} for each, part in parts.items()}


def said_of(own, wrote_at):
    """Return the sentence about a person, or about another tab of one's own."""
    minutes = wrote_at and int((timezone.now() - wrote_at).total_seconds() // 60)
    if minutes is None:
        return not_yet(own)
    if minutes < 1:
        return just_now(own)
    if minutes < 60:
        return minutes_ago(own, minutes)
    return hours_ago(own, minutes // 60)


def not_yet(own):
    if own:
        return _(
            "<strong>You have this essay open in another tab</strong> and have not written in it "
            "there yet."
        )
    return _("<strong>%(name)s has this essay open</strong> and has not written in it yet.")


def just_now(own):
    if own:
        return _(
            "<strong>You have this essay open in another tab</strong> and wrote in it there just "
            "now."
        )
    return _("<strong>%(name)s has this essay open</strong> and wrote in it just now.")


def minutes_ago(own, count):
    if own:
        said = ngettext(
            "<strong>You have this essay open in another tab</strong> and wrote in it there a "
            "minute ago.",
            "<strong>You have this essay open in another tab</strong> and wrote in it there "
            "%(count)s minutes ago.",
            count,
        )
    else:
        said = ngettext(
            "<strong>%(name)s has this essay open</strong> and wrote in it a minute ago.",
            "<strong>%(name)s has this essay open</strong> and wrote in it %(count)s minutes ago.",
            count,
        )
    return said.replace("%(count)s", number(count))


def hours_ago(own, count):
    if own:
        said = ngettext(
            "<strong>You have this essay open in another tab</strong> and wrote in it there an "
            "hour ago.",
            "<strong>You have this essay open in another tab</strong> and wrote in it there "
            "%(count)s hours ago.",
            count,
        )
    else:
        said = ngettext(
            "<strong>%(name)s has this essay open</strong> and wrote in it an hour ago.",
            "<strong>%(name)s has this essay open</strong> and wrote in it %(count)s hours ago.",
            count,
        )
    return said.replace("%(count)s", number(count))
