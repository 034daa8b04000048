"""The page on which people say who they are: their name, a few sentences, a picture and a link."""

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in
from django.core.exceptions import ValidationError
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from blog.lib.capitals import capitalised
from blog.lib.languages import translated
from blog.lib.lines import Lines
from blog.lib.readonly import GoesAlong
from blog.markup.names import name_of_person
from blog.media.pictures.preparing import prepare
from blog.media.storing import store
from blog.web.choosing import PictureInput
from blog.web.staff_language import remember

from .models import Image, Profile, has_several_authors


class ProfileForm(forms.ModelForm):
    name = forms.CharField(
        label=_("Your name"),
        max_length=150,
        help_text=_("Readers see it over what you write."),
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
    )
    link = forms.URLField(
        label=_("Your own page"),
        max_length=300,
        required=False,
        assume_scheme="https",
        help_text=_("An address elsewhere. It is linked as yours, with rel=“me”."),
        widget=forms.URLInput(attrs={"autocomplete": "url", "dir": "ltr"}),
    )
    file = forms.FileField(
        label=_("Picture"),
        required=False,
        help_text=_(
            "JPEG, PNG, WebP or GIF, or HEIC as phones make it. "
            "Where and when it was taken is left out."
        ),
        widget=PictureInput,
    )
    without = forms.BooleanField(label=_("Show no picture"), required=False)
    field_order = ["name", "bio", "link", "file", "without", "language"]

    class Meta:
        model = Profile
        fields = ["bio", "link", "language"]
        widgets = {"bio": Lines(attrs={"rows": 6, "dir": "auto"})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.fields["language"] = forms.ChoiceField(
            label=capitalised(Profile._meta.get_field("language").verbose_name),
            help_text=Profile._meta.get_field("language").help_text,
            choices=[("", _now("As the site")), *translated()],
            required=False,
        )
        self.fields["name"].initial = self.instance.user.get_full_name()
        if self.instance.picture_id is None:
            del self.fields["without"]

    def clean_name(self):
        if not (name := name_of_person(self.cleaned_data["name"])):
            raise ValidationError(_now("Write the name as readers are to see it."))
        return name

    def clean_link(self):
        link = self.cleaned_data["link"]
        if link and not link.startswith(("https://", "http://")):
            raise ValidationError(_now("Give an address that begins with https://."))
        return link

    def clean_file(self):
        if not (file := self.cleaned_data["file"]):
            return None
        prepared = prepare(file)
        store(prepared)
        return prepared

    def save(self, commit=True):
        user, name = self.instance.user, self.cleaned_data["name"]
        with transaction.atomic():
            if name != user.get_full_name():
                get_user_model().objects.filter(pk=user.pk).update(first_name=name, last_name="")
            given = {
                name: getattr(self.instance, name)
                for name in ("bio", "bio_html", "link", "language")
            }
            if prepared := self.cleaned_data.get("file"):
                given["picture"] = picture_of(prepared, user)
            elif self.cleaned_data.get("without"):
                given["picture"] = None
            # One statement, because two windows may send it at the same moment.
            return Profile.objects.update_or_create(user=user, defaults=given)[0]


def picture_of(prepared, user):
    """Return the picture of the library that this is, a new one if it is not there yet."""
    given = {"width": prepared.width, "height": prepared.height, "uploaded_by": user}
    return Image.objects.get_or_create(file=prepared.name, defaults=given)[0]


@receiver(user_logged_in)
def speak_to_them(request, user, **_rest):
    """Have the session that begins in the language they chose (one query)."""
    chosen = Profile.objects.filter(user=user).values_list("language", flat=True).first()
    remember(request, chosen or "")


@admin.register(Profile)
class ProfileAdmin(GoesAlong, admin.ModelAdmin):
    """One page: everybody's own."""

    def has_module_permission(self, request):
        return True

    def has_view_permission(self, request, obj=None):
        return obj is None

    def changelist_view(self, request, extra_context=None):
        user = get_user_model().objects.get(pk=request.user.pk)
        mine = Profile.objects.select_related("picture").filter(user=user).first()
        given = (request.POST, request.FILES) if request.method == "POST" else ()
        form = ProfileForm(*given, instance=mine or Profile(user=user))
        if form.is_valid():
            remember(request, form.save().language)
            self.message_user(request, _now("Your page is saved."), messages.SUCCESS)
            return HttpResponseRedirect(request.path)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Your page"),
            "form": form,
            "mine": mine,
            "number": user.pk,
            "is_shown": has_several_authors() and user.posts.published().essays().exists(),
        }
        return TemplateResponse(request, "admin/posts/profile/mine.html", context)
