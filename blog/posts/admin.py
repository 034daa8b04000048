"""What an author needs to write and publish: the stock admin, with this site's words."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from .images import prepare, store
from .models import Image, OldAddress, Post, Tag


class StatusFilter(admin.SimpleListFilter):
    """Drafts, scheduled, published, withdrawn: each follows from the two times of a post."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request, model_admin):
        return Post.Status.choices

    def queryset(self, request, queryset):
        now = timezone.now()
        narrowed = {
            Post.Status.DRAFT: queryset.filter(published_at=None),
            Post.Status.SCHEDULED: queryset.filter(published_at__gt=now, withdrawn_at=None),
            Post.Status.PUBLISHED: queryset.published(),
            Post.Status.WITHDRAWN: queryset.filter(withdrawn_at__isnull=False),
        }
        return narrowed.get(self.value(), queryset)


class OldAddressInline(admin.TabularInline):
    model = OldAddress
    extra = 0
    verbose_name_plural = _("old addresses, whose readers are sent here")

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False


@admin.register(Post)
class PostAdmin(admin.ModelAdmin):
    list_display = ["title", "status_shown", "kind", "published_at", "comment_count"]
    list_filter = [StatusFilter, "kind", "tags", "comments_open"]
    search_fields = ["title", "standfirst", "body"]
    date_hierarchy = "published_at"
    ordering = ["-created_at"]
    prepopulated_fields = {"slug": ["title"]}
    autocomplete_fields = ["tags"]
    readonly_fields = ["status_shown", "preview", "updated_at"]
    fieldsets = [
        (None, {"fields": ["title", "standfirst", "body", "tags"]}),
        (_("Publishing"), {"fields": ["status_shown", "published_at", "kind", "slug"]}),
        (
            _("Who and what else"),
            {"fields": ["author", "comments_open", "announces_links", "updated_at"]},
        ),
        (_("As readers see it (the text last saved)"), {"fields": ["preview"]}),
    ]
    inlines = [OldAddressInline]
    actions = ["publish", "withdraw"]
    save_on_top = True

    def get_queryset(self, request):
        # The list shows no text, so it reads none.
        queryset = super().get_queryset(request)
        if request.resolver_match.url_name == "posts_post_changelist":
            queryset = queryset.defer("body", "body_html", "annotated_html")
        return queryset

    def get_changeform_initial_data(self, request):
        return {"author": request.user.pk} | super().get_changeform_initial_data(request)

    @admin.display(description=_("status"))
    def status_shown(self, post):
        return post.status.label if post.pk else Post.Status.DRAFT.label

    @admin.display(description="")
    def preview(self, post):
        if not post.body_html:
            return _("Save, and the text is shown here.")
        # Stored HTML: it passed both gates when it was saved.
        return format_html('<div class="prose">{}</div>', mark_safe(post.body_html))  # noqa: S308

    @admin.action(description=_("Publish now"), permissions=["change"])
    def publish(self, request, queryset):
        done = [post for post in queryset if not post.is_public]
        for post in done:
            post.publish()
        self.message_user(
            request,
            ngettext("%d essay is published.", "%d essays are published.", len(done)) % len(done),
            messages.SUCCESS,
        )

    @admin.action(description=_("Withdraw (its address answers 410)"), permissions=["change"])
    def withdraw(self, request, queryset):
        done = [post for post in queryset if post.is_public]
        for post in done:
            post.withdraw()
        self.message_user(
            request,
            ngettext("%d essay is withdrawn.", "%d essays are withdrawn.", len(done)) % len(done),
            messages.SUCCESS,
        )


@admin.register(Tag)
class TagAdmin(admin.ModelAdmin):
    list_display = ["name", "slug"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}


class ImageForm(forms.ModelForm):
    file = forms.FileField(
        label=_("File"),
        help_text=_("JPEG, PNG, WebP or a still GIF. Where and when it was taken is left out."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/gif"}),
    )

    def clean_file(self):
        prepared = prepare(self.cleaned_data["file"])
        if same := Image.objects.filter(file=prepared.name).first():
            raise ValidationError(_now("This image is here already: %s") % same.markdown)
        self.instance.width, self.instance.height = prepared.width, prepared.height
        # Stored before there is a row that names it; the same image is stored once, whoever tries.
        store(prepared)
        return prepared.name


@admin.register(Image)
class ImageAdmin(admin.ModelAdmin):
    list_display = ["__str__", "width", "height", "uploaded_by", "uploaded_at"]
    list_select_related = ["uploaded_by"]
    search_fields = ["alt", "file"]
    readonly_fields = ["for_an_essay", "size", "uploaded_by", "uploaded_at"]

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
        deleted, counts, lacking, protected = super().get_deleted_objects(objs, request)
        shown = [
            _now("“%(image)s” is shown in “%(post)s”") % {"image": image, "post": post}
            for image in objs
            for post in image.shown_in().only("title")
        ]
        return deleted, counts, lacking, [*protected, *shown]

    def delete_queryset(self, request, queryset):
        for image in queryset:
            image.delete()

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

    @admin.display(description=_("size"))
    def size(self, image):
        return f"{image.width} × {image.height}"
