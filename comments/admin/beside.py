"""The page of the admin on which a moderator sets a note beside other words of its essay."""

from django.contrib import admin
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from comments.admin.decisions import changed_since_shown, outcome, show_outcome, warn
from comments.models import Comment
from comments.rendering.choices import Choices


class SetBeside(admin.ModelAdmin):
    """The part of CommentAdmin for that page."""

    def get_urls(self):
        view = self.admin_site.admin_view(self.beside_view)
        mine = path("<int:number>/beside/", view, name="comments_comment_beside")
        return [mine, *super().get_urls()]

    def beside_view(self, request, number):
        """Show the sentences of the essay to choose from, and set the note beside one."""
        comment = self.moderated(request).select_related("post").filter(pk=number).first()
        if comment is None:
            raise Http404
        choices, problem = Choices(comment.post.body_html), ""
        if request.method == "POST":
            choice = chosen(choices, request.POST)
            if choice is None:
                problem = _("The essay does not have these words in one paragraph.")
            elif self.set_beside(request, comment, choice.selector):
                return HttpResponseRedirect(f"{self.queue_of(request)}#c{number}")
            comment.refresh_from_db()
        context = {
            **self.admin_site.each_context(request),
            "title": _("Set beside other words"),
            "comment": comment,
            "choices": choices.all,
            "typed": request.POST.get("words", ""),
            "problem": problem,
            "back": self.queue_of(request),
        }
        status = 409 if request.method == "POST" and not problem else 400 if problem else 200
        template = "admin/comments/comment/beside.html"
        return TemplateResponse(request, template, context, status=status)

    def set_beside(self, request, comment, selector):
        """Set it beside these words, if it is as it was shown, and show a message with Undo."""
        shown = {comment.pk: request.POST.get("version", "")}
        mine = Comment.objects.filter(pk=comment.pk)
        done = mine.set_beside(selector, by=request.user, shown=shown)
        if done.changed:
            warn(request, changed_since_shown(comment, 1))
            return False
        if done.events:
            said = outcome("beside", done.events)
            show_outcome(request, said, batch=done.batch, place=comment.pk)
        return True

    def queue_of(self, request):
        """Return the address of the queue, with the filters that the page was opened with."""
        here = reverse("admin:comments_comment_changelist")
        back = (request.POST.get("back") or request.GET.get("back", "")).partition("#")[0]
        return back if back.startswith(f"{here}?") else here


def chosen(choices, given):
    """Return the choice that was made: words that were typed, or a sentence."""
    if words := given.get("words", "").strip():
        choice, _is_cut = choices.quoted(words) or (None, False)
        return choice
    return choices.named(given.get("beside", ""))
