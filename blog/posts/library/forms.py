"""The forms of a picture: a new one, and one that is there."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from blog.media.pictures.preparing import prepare
from blog.media.storing import store
from blog.posts.models import Image
from blog.web.choosing import PictureInput


class ImageForm(forms.ModelForm):
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "JPEG, PNG, WebP or GIF, or HEIC as phones make it. "
            "Where and when it was taken is left out."
        ),
        widget=PictureInput,
    )

    def clean_file(self):
        prepared = prepare(self.cleaned_data["file"])
        if same := Image.objects.filter(file=prepared.name).first():
            raise ValidationError(_now("This picture is here already: %s") % same.markdown)
        self.instance.width, self.instance.height = prepared.width, prepared.height
        # Stored before there is a row that names it; the same picture is stored once.
        store(prepared)
        return prepared.name


class ImageChangeForm(forms.ModelForm):
    everywhere = forms.BooleanField(
        label=_("Also in essays"),
        required=False,
        initial=True,
        help_text=_(
            "Essays that show it with the old description, or with none, get the new one. Words "
            "that somebody wrote for one essay stay."
        ),
    )
    another = forms.FileField(
        label=_("Another file"),
        required=False,
        help_text=_(
            "Takes its place in all essays and in what is being written. The old file can still "
            "be reached at its address until you delete it."
        ),
        widget=PictureInput,
    )

    def clean_another(self):
        if not (file := self.cleaned_data["another"]):
            return None
        prepared = prepare(file)
        if prepared.name == self.instance.file.name:
            raise ValidationError(_now("This is the same picture."))
        store(prepared)
        return prepared
