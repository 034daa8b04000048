"""What an author needs to write and publish: the stock admin, with this site's words."""

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth import get_user_model
from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, ngettext_lazy, pgettext, pgettext_lazy

from blog.lib.adminforms import Explained
from blog.lib.figures import comments, figure
from blog.lib.folded_search import FoldedSearch, having, read_once
from blog.lib.listing import listed

from . import profiles  # noqa: F401 - registers its page
from .desk.addresses import addresses
from .desk.admin import Desk
from .desk.saying import because_full, name_of, when
from .library import admin as pictures  # noqa: F401 - registers them
from .library import recordings  # noqa: F401 - the same
from .models import InTheWay, OldAddress, Post, Revision, Tag, writes_essays
from .search import posts_matching

CHANGED, SHARED = "changed", "shared"
# What the list shows of each essay's newest version: the name it has there, and where it stands.
WRITTEN = {
    "written_title": "title",
    "written_at": "at",
    "first_name": "by__first_name",
    "last_name": "by__last_name",
    "username": "by__username",
}


class StatusFilter(admin.SimpleListFilter):
    """What an essay is by its times, and whether it was changed since, or is shared.

    What was thrown away is listed only where it is asked for.
    """

    title = _("status")
    parameter_name = "status"
    template = "admin/posts/post/_states.html"

    def lookups(self, request, model_admin):
        more = [
            (CHANGED, pgettext_lazy("state of an essay or page", "changed since published")),
            (SHARED, pgettext_lazy("state of an essay or page", "shared by a link")),
        ]
        return [*Post.Status.choices[:-1], *more, *Post.Status.choices[-1:]]

    def queryset(self, request, queryset):
        if self.value() == Post.Status.BINNED:
            return queryset.filter(binned_at__isnull=False)
        return self.narrowed(queryset.filter(binned_at=None))

    def narrowed(self, queryset):
        if self.value() == CHANGED:
            return queryset.changed()
        if self.value() == SHARED:
            return queryset.shared()
        narrowed = {
            Post.Status.DRAFT: queryset.filter(published_at=None),
            Post.Status.SCHEDULED: queryset.going_out(),
            Post.Status.PUBLISHED: queryset.published(),
            Post.Status.WITHDRAWN: queryset.filter(withdrawn_at__isnull=False),
        }
        return narrowed.get(self.value(), queryset)


class PageOfEssays(ChangeList):
    """A page of the list, each essay with whether it was changed since, or is shared."""

    def get_results(self, request):
        super().get_results(request)
        self.result_list = list(self.result_list)
        shown = Post.objects.filter(pk__in=[post.pk for post in self.result_list])
        changed = {*shown.changed().values_list("pk", flat=True)}
        shared = {*shown.shared().values_list("pk", flat=True)}
        for post in self.result_list:
            post.is_changed, post.is_shared = post.pk in changed, post.pk in shared
        for add_facts in self.model_admin.further_facts:
            add_facts(self.result_list)


class OldAddressInline(admin.TabularInline):
    model = OldAddress
    template = "admin/posts/desk/_old_addresses.html"
    extra = 0
    verbose_name_plural = _("old addresses, whose readers are sent here")

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False


@admin.register(Post)
class PostAdmin(Desk, Explained, FoldedSearch):
    list_display = [
        *("title_written", "status_shown", "published_shown", "kind", "written", "comments_said"),
    ]
    list_filter = [StatusFilter, "kind", "tags", "comments_open"]
    search_fields = ["title", "standfirst", "body"]
    date_hierarchy = "published_at"
    ordering = ["-created_at"]
    inlines = [OldAddressInline]
    # Those that apps above this one show with an essay; they add them here.
    further_inlines = []
    # Their addresses, as functions that return patterns for the ModelAdmin; and what they add to
    # the essays of a page of the list.
    further_addresses, further_facts = [], []
    actions = ["publish", "withdraw", "return_to_draft"]

    def get_urls(self):
        further = [pattern for patterns in self.further_addresses for pattern in patterns(self)]
        return [*addresses(self), *further, *super().get_urls()]

    def get_changelist(self, request, **kwargs):
        return PageOfEssays

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(
            request, {"title": _("Essays and pages")} | (extra_context or {})
        )

    def get_queryset(self, request):
        # The list shows no text, so it reads none.
        queryset = super().get_queryset(request)
        # Who writes nothing is refused every essay, whether there is one or not.
        if writes_essays(request.user) and not request.user.has_perm("posts.view_post"):
            queryset = queryset.written_by(request.user)
        if request.resolver_match.url_name == "posts_post_changelist":
            newest = Revision.objects.filter(post=OuterRef("pk")).order_by("-pk")
            queryset = queryset.defer("body", "body_html", "annotated_html").annotate(
                **{name: Subquery(newest.values(of)[:1]) for name, of in WRITTEN.items()}
            )
        return queryset

    def get_search_results(self, request, queryset, search_term):
        """Find words of what is being written too, which readers may not have yet."""
        if not search_term.strip():
            return queryset, False
        newest = Revision.objects.latest_of_each().exclude(kind=Revision.Kind.PUBLISHED)
        written = having(newest, self.search_fields, search_term)
        found = posts_matching(search_term)
        if found is None:
            found = having(Post.objects.all(), self.search_fields, search_term).values("pk")
        either = Q(pk__in=found) | Q(pk__in=written.values("post"))
        return read_once(queryset, queryset.filter(either)), False

    def get_inlines(self, request, obj):
        return [*super().get_inlines(request, obj), *self.further_inlines]

    def get_changeform_initial_data(self, request):
        return {"author": request.user.pk} | super().get_changeform_initial_data(request)

    @admin.display(description=_("title"), ordering="title")
    def title_written(self, post):
        """The title of what is being written, which readers may not have yet."""
        return post.written_title or str(post)

    @admin.display(
        description=pgettext_lazy("column", "published"), ordering="published_at", empty_value=""
    )
    def published_shown(self, post):
        return post.published_at

    @admin.display(
        description=pgettext_lazy("column", "changed"), ordering="written_at", empty_value=""
    )
    def written(self, post):
        """When it was last written in, and by whom."""
        if post.written_at is None:
            return ""
        if not post.username:
            return when(post.written_at)
        names = {name: getattr(post, name) for name in ("first_name", "last_name", "username")}
        said = when(post.written_at), name_of(get_user_model()(**names))
        return listed(said)

    @admin.display(description=_("status"))
    def status_shown(self, post):
        if post.is_changed:
            return pgettext("state of an essay or page", "changed, not published")
        if post.is_shared:
            shared = pgettext("state of an essay or page", "shared by a link")
            return listed([post.status.label, shared])
        return post.status.label

    @admin.display(description=_("comments"), ordering="comment_count", empty_value="")
    def comments_said(self, post):
        return comments(post.comment_count) if post.comment_count else ""

    # --- Whose it is ------------------------------------------------------------------------

    # Who may add essays may go on with their own; everybody's need more.

    def has_view_permission(self, request, obj=None):
        return super().has_view_permission(request, obj) or self.is_own(request, obj)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) or self.is_own(request, obj)

    def is_own(self, request, obj):
        """Whether the user writes essays, and this one, if given, is theirs."""
        return request.user.has_perm("posts.add_post") and (
            obj is None or obj.author_id == request.user.pk
        )

    def get_readonly_fields(self, request, obj=None):
        fixed = super().get_readonly_fields(request, obj)
        return fixed if request.user.has_perm("posts.change_author") else [*fixed, "author"]

    # --- Changes of state -------------------------------------------------------------------

    @admin.action(description=_("Publish now, or bring back"), permissions=["change"])
    def publish(self, request, queryset):
        said = ngettext_lazy(
            "%(count)s essay is published.", "%(count)s essays are published.", "count"
        )
        self.change_state(request, queryset, "publish", said)

    @admin.action(description=_("Withdraw (readers are told it is gone)"), permissions=["change"])
    def withdraw(self, request, queryset):
        said = ngettext_lazy(
            "%(count)s essay is withdrawn.", "%(count)s essays are withdrawn.", "count"
        )
        self.change_state(request, queryset, "withdraw", said)

    @admin.action(description=_("Back to draft (only staff see it)"), permissions=["change"])
    def return_to_draft(self, request, queryset):
        said = ngettext_lazy(
            "%(count)s essay is a draft again.", "%(count)s essays are drafts again.", "count"
        )
        self.change_state(request, queryset, "return_to_draft", said)

    def change_state(self, request, queryset, verb, said):
        """Do it to all or none, write it into the history of each, and say what came of it."""
        chosen, queryset = queryset.count(), queryset.written_by(request.user)
        try:
            changed = getattr(queryset, verb)()
        except InTheWay as error:
            self.message_user(request, in_the_way(error), messages.ERROR)
            return
        for post in changed:
            self.log_change(request, post, post.status.label)
            if post.is_kept_out:
                self.message_user(request, because_full(post), messages.WARNING)
        self.message_user(request, said % {"count": len(changed)}, messages.SUCCESS)
        if unchanged := chosen - len(changed):
            said = ngettext(
                "%(count)s essay stays as it was.", "%(count)s essays stay as they were.", unchanged
            )
            self.message_user(request, said % {"count": figure(unchanged)}, messages.INFO)


def in_the_way(error):
    """Return the sentence of an InTheWay, with a link to the essay."""
    address = reverse("admin:posts_post_change", args=[error.post.pk])
    return format_html(
        '{} <a href="{}">{}</a>', error.messages[0], address, pgettext("an essay", "Change it")
    )


@admin.register(Tag)
class TagAdmin(Explained, FoldedSearch):
    list_display = ["name", "slug"]
    search_fields = ["name"]

    def save_model(self, request, tag, form, change):
        tag.saved_by = request.user
        super().save_model(request, tag, form, change)

    def delete_model(self, request, tag):
        tag.saved_by = request.user
        super().delete_model(request, tag)
