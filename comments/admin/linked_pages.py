"""The linked pages of an essay, in its own page of the admin: what came of telling each."""

from django.contrib import admin
from django.forms import BaseInlineFormSet
from django.forms.utils import ErrorList
from django.utils import timezone

from blog.lib.readonly import ReadOnly
from blog.posts.admin import PostAdmin
from comments.linkbacks.sending import send_again
from comments.models import LinkedPage

# What the buttons add to the form: `_continue`, as the admin's own "Save and continue editing",
# so that an essay half written is kept and shown again.
BUTTON, ALL = "_continue", "again"


class LinkedPagesFormSet(BaseInlineFormSet):
    """No forms: a list to look at, and the buttons under it, which come with the essay's form."""

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
    # Written by jobs; no form has a field of it.
    fields = []

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("posts.change_post")


# The essay's admin knows nothing of comments.
PostAdmin.further_inlines.append(LinkedPageInline)
