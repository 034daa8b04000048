from django.urls import path, re_path

from blog.lib.slugs import PATTERN
from blog.web.cache_control import same_for_all
from comments import feeds
from comments.linkbacks import views as linkback_views
from comments.mail import views as mail_views
from comments.views import reading, writing

# The path of an essay or of a page (Post.permalink_path).
PATH = rf"[0-9]{{4}}/(?:0[1-9]|1[0-2])/{PATTERN}|{PATTERN}"

urlpatterns = [
    path("comments/feed.xml", same_for_all(feeds.Rss()), name="comments-rss"),
    path("comments/atom.xml", same_for_all(feeds.Atom()), name="comments-atom"),
    re_path(
        rf"^(?P<path>{PATH})/comments/feed\.xml$",
        same_for_all(feeds.Rss()),
        name="post-comments-rss",
    ),
    re_path(
        rf"^(?P<path>{PATH})/comments/atom\.xml$",
        same_for_all(feeds.Atom()),
        name="post-comments-atom",
    ),
    path("comments/<int:number>/", reading.comment, name="comment"),
    path("comments/<int:number>/reply/", reading.reply, name="reply"),
    path("comments/<int:number>/edit/", writing.edit, name="edit"),
    path("comments/<int:number>/withdraw/", writing.withdraw, name="withdraw"),
    path("comments/mail/judge/<str:token>/", mail_views.judge, name="mail-judge"),
    path("comments/mail/confirm/<str:token>/", mail_views.confirm, name="mail-confirm"),
    path("comments/mail/refuse/<str:token>/", mail_views.refuse, name="mail-refuse"),
    path("comments/mail/stop/<str:token>/", mail_views.stop, name="mail-stop"),
    path("pingback/", linkback_views.pingback, name="pingback"),
    path("webmention/", linkback_views.webmention, name="webmention"),
    path("webmention/<str:token>/", linkback_views.status, name="webmention-status"),
    re_path(rf"^(?P<path>{PATH})/comments/$", writing.write, name="write"),
    re_path(
        rf"^(?P<path>{PATH})/comments/(?P<number>[0-9]{{1,6}})/$",
        reading.thread,
        name="thread",
    ),
]
