"""Mail in the admin: each person's own choice, and for superusers the list of all mails."""

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from blog.lib.readonly import ForOwners, GoesAlong
from comments.mail.notifications import unreachable_superusers
from comments.models import Mail, MailChoice


class ChoiceForm(forms.ModelForm):
    class Meta:
        model = MailChoice
        fields = ["when"]
        widgets = {"when": forms.RadioSelect}


@admin.register(MailChoice)
class MailChoiceAdmin(GoesAlong, admin.ModelAdmin):
    """One page on which people choose when they get mail themselves."""

    def changelist_view(self, request, extra_context=None):
        form = ChoiceForm(request.POST or None, instance=MailChoice.of(request.user))
        if form.is_valid():
            # One statement, because two windows may send it at the same moment.
            MailChoice.objects.update_or_create(user=request.user, defaults=form.cleaned_data)
            self.message_user(request, _("Your choice is kept."), messages.SUCCESS)
            return HttpResponseRedirect(request.path)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Your mail"),
            "form": form,
            "is_set_up": settings.MAIL_IS_SET_UP,
            "may_change_users": request.user.has_perm("auth.change_user"),
            "unreachable": unreachable_superusers().exclude(pk=request.user.pk),
        }
        return TemplateResponse(request, "admin/comments/mailchoice/mine.html", context)

    def has_module_permission(self, request):
        return True

    def has_view_permission(self, request, obj=None):
        return obj is None or obj.user_id == request.user.pk


@admin.register(Mail)
class MailAdmin(ForOwners, GoesAlong, admin.ModelAdmin):
    """The list of mails, sent and waiting, with what went wrong; read-only."""

    list_display = ["__str__", "created_at", "due_at", "sent_at", "dropped_at", "error"]
    list_display_links = None
    list_filter = ["kind", ("sent_at", admin.EmptyFieldListFilter)]
    search_fields = ["to"]
    list_per_page = 50
    show_full_result_count = False
