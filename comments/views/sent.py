"""A comment form that was sent: whether it can be stored, and the answers that give it back."""

from django.db import IntegrityError, transaction
from django.db.models import F
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import render
from django.utils import timezone

from blog.markup import render_comment
from blog.web.returned import from_another_site
from comments import browser
from comments.forms import CommentForm, NoteForm
from comments.models import BY_WRITER, Comment, RateEvent
from comments.screening.assess import assess
from comments.screening.said_before import said_before

from .pages import place_of, show_note, show_thread


class Sent:
    """A form sent under a post: a new comment, or a change of the comment `editing`."""

    def __init__(self, request, post, editing=None, choices=None):
        self.request, self.post, self.editing, self.choices = request, post, editing, choices
        self.address = request.META.get("REMOTE_ADDR", "")
        self.wait = RateEvent.objects.wait(RateEvent.Kind.CHECK, self.address)
        self.form = self.form_for(request.POST, too_soon=bool(self.wait))
        self.valid = self.form.is_valid()

    def form_for(self, given, **how):
        if self.choices:
            return NoteForm(given, post=self.post, choices=self.choices, **how)
        return CommentForm(given, post=self.post, **how)

    def refusal(self):
        """Return the answer if the form cannot be stored, else None."""
        if self.wait:
            return self.come_later(self.wait)
        if refused_origin(self.request):
            return self.again(403, refused="origin")
        if self.editing and not self.editing.can_be_edited:
            return self.again(403, refused="late")
        if not self.editing and not self.post.takes_comments:
            return self.again(403, refused="closed")
        if self.choices and not browser.may_write_notes(self.request, self.post):
            return self.as_comment()
        if not self.valid:
            return self.again(400, refused="errors")
        if not self.editing and self.is_expired():
            return self.again(400, refused="expired")
        if "preview" in self.request.POST:
            return self.again(200, preview=render_comment(self.form.cleaned_data["body"]))
        return None

    def is_expired(self):
        age = browser.token_age(self.form.cleaned_data["token"], self.post)
        return age is None or age > browser.LONGEST

    def store(self, comment, save):
        """Screen the comment and call `save` with status and reasons; return None, or a refusal.

        It is refused if its writer said the same before, or if a rate limit is reached.
        """
        if same := said_before(comment, browser.own_comment_ids(self.request)):
            return self.repeated(same)
        if wait := RateEvent.objects.wait(RateEvent.Kind.COMMENT, self.address):
            RateEvent.objects.checked(self.address)
            return self.come_later(wait)
        user = self.request.user if browser.signed_in(self.request) else None
        status, reasons = assess(
            comment,
            trap=self.form.cleaned_data["subject"],
            browser=browser.key_of(self.request),
            known=browser.is_known(self.request),
            staff=bool(user and user.has_perm("comments.change_comment")),
        )
        try:
            with transaction.atomic():
                # Checked again, now that requests take turns.
                wait = RateEvent.objects.take(RateEvent.Kind.COMMENT, self.address)
                if not wait:
                    save(status, reasons)
        except IntegrityError:
            # The same words came twice at once, and the other request stored them.
            if (same := said_before(comment)) is None:
                raise
            return self.repeated(same)
        return self.come_later(wait) if wait else None

    def again(self, status, **context):
        """Answer with the form, filled in as it was sent."""
        page = 1
        if self.choices and self.post.takes_comments:
            return show_note(self.request, self.post, self.form, self.choices, status, **context)
        if self.editing:
            context["editing"] = self.editing
        elif context.get("refused") != "closed":
            context["reply_to"] = parent = self.form.cleaned_data.get("parent")
            page = parent.thread_page if parent else 1
        context["comment_form"] = self.form
        return show_thread(self.request, self.post, page, status=status, **context)

    def as_comment(self):
        """Give a note back in the form of a comment, where none of this reader's are taken."""
        given = {name: self.request.POST.get(name, "") for name in BY_WRITER}
        form = CommentForm(post=self.post, initial=given)
        refused = f"notes-{self.post.notes_from}"
        context = {"refused": refused, "comment_form": form}
        return show_thread(self.request, self.post, 1, status=403, **context)

    def come_later(self, wait):
        """Answer with the form and how many seconds to wait."""
        response = self.again(429, refused="rate", wait=wait)
        response.headers["Retry-After"] = str(wait)
        return response

    def repeated(self, same):
        """Count a comment that was sent again, and answer with the form."""
        Comment.objects.filter(pk=same.pk).update(repeats=F("repeats") + 1)
        # Spam and honest comments get the same answer. A waiting comment is linked only for its
        # writer.
        seen = same.is_approved or same.pk in browser.own_comment_ids(self.request)
        return self.again(
            409,
            refused="said",
            since=timezone.localtime(same.created_at),
            mine=place_of(same) if seen else "",
            published=same.is_approved,
        )


def refused_origin(request):
    """Return whether the form was sent from another site.

    This replaces the CSRF cookie, so that readers get no cookie: browsers name the form's site in
    Sec-Fetch-Site or Origin, and no page can forge them. For someone signed in, Django's own check
    is used, because there is a session to protect.
    """
    if browser.signed_in(request):
        return CsrfViewMiddleware(render).process_view(request, None, (), {}) is not None
    return from_another_site(request)
