"""The page on which an owner sets what the site is called, leads to and says."""

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from blog.lib.numbers import number_in
from blog.lib.readonly import ReadOnly

from .acts import ACTS
from .forms import SiteForm
from .links import offered, to_try
from .models import SiteVersion
from .trial import page_at
from .versions import newest, page_of

MAY = "site.change_site"


@admin.register(SiteVersion)
class SiteVersionAdmin(ReadOnly, admin.ModelAdmin):
    """One page: the form, and below it the versions, each of which can be brought back."""

    def has_module_permission(self, request):
        return request.user.has_perm(MAY)

    def has_view_permission(self, request, obj=None):
        return obj is None and request.user.has_perm(MAY)

    def changelist_view(self, request, extra_context=None):
        if not request.user.has_perm(MAY):
            raise PermissionDenied
        if request.method != "POST":
            return self.show(request, SiteForm(stored=newest()))
        if "back" in request.POST:
            return self.bring_back(request)
        with transaction.atomic():
            form = SiteForm(request.POST, request.FILES, stored=newest(locked=True))
            if move := request.POST.get("move"):
                form.forget_errors()
                form.move(move)
                return self.show(request, form)
            form.look_for_newer()
            if not form.is_valid():
                return self.show(request, form)
            if not form.is_as_stored:
                self.save(request, form.instance)
        self.message_user(request, _now("Saved. Readers have it now."), messages.SUCCESS)
        return HttpResponseRedirect(request.path)

    def get_urls(self):
        view = self.admin_site.admin_view(self.try_out)
        act = self.admin_site.admin_view(self.act)
        return [
            path("try/", view, name="site_siteversion_try"),
            path("do/<str:name>/", act, name="site_siteversion_act"),
            *super().get_urls(),
        ]

    def act(self, request, name):
        """Ask whether to do what an app offers, or do it."""
        if not request.user.has_perm(MAY):
            raise PermissionDenied
        act = ACTS.get(name)
        if act is None:
            raise Http404(name)
        if request.method == "POST":
            self.message_user(request, act.do(), messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:index"))
        context = self.admin_site.each_context(request) | {"title": act.words, "act": act}
        return TemplateResponse(request, "admin/site/siteversion/act.html", context)

    def try_out(self, request):
        """Show a page of the site with what is in the form, which is not saved."""
        if not request.user.has_perm(MAY):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseRedirect(reverse("admin:site_siteversion_changelist"))
        stored, pages = newest(), [address for address, _name in to_try()]
        form = SiteForm(request.POST, stored=stored)
        if form.is_valid() and request.POST.get("on") in pages:
            return page_at(request, request.POST["on"], form.instance.values)
        return self.show(request, SiteForm(request.POST, request.FILES, stored=stored))

    def save(self, request, version, source=None):
        version.pk, version.by, version.source = None, request.user, source
        version.save(force_insert=True)

    def bring_back(self, request):
        """Add a version like an earlier one."""
        number = number_in(request.POST["back"])
        earlier = SiteVersion.objects.filter(pk=number).first() if number else None
        if earlier:
            with transaction.atomic():
                before, version = newest(locked=True), SiteVersion(**earlier.values)
                self.save(request, version, earlier)
                # Known only now: what readers lost meanwhile stays out of the menus.
                transaction.set_rollback(version.values == before.values)
            said = _now("Brought back. What you had is kept below.")
            self.message_user(request, said, messages.SUCCESS)
        return HttpResponseRedirect(request.path)

    def show(self, request, form):
        versions, page, has_earlier = page_of(request.GET.get("page", ""))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Site"),
            "form": form,
            "offered": offered(),
            "to_try": to_try(),
            "versions": versions,
            "later": page - 1,
            "earlier": page + 1 if has_earlier else None,
            "time_zone": settings.TIME_ZONE,
        }
        return TemplateResponse(request, "admin/site/siteversion/site.html", context)
