"""The list of linked pages on an essay's page in the admin: the state of each page's notice."""

from django.contrib import admin
from django.forms import BaseInlineFormSet
from django.forms.utils import ErrorList
from django.utils import timezone

from blog.lib.readonly import ReadOnly
from blog.posts.admin import PostAdmin
from blog.posts.models import writes_essays
from comments.linkbacks.sending import send_again
from comments.models import LinkedPage

# An act that the desk does not know only saves: unsaved changes of the essay are kept, and the desk
# is shown again.
BUTTON, ALL = "act", "again"


class LinkedPagesFormSet(BaseInlineFormSet):
    """Has no forms: it only shows a list, and handles the buttons under it on save."""

    def total_form_count(self):
        return 0

    def full_clean(self):
        self._errors, self._non_form_errors = [], ErrorList()

    def save(self, commit=True):
        self.new_objects, self.changed_objects, self.deleted_objects = [], [], []
        word, _, number = self.data.get(BUTTON, "").partition(":")
        if word == ALL:
            pages = self.get_queryset()
            if number:
                pages = [page for page in pages if str(page.pk) == number]
            send_again(self.instance, pages, timezone.now())
        return []


class LinkedPageInline(ReadOnly, admin.StackedInline):
    model = LinkedPage
    formset = LinkedPagesFormSet
    template = "admin/comments/linkedpage/list.html"
    extra = 0
    # Written by jobs, so nothing can be edited.
    fields = []

    def has_view_permission(self, request, obj=None):
        return writes_essays(request.user) if obj is None else obj.is_written_by(request.user)


# Added here, because `blog.posts` never imports `comments`.
PostAdmin.further_inlines.append(LinkedPageInline)
