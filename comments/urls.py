import re

from django.urls import path, re_path

from blog.lib.slugs import PATTERN
from blog.posts.feeds.view import feed_views
from comments.feeds import Comments, CommentsOnPost
from comments.linkbacks import views as linkback_views
from comments.mail import views as mail_views
from comments.views import draft_changes, drafts, reading, writing

# The path of an essay or of a page (Post.permalink_path). A tag may be called "notes", too.
PATH = rf"[0-9]{{4}}/(?:0[1-9]|1[0-2])/{PATTERN}|(?!tags/){PATTERN}"


def feeds(source, before):
    """Return the addresses of a feed in each form, and of its further pages."""
    return [
        re_path(rf"^{before}comments/{part}{re.escape(file)}$", view, name=name)
        for name, file, view in feed_views(source)
        for part in ("", "page/(?P<page>[0-9]{1,5})/")
    ]


urlpatterns = [
    *feeds(Comments(), ""),
    *feeds(CommentsOnPost(), f"(?P<path>{PATH})/"),
    path("comments/<int:number>/", reading.comment, name="comment"),
    path("comments/<int:number>/reply/", reading.reply, name="reply"),
    path("comments/<int:number>/edit/", writing.edit, name="edit"),
    path("comments/<int:number>/withdraw/", writing.withdraw, name="withdraw"),
    path("comments/mail/judge/<str:token>/", mail_views.judge, name="mail-judge"),
    path("comments/mail/confirm/<str:token>/", mail_views.confirm, name="mail-confirm"),
    path("comments/mail/refuse/<str:token>/", mail_views.refuse, name="mail-refuse"),
    path("comments/mail/stop/<str:token>/", mail_views.stop, name="mail-stop"),
    path("draft/<str:token>/notes/", drafts.note, name="draft-note"),
    path("draft/<str:token>/notes/<int:number>/", drafts.take_back, name="draft-note-taken-back"),
    path(
        "draft/<str:token>/notes/<int:number>/edit/", draft_changes.edit, name="draft-note-changed"
    ),
    path("pingback/", linkback_views.pingback, name="pingback"),
    path("webmention/", linkback_views.webmention, name="webmention"),
    path("webmention/<str:token>/", linkback_views.status, name="webmention-status"),
    re_path(rf"^(?P<path>{PATH})/comments/$", writing.write, name="write"),
    re_path(rf"^(?P<path>{PATH})/notes/$", writing.note, name="note"),
    re_path(rf"^(?P<path>{PATH})/notes/hidden/$", reading.without_notes, name="without-notes"),
    re_path(
        rf"^(?P<path>{PATH})/comments/(?P<number>[0-9]{{1,6}})/$",
        reading.thread,
        name="thread",
    ),
]
