"""The page on which owners see comments that found no essay, by address, and say which it was."""

from html import unescape

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Min
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from blog.lib.readonly import RUNS_SITE, ForOwners
from blog.posts.models import Post
from blog.transfer.discussions.finding import parts_of, post_at
from comments.models import Unplaced

from .tasks import bring_waiting

# Addresses that the page lists, comments of each that it shows, and those brought while one waits.
LISTED, SHOWN, AT_ONCE = 100, 5, 50
# Characters of a comment that are read for that.
MOST_READ = 2000


@admin.register(Unplaced)
class UnplacedAdmin(ForOwners, admin.ModelAdmin):
    def has_view_permission(self, request, obj=None):
        return obj is None and request.user.has_perm(RUNS_SITE)

    def changelist_view(self, request, extra_context=None):
        if not request.user.has_perm(RUNS_SITE):
            raise PermissionDenied
        if request.method == "POST":
            return self.act(request)
        waiting = Unplaced.objects.waiting().order_by().values("page")
        pages = waiting.annotate(count=Count("pk"), first=Min("created_at")).order_by("page")
        listed = list(pages[:LISTED])
        for each in listed:
            comments = Unplaced.objects.waiting().filter(page=each["page"])
            each["comments"] = comments.order_by("created_at", "pk")[:SHOWN]
            for comment in each["comments"]:
                # Only to know it by; what it becomes is decided when it is brought.
                text = comment.markdown or unescape(strip_tags(comment.html[:MOST_READ]))
                comment.words = text[:MOST_READ].strip()
        context = {
            **self.admin_site.each_context(request),
            "title": _("Comments without an essay"),
            "pages": listed,
            "more": pages.count() - len(listed),
        }
        return TemplateResponse(request, "admin/comments/unplaced/list.html", context)

    def act(self, request):
        """Bring the comments of an address to an essay, or throw them away."""
        page = request.POST.get("page", "")
        waiting = Unplaced.objects.waiting().filter(page=page)
        if request.POST.get("do") == "away":
            count = waiting.erase()
            said = ngettext("%(n)d comment is deleted.", "%(n)d comments are deleted.", count)
            self.message_user(request, said % {"n": count}, messages.SUCCESS)
        else:
            self.bring(request, page, waiting.count())
        return HttpResponseRedirect(reverse("admin:comments_unplaced_changelist"))

    def bring(self, request, page, count):
        written = request.POST.get("essay", "")
        _host, path, query = parts_of(written)
        post = Post.objects.filter(pk=post_at(path, query)).first()
        if post is None:
            said = _now("No essay here has the address “%(address)s”.") % {"address": written}
            return self.message_user(request, said, messages.ERROR)
        if count > AT_ONCE:
            bring_waiting.enqueue(page, post.pk)
            said = _now("The comments are being brought to “%(title)s”.") % {"title": post.title}
        else:
            from blog.transfer.discussions.keeping_again import bring_to  # noqa: PLC0415 - costly

            added = bring_to(page, post.pk).added["comment"]
            said = ngettext(
                "%(n)d comment stands under “%(title)s” now.",
                "%(n)d comments stand under “%(title)s” now.",
                added,
            ) % {"n": added, "title": post.title}
        return self.message_user(request, said, messages.SUCCESS)
