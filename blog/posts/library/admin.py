"""The list of pictures in the admin, and the page of one."""

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.http import HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from blog.lib.adminforms import Explained
from blog.lib.base_path import based
from blog.lib.figures import figure
from blog.lib.folded_search import FoldedSearch, having, read_once
from blog.lib.listing import sentences
from blog.media.names import FOLDER, size_of, thumbnail_of
from blog.posts.models import FileUse, Image

from .filters import UNUSED, NeedsFilter
from .forms import ImageChangeForm, ImageForm
from .rewriting import describe, replace
from .uses import uses_of

# Fields that change essays.
IN_ESSAYS = ("everywhere", "another")


# As Django calls it, which cannot say “selected” as every language does of pictures.
DELETE = _("Delete selected pictures")


class PageOfPictures(ChangeList):
    """A page of the list, each picture with where it is shown."""

    def get_results(self, request):
        super().get_results(request)
        self.result_list = list(self.result_list)
        uses = uses_of(self.result_list)
        for image in self.result_list:
            image.uses = uses[image.file.name]


@admin.register(Image)
class ImageAdmin(Explained, FoldedSearch):
    list_display = ["thumbnail", "shows", "size", "uploaded_at"]
    list_display_links = ["thumbnail"]
    list_filter = [NeedsFilter, "uploaded_at"]
    list_per_page = 50
    search_fields = ["alt", "file"]
    readonly_fields = ["for_an_essay", "size", "shown_in", "uploaded_by", "uploaded_at"]

    def get_changelist(self, request, **kwargs):
        return PageOfPictures

    def get_actions(self, request):
        actions = super().get_actions(request)
        if "delete_selected" in actions:
            what, name, _description = actions["delete_selected"]
            actions["delete_selected"] = what, name, DELETE
        return actions

    def get_search_results(self, request, queryset, search_term):
        """Find them by the titles of the essays that show them, too."""
        if not search_term.strip():
            return queryset, False
        found = having(Image.objects.all(), self.get_search_fields(request), search_term)
        uses = having(FileUse.objects.current(), ["post__title"], search_term)
        either = Q(pk__in=found.values("pk")) | Exists(uses.filter(name=OuterRef("file")))
        return read_once(queryset, queryset.filter(either)), False

    def changelist_view(self, request, extra_context=None):
        context = {"title": _("Pictures"), "counted": counted(), "unused": UNUSED, "delete": DELETE}
        return super().changelist_view(request, context | (extra_context or {}))

    def get_form(self, request, obj=None, **kwargs):
        given = {"form": ImageChangeForm if obj else ImageForm} | kwargs
        form = super().get_form(request, obj, **given)
        if not request.user.has_perm("posts.change_post"):
            # Who may not write essays changes none by way of a picture.
            for name in IN_ESSAYS:
                form.base_fields.pop(name, None)
        return form

    def get_fields(self, request, obj=None):
        if obj is None:
            return ["file", "alt"]
        may_write = request.user.has_perm("posts.change_post")
        return ["alt", *(IN_ESSAYS if may_write else ()), *self.readonly_fields]

    def save_model(self, request, image, form, change):
        if not change:
            image.uploaded_by = request.user
        super().save_model(request, image, form, change)
        if not change:
            return
        if "alt" in form.changed_data and form.cleaned_data.get("everywhere"):
            self.describe(request, image, form.initial["alt"])
        if prepared := form.cleaned_data.get("another"):
            request.successor, request.rewritten = replace(image, prepared, request.user)

    def describe(self, request, image, before):
        if count := describe(image, before, request.user):
            said = ngettext(
                "%(count)s essay has the new description.",
                "%(count)s essays have the new description.",
                count,
            )
            self.message_user(request, said % {"count": figure(count)}, messages.SUCCESS)

    def response_change(self, request, obj):
        successor = getattr(request, "successor", None)
        if successor is None:
            return super().response_change(request, obj)
        said = ngettext(
            "The picture is replaced in %(count)s essay. This is the one that took its place.",
            "The picture is replaced in %(count)s essays. This is the one that took its place.",
            request.rewritten,
        )
        old = format_html(
            '<a href="{}">{}</a>',
            reverse("admin:posts_image_change", args=[obj.pk]),
            _now("The old picture can still be reached until you delete it."),
        )
        said %= {"count": figure(request.rewritten)}
        self.message_user(request, sentences([said, old]), messages.SUCCESS)
        address = reverse("admin:posts_image_change", args=[successor.pk])
        return HttpResponseRedirect(address)

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
        before = [
            _now("Earlier versions of “%(post)s” will no longer show “%(picture)s”")
            % {"picture": image, "post": post.title}
            for image in images
            for post in uses[image.file.name].before
        ]
        return [*deleted, *before], counts, lacking, [*protected, *shown]

    def delete_queryset(self, request, queryset):
        for image in queryset:
            image.delete()

    @admin.display(description=_("picture"))
    def thumbnail(self, image):
        name = thumbnail_of(image.file.name)
        return format_html(
            '<img src="{}" alt="{}" width="{}" height="{}" loading="lazy" class="thumbnail">',
            *(
                based(FOLDER + name),
                _now("Change “%(picture)s”") % {"picture": image},
                *size_of(name),
            ),
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
            '<p><input type="text" class="vTextField for-essay" dir="ltr" readonly value="{}"'
            ' aria-label="{}"></p>'
            '<p><img src="{}" alt="{}" width="{}" height="{}" class="uploaded"></p>',
            image.markdown,
            _now("for an essay"),
            image.get_absolute_url(),
            image.alt,
            image.width,
            image.height,
        )

    @admin.display(description=_("size"), ordering="bytes")
    def size(self, image):
        """Its pixels, its bytes, and those of what was made of it."""
        lines = [image.dimensions]
        if image.bytes is not None:
            lines.append(filesizeformat(image.bytes))
        if image.renditions_bytes:
            all_of_it = filesizeformat(image.bytes + image.renditions_bytes)
            lines.append(_now("in all %(size)s") % {"size": all_of_it})
        return format_html_join(mark_safe("<br>"), "{}", ((line,) for line in lines))


def counted():
    """Return how many pictures there are, how large, and how many no essay shows (two queries)."""
    sums = {"count": Count("pk"), "own": Sum("bytes"), "more": Sum("renditions_bytes")}
    every, unused = Image.objects.aggregate(**sums), Image.objects.unused().aggregate(**sums)
    for each in (every, unused):
        each["own"] = each["own"] or 0
        each["all"] = each["own"] + (each["more"] or 0)
    return {"every": every, "unused": unused}
