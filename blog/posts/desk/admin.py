"""The desk in the admin: an essay's form, saved as a version, and given to readers when asked."""

import json

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponseRedirect, JsonResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.http import urlencode
from django.utils.translation import gettext as _now

from blog.lib.base_path import unbased
from blog.lib.counting import counted, for_script
from blog.markup import left_out_of
from blog.markup.tags import in_words
from blog.posts.models import NewerVersion, Post, Revision, SharedDraft, Text
from blog.site.menus import MENUS

from .access import may_upload, may_write
from .acts import ACTS, PUBLISHING, Act
from .bar import QUESTIONS, SHARED, bar_of, zone_name
from .beginning import begin
from .collision import RESOLVING, collision_page, resolved
from .enclosed import offered, take_enclosed
from .fields import comes_twice
from .forms import DeskForm
from .picture import offers
from .place import line_of, way_back
from .publishing import before_publishing
from .saving import address_of, autosave
from .saying import because_full
from .sharing import made, refresh_shared

# Questions after which readers get the text.
ASKS_READERS = {"publish", "schedule"}
# What is carried along while somebody writes who came from the essay's page: its address, and the
# number of the paragraph that was on screen.
FROM_PAGE = ("back", "at")
# Details that take effect with any save, whether readers get the text or not.
DETAILS = ("kind", "author", "comments_open", "notes", "announces_links", "published_at", "picture")


class Desk:
    """Mixed into the ModelAdmin of essays: what their form is and what its buttons do."""

    form = DeskForm
    compares_rows = False  # a save is compared by its version
    change_form_template = "admin/posts/desk/write.html"

    def get_urls(self):
        def view(function):
            return lambda request, **given: function(self, request, **given)

        return [
            path("autosave/", view(autosave), name="posts_post_autosave_new"),
            path("<int:number>/autosave/", view(autosave), name="posts_post_autosave"),
            path("begin/<str:name>/", view(begin), name="posts_post_begin"),
            *super().get_urls(),
        ]

    def get_changeform_initial_data(self, request):
        """Have `?kind=page` begin a page, which takes no comments unless that is ticked."""
        given = super().get_changeform_initial_data(request)
        return given | {"comments_open": given.get("kind") != Post.Kind.PAGE}

    def get_fieldsets(self, request, obj=None):
        # The template places the fields; the admin only makes those of the model.
        return [(None, {"fields": self.form.Meta.fields})]

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.by = request.user
        form.newest = Revision.objects.newest(obj) if obj and obj.pk else None
        is_page = obj.kind == Post.Kind.PAGE if obj else "page" in request.GET.getlist("kind")
        form.is_page = is_page
        for name in MENUS:
            # Made for each request, so these are not taken from others' forms.
            if not (is_page and request.user.has_perm("site.change_site")):
                form.base_fields.pop(name, None)
        if author := form.base_fields.get("author"):
            author.required = False
            author.widget = author.widget.widget  # without its four buttons
        return form

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        if object_id is None and request.method == "POST":
            # A first save while writing, whose answer was lost, has made the essay already.
            sitting = request.POST.get("sitting", "")[:32]
            begun = Revision.objects.begun_in(sitting, request.user)
            object_id = begun and str(begun.post_id)
        try:
            response = super().changeform_view(request, object_id, form_url, extra_context)
        except NewerVersion as found:
            form, post = request.desk_form, found.revision.post
            response = collision_page(
                request, post, form.text, found.revision, form.started_as, request.POST
            )
        take_enclosed(self, request)  # after the words, which must not wait for it
        return response

    def _get_obj_does_not_exist_redirect(self, request, opts, object_id):
        """Keep as a new draft what was written in an essay that was deleted meanwhile."""
        if request.method != "POST" or "body" not in request.POST:
            return super()._get_obj_does_not_exist_redirect(request, opts, object_id)
        given = request.POST.copy()
        given["act"], given["version"], given["base"] = Act.SAVE, "", ""
        # It has none of the rows that belonged to the other.
        for name in [name for name in given if name.endswith("_FORMS")]:
            given[name] = "0"
        request.POST = given
        response = self.changeform_view(request)
        if response.status_code == 302:
            said = _now("The essay was deleted meanwhile. Your words are kept as this new draft.")
            self.message_user(request, said, messages.WARNING)
        return response

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        post = obj or Post(author=request.user)
        form = context["adminform"].form
        sitting = form.data.get("sitting") or get_random_string(16)
        if not form.is_bound:
            form.initial["sitting"] = sitting
        ask = form.act.question if form.is_bound else request.GET.get("ask", "")
        newest = form.newest
        carried = from_page(post, request.POST if form.is_bound else request.GET)
        bar = bar_of(stored(post) if form.is_bound else post, newest, ask)
        if not may_write(self, request, obj):
            bar.verbs = []
        context |= {
            "desk": form,
            "may_write": may_write(self, request, obj),
            "accepted": offered() if may_upload(self, request) else "",
            "details": [form[name] for name in form.details],
            "post": post,
            "newest": newest,
            "words": counted(newest.body).words if newest else None,
            "counting": json.dumps(for_script()),
            "bar": bar,
            "zone": zone_name(),
            "zone_key": timezone.get_default_timezone_name(),
            "address": address_of(post, newest) if post.pk else "",
            "autosave": autosave_address(post),
            "preview": reverse("admin:posts_post_preview"),
            "pictures": offers(post, newest, form["picture"].value()),
            "before": before_publishing(post, newest) if newest and ask in ASKS_READERS else None,
            "from_page": carried,
            "line": line_of(newest.body, post.body_html, carried.get("at", "")) if newest else None,
        }
        return super().render_change_form(request, context, add, change, form_url, obj)

    # --- Saving -----------------------------------------------------------------------------

    @transaction.atomic
    def save_model(self, request, post, form, change):
        """Keep the text as a version, and give it to readers where the act says so."""
        if post.author_id is None:
            post.author = request.user
        post.saved_by, act = request.user, form.act
        wanted = {name: form.cleaned_data[name] for name in MENUS if name in form.changed_data}
        if change and (out := [name for name, is_ticked in wanted.items() if not is_ticked]):
            post.leave_menus(out, by=request.user)
        post.wish_for_menus(wanted)
        request.desk_form, request.html_before = form, post.body_html
        if not change:
            with post.without_version():
                post.save()  # so that its first version has something to belong to
        revision = self.keep(request, post, form)
        if act == Act.DROP:
            self.drop(request, post, revision)
        elif form.takes_text:
            post.take(revision)
            self.move(request, post, act)
        else:
            self.save_details(post, form, revision)
        self.put_in_menus(request, post, wanted)
        refresh_shared(post)

    def put_in_menus(self, request, post, wanted):
        """Have masthead and foot lead to a page as its ticks say, once readers can have it."""
        post.go_into_menus(by=request.user)
        if wanted:
            Post.objects.filter(pk=post.pk).update(menus=post.menus)
        if post.is_kept_out:
            self.message_user(request, because_full(post), messages.WARNING)
        elif post.menus and wanted:
            said = _now("It goes into the menu as soon as readers can have it.")
            self.message_user(request, said, messages.SUCCESS)

    def save_details(self, post, form, revision):
        """Save what is not the text of a published essay, and when its changes go out."""
        act, due = form.act, Revision.objects.due(post).first()
        if {*DETAILS} & {*form.changed_data} or act in (Act.WITHDRAW, Act.TO_DRAFT):
            with post.without_version():
                post.save()
        if act == Act.UNSCHEDULE_CHANGES:
            post.drop_schedule()
        elif act == Act.SCHEDULE_CHANGES:
            post.schedule_changes(revision, form.cleaned_data["due_at"])
        elif act == Act.SAVE and due:
            post.schedule_changes(revision, due.due_at)

    def move(self, request, post, act):
        """Put a draft into the bin or take it out, share it, or stop sharing it."""
        if act == Act.THROW_AWAY:
            post.throw_away()
        elif act == Act.TAKE_OUT:
            post.take_out()
        elif act == Act.STOP_SHARING:
            SharedDraft.objects.stop(post)
        elif act in (Act.SHARE, Act.SHARE_VERSION) and post.status in SHARED:
            made(request, post, fixed=act == Act.SHARE_VERSION)

    def keep(self, request, post, form):
        started_from = form.cleaned_data["version"] or None
        if form.act in RESOLVING:
            return resolved(
                *(request, post, form.act, form.text, form.started_as), started_from=started_from
            )
        kind = Revision.Kind.SAVED
        if form.takes_text and post.is_public:
            kind = Revision.Kind.PUBLISHED
        return Revision.objects.keep(
            post,
            form.text,
            by=request.user,
            kind=kind,
            sitting=form.cleaned_data["sitting"],
            started_from=started_from,
            folds=started_from is not None,
        )

    def drop(self, request, post, revision):
        """Go on from the text readers have; what is dropped stays among the versions."""
        back = Text.of(Post.objects.get(pk=post.pk))
        post.drop_schedule()
        Revision.objects.keep(
            post, back, by=request.user, kind=Revision.Kind.BROUGHT_BACK, source=revision.before
        )

    # --- Where it leads ---------------------------------------------------------------------

    def response_add(self, request, obj, post_url_continue=None):
        return self.response_change(request, obj)

    def response_change(self, request, obj):
        """Lead back to the desk, to its question where one is asked, or to where it was opened."""
        form = request.desk_form
        if hidden := in_words(left_out_of(form.text.body)):
            said = _now("Readers do not see what stands in these, because browsers do not: %s.")
            self.message_user(request, said % hidden, messages.WARNING)
        at = obj.published_at if form.act == Act.SCHEDULE else None
        if at and comes_twice(at):
            self.message_user(request, _now("The clocks show this hour twice; the first is meant."))
        asked = from_page(obj, form.data)
        if form.act in PUBLISHING and "back" in asked:
            address = obj.get_absolute_url() + way_back(obj, form.data, request.html_before)
            # Of an answer that leads on, a script does not learn the fragment.
            if "application/json" in request.headers.get("Accept", ""):
                return JsonResponse({"leads_to": address})
            return HttpResponseRedirect(address)
        if question := question_after(form):
            asked["ask"] = question
        query = f"?{urlencode(asked)}" if asked else ""
        return HttpResponseRedirect(reverse("admin:posts_post_change", args=[obj.pk]) + query)


def is_of(post, address):
    """Whether this is the address of an essay, or was until this save."""
    old = post.old_addresses
    return bool(address) and (
        address == post.get_absolute_url()
        or old.filter(path=unbased(address).strip("/")[:500]).exists()
    )


def from_page(post, given):
    """Return what says that somebody came from the page of this essay; nothing of another's."""
    if not (post.pk and is_of(post, given.get("back", ""))):
        return {}
    return {name: given[name] for name in FROM_PAGE if name in given}


def question_after(form):
    """Return what the bar asks next, "" for nothing.

    After two texts were put together it asks again for what was wanted before.
    """
    if form.act not in RESOLVING:
        return form.act.question
    wanted = form.data.get("wanted", "")
    return wanted if wanted in QUESTIONS else ACTS.get(wanted, Act.SAVE).question


def stored(post):
    """Return the essay as it is stored: a refused form has set what is not so."""
    return Post.objects.select_related("author").filter(pk=post.pk).first() or post


def autosave_address(post):
    if post.pk:
        return reverse("admin:posts_post_autosave", args=[post.pk])
    return reverse("admin:posts_post_autosave_new")
