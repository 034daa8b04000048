"""The list of pictures in the admin, and the page of one."""

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from blog.lib.adminforms import Explained
from blog.media.names import FOLDER, size_of, thumbnail_of
from blog.media.pictures.headers import accepted
from blog.media.pictures.preparing import prepare
from blog.media.storing import store
from blog.posts.models import FileUse, Image

from .filters import NeedsFilter
from .uses import uses_of


class ImageForm(forms.ModelForm):
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "JPEG, PNG, WebP or GIF, or HEIC as phones make it. "
            "Where and when it was taken is left out."
        ),
        widget=forms.FileInput(attrs={"accept": accepted()}),
    )

    def clean_file(self):
        prepared = prepare(self.cleaned_data["file"])
        if same := Image.objects.filter(file=prepared.name).first():
            raise ValidationError(_now("This picture is here already: %s") % same.markdown)
        self.instance.width, self.instance.height = prepared.width, prepared.height
        # Stored before there is a row that names it; the same picture is stored once.
        store(prepared)
        return prepared.name


class PageOfPictures(ChangeList):
    """A page of the list, each picture with where it is shown."""

    def get_results(self, request):
        super().get_results(request)
        self.result_list = list(self.result_list)
        uses = uses_of(self.result_list)
        for image in self.result_list:
            image.uses = uses[image.file.name]


@admin.register(Image)
class ImageAdmin(Explained, admin.ModelAdmin):
    list_display = ["thumbnail", "shows", "size", "uploaded_by", "uploaded_at"]
    list_display_links = ["thumbnail"]
    list_select_related = ["uploaded_by"]
    list_filter = [NeedsFilter, "uploaded_at"]
    list_per_page = 50
    search_fields = ["alt", "file"]
    search_help_text = _("By what they show, and by the essays that show them.")
    readonly_fields = ["for_an_essay", "size", "shown_in", "uploaded_by", "uploaded_at"]

    def get_changelist(self, request, **kwargs):
        return PageOfPictures

    def get_search_results(self, request, queryset, search_term):
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        if words := search_term.split():
            uses = FileUse.objects.current().filter(name=OuterRef("file"))
            for word in words:
                uses = uses.filter(post__title__icontains=word)
            found |= queryset.filter(Exists(uses))
        return found, may_repeat

    def get_form(self, request, obj=None, **kwargs):
        return super().get_form(request, obj, **({} if obj else {"form": ImageForm}) | kwargs)

    def get_fields(self, request, obj=None):
        return ["alt", *self.readonly_fields] if obj else ["file", "alt"]

    def save_model(self, request, image, form, change):
        if not change:
            image.uploaded_by = request.user
        super().save_model(request, image, form, change)

    def response_add(self, request, obj, post_url_continue=None):
        # What is wanted next is what to write into the essay.
        request.POST = request.POST | {"_continue": "1"}
        return super().response_add(request, obj, post_url_continue)

    def get_deleted_objects(self, objs, request):
        images = list(objs)
        deleted, counts, lacking, protected = super().get_deleted_objects(images, request)
        uses = uses_of(images)
        shown = [
            _now("“%(picture)s” is shown in “%(post)s”") % {"picture": image, "post": post.title}
            for image in images
            for post in uses[image.file.name].now
        ]
        return deleted, counts, lacking, [*protected, *shown]

    def delete_queryset(self, request, queryset):
        for image in queryset:
            image.delete()

    @admin.display(description=_("picture"))
    def thumbnail(self, image):
        name = thumbnail_of(image.file.name)
        return format_html(
            '<img src="{}" alt="{}" width="{}" height="{}" loading="lazy" class="thumbnail">',
            *(FOLDER + name, _now("Change it"), *size_of(name)),
        )

    @admin.display(description=_("what it shows"), ordering="alt")
    def shows(self, image):
        context = {"image": image, "uses": image.uses}
        return render_to_string("admin/posts/image/_shows.html", context)

    @admin.display(description=_("shown in"))
    def shown_in(self, image):
        context = {"uses": uses_of([image])[image.file.name]}
        return render_to_string("admin/posts/image/_uses.html", context)

    @admin.display(description=_("for an essay"))
    def for_an_essay(self, image):
        return format_html(
            '<p><input type="text" class="vLargeTextField" readonly value="{}"></p>'
            '<p><img src="{}" alt="{}" width="{}" height="{}" class="uploaded"></p>',
            image.markdown,
            image.get_absolute_url(),
            image.alt,
            image.width,
            image.height,
        )

    @admin.display(description=_("size"), ordering="width")
    def size(self, image):
        return f"{image.width} × {image.height}"
