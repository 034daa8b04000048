"""The pages on which owners bring a blog here, and read what came of each."""

import logging
import tempfile

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from blog.lib.listing import listed
from blog.lib.readonly import RUNS_SITE, ForOwners
from blog.media.files import read_on
from blog.transfer.importers import IMPORTERS

from . import uploading
from .forms import SendForm
from .models import Move, TooMuch
from .shown import Shown
from .tasks import call_next, enqueue
from .unplaced import UnplacedAdmin  # noqa: F401 - adds its page

# Those that the page lists.
LISTED = 50

logger = logging.getLogger(__name__)


class ListOfLines(StreamingHttpResponse):
    is_streamed = True  # by a thread that holds no database (ops/streams.py)


def helps():
    """Return where files are to be had, each with the names of those it is true of."""
    found = {}
    for importer in IMPORTERS.values():
        found.setdefault(str(importer.help), []).append(str(importer.name))
    return [(said, listed(names)) for said, names in found.items()]


@admin.register(Move)
class MoveAdmin(ForOwners, admin.ModelAdmin):
    """One page to send a file and see what was sent before, and one for each of these."""

    def has_view_permission(self, request, obj=None):
        return obj is None and request.user.has_perm(RUNS_SITE)

    def get_urls(self):
        view, name = self.admin_site.admin_view, "moving_move_{}".format
        return [
            path("upload/", view(uploading.begin), name=name("upload_new")),
            path("upload/<str:key>/", view(uploading.upload), name=name("upload")),
            path("<int:number>/", view(self.one), name=name("one")),
            path("<int:number>/report/", view(self.whole_report), name=name("report")),
            *super().get_urls(),
        ]

    def changelist_view(self, request, extra_context=None):
        if not request.user.has_perm(RUNS_SITE):
            raise PermissionDenied
        if request.method != "POST":
            return self.show(request, SendForm(by=request.user))
        form = SendForm(request.POST, request.FILES, by=request.user)
        if not form.is_valid():
            return self.show(request, form)
        try:
            move = form.save()
        except TooMuch as error:
            form.add_error("blog", str(error))
            return self.show(request, form)
        except OSError as error:
            logger.warning("An upload could not be kept: %s", error)
            form.add_error(None, _now("The storage takes nothing just now. Try again later."))
            return self.show(request, form, status=503)
        return HttpResponseRedirect(reverse("admin:moving_move_one", args=[move.pk]))

    def show(self, request, form, status=200):
        listed = Move.objects.select_related("by").defer("trial", "report")[:LISTED]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Bring a blog here"),
            "form": form,
            "helps": helps(),
            "plain_mb": settings.IMAGE_BYTES // 1_000_000,
            "most_mb": settings.RECORDING_MB,
            "moves": [Shown(move) for move in listed],
        }
        return TemplateResponse(request, "admin/moving/move/send.html", context, status=status)

    def one(self, request, number):
        if not request.user.has_perm(RUNS_SITE):
            raise PermissionDenied
        move = get_object_or_404(Move.objects.select_related("by"), pk=number)
        if request.method == "POST":
            return self.act(request, move)
        context = {
            **self.admin_site.each_context(request),
            "title": move.name,
            "move": Shown(move, in_full=True),
        }
        return TemplateResponse(request, "admin/moving/move/one.html", context)

    def act(self, request, move):
        """Do what a button of the page says, if the page was not too old for it."""
        acts = {"bring": self.bring, "stop": self.stop, "away": self.throw_away}
        act = acts.get(request.POST.get("do"))
        to = reverse("admin:moving_move_one", args=[move.pk])
        with transaction.atomic():
            move = Move.objects.select_for_update(of=("self",)).get(pk=move.pk)
            came = act(move) if act else None
        if came is None:
            self.message_user(
                request, _now("That is not possible any more: see how it stands."), messages.ERROR
            )
            came = to
        return HttpResponseRedirect(came or to)

    def bring(self, move):
        """Begin the import, or go on with one that was stopped or whose job failed."""
        may_begin = move.state in (Move.State.TRIED, Move.State.STOPPED)
        if not (move.has_file and (may_begin or move.has_failed())):
            return None
        if may_begin:
            move.change(state=Move.State.CHOSEN, said="", done=0 if not move.steps else move.done)
        enqueue(move)
        return ""

    def stop(self, move):
        """Stop what a worker does. Of an import, what came so far stays, and it can go on."""
        if not move.is_waiting:
            return None
        state = Move.State.REFUSED if move.is_trial else Move.State.STOPPED
        said = _now("It was stopped.") if not move.is_trial else _now("Reading it was stopped.")
        move.end(state, said)
        transaction.on_commit(call_next)
        return ""

    def throw_away(self, move):
        """Delete what was sent, and its report."""
        if move.is_waiting:
            return None
        move.parcels.all().delete()
        move.delete()
        return reverse("admin:moving_move_changelist")

    def whole_report(self, request, number):
        """Send every line of a report as a text file."""
        if not request.user.has_perm(RUNS_SITE):
            raise PermissionDenied
        move = get_object_or_404(Move, pk=number)
        file = tempfile.TemporaryFile(dir=settings.DATA_DIR)  # noqa: SIM115 - it is sent on
        for line in Shown(move).text():
            file.write(f"{line}\n".encode())
        file.seek(0)
        response = ListOfLines(read_on(file), content_type="text/plain; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="report-{move.pk}.txt"'
        return response
