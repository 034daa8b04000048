"""Composes mails as text and HTML. This is done when a mail is sent, so that it is up to date.

The words of a comment are put into bodies only, never into headers; essay titles are cleaned.
"""

from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Max, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.lib.base_path import home
from blog.markup import absolute_links, one_line
from blog.markup.direction import isolated
from blog.site.reading import site
from blog.site.sender import sender
from blog.web.staff_language import language_of
from comments.mail import links as mail_links
from comments.mail.notifications import mailable
from comments.models import Comment, Mail, MailAddress, MailChoice, Subscription
from comments.screening.rules import sentences

# Comments that a digest shows in full; the others are counted ("and 12 more").
IN_FULL = 50
# Characters of an essay's title in a subject; with the other words that is about a line.
TITLE_IN_SUBJECT = 60

# The longest time between a comment and the mail about it, if the queue is long.
A_WHILE = timedelta(hours=1)

HOST = urlsplit(settings.SITE_URL).hostname


def compose(mail):
    """Return the message for a row, or None if it is not needed any more.

    Moderators and authors have it in their own language, readers in the site's.
    """
    with translation.override(language_of(mail.user)):
        made = KINDS[mail.kind](mail)
        return made and message_of(mail, *made)


def message_of(mail, subject, headers, context):
    language = translation.get_language()
    context |= {
        "site_title": site().title,
        "home": home(),
        "language": language,
        "subject": subject,
        "mine": mail_links.absolute("admin:comments_mailchoice_changelist"),
    }
    message = EmailMultiAlternatives(
        subject=subject,
        body=render_to_string(f"mail/{mail.kind}.txt", context).strip() + "\n",
        from_email=sender(),
        to=[mail.to],
        headers={
            "Message-ID": f"<{about(mail)}.{mail.kind}.{mail.pk}@{HOST}>",
            # Keeps out-of-office programs from answering (RFC 3834, section 5).
            "Auto-Submitted": "auto-generated",
            "Content-Language": language,
            **headers,
        },
    )
    message.attach_alternative(render_to_string(f"mail/{mail.kind}.html", context), "text/html")
    return message


def about(mail):
    return f"comment-{mail.comment_id}" if mail.comment_id else "comments"


def in_thread(comment):
    """Return the headers by which mail programs group all mails about one essay.

    No mail was ever sent with the Message-IDs named here. This works, because programs
    group by the IDs alone (jwz.org/doc/threading.html).
    """
    essay = f"<essay-{comment.post_id}@{HOST}>"
    parent = f"<comment-{comment.parent_id}@{HOST}>" if comment.parent_id else ""
    return {
        "In-Reply-To": parent or essay,
        "References": f"{essay} {parent}".strip(),
        "List-Id": f"<essay-{comment.post_id}.{HOST}>",
    }


def titled(post):
    title = one_line(str(post))
    if len(title) > TITLE_IN_SUBJECT:
        title = title[: TITLE_IN_SUBJECT - 1].rstrip() + "…"
    return isolated(title)


def shown(comment, links=()):
    """Return the variables of a comment for the templates."""
    url = settings.SITE_URL + comment.post.get_absolute_url()
    return {
        "comment": comment,
        # Quoted, so that a comment cannot look like the mail's own words.
        "text": "\n".join(f"> {line}".rstrip() for line in comment.body.splitlines()),
        "html": absolute_links(comment.body_html, url),
        "url": settings.SITE_URL + reverse("comment", args=[comment.pk]),
        "post_url": url,
        "reasons": sentences(comment.reasons),
        "links": links,
    }


# --- To moderators and authors ----------------------------------------------------------------


def moderator(mail):
    """Return a mail about one comment; None if it was judged meanwhile or they may not judge it."""
    comment = about_which(mail.user).filter(pk=mail.comment_id).first()
    if comment is None or MailChoice.of(mail.user).when == MailChoice.When.NEVER:
        return None
    subject = _("New comment on “%(title)s”") % {"title": titled(comment.post)}
    links = mail_links.judging_links(mail.user, [comment])
    headers = in_thread(comment)
    if mailable(comment.email):
        headers["Reply-To"] = comment.email
    return subject, headers, {"item": shown(comment, links[comment.pk])}


def about_which(user):
    """Return the comments that this person gets mail about, newest first.

    These are comments that wait and that they may judge, and those published at once under their
    own essays; never their own comments.
    """
    waits = Q(status=Comment.Status.PENDING)
    appeared = Q(status=Comment.Status.APPROVED, judged_at=None, post__author=user, origin=None)
    found = Comment.objects.moderated_by(user).filter(waits | appeared)
    others = found.exclude(author=user).select_related("post", "parent")
    return others.order_by("-created_at", "-pk")


def digest(mail):
    """Return one mail about all that waits; None if nothing new came since the last digest."""
    if MailChoice.of(mail.user).when == MailChoice.When.NEVER:
        return None
    earlier = Mail.objects.filter(kind=Mail.Kind.DIGEST, user=mail.user, sent_at__isnull=False)
    # The first digest covers what came since the comment that caused it, a few jobs earlier.
    since = earlier.aggregate(last=Max("sent_at"))["last"] or mail.created_at - A_WHILE
    found, new = about_which(mail.user), Q(created_at__gt=since)
    found = found.filter(new | Q(status=Comment.Status.PENDING))
    if not found.filter(new).exists():
        return None
    spam = Comment.objects.moderated_by(mail.user).filter(new, status=Comment.Status.SPAM)
    count, comments = found.count(), list(found[:IN_FULL])
    links = mail_links.judging_links(mail.user, comments)
    subject = ngettext("%(count)d comment to read", "%(count)d comments to read", count)
    context = {
        "items": [shown(comment, links[comment.pk]) for comment in comments],
        "count": count,
        "more": count - len(comments),
        "spam": spam.count(),
        "queue": mail_links.absolute("admin:comments_comment_changelist"),
    }
    return subject % {"count": count}, {"List-Id": f"<digest.{HOST}>"}, context


# --- To readers -------------------------------------------------------------------------------


def confirm(mail):
    """Return the mail that asks for confirmation of an address; None if there is nothing to ask.

    It holds no words of the person who typed the address, so nobody can mail a stranger with it.
    """
    address = MailAddress.objects.filter(email=mail.to).first()
    if address is None or address.is_refused:
        return None
    wishes = address.subscriptions.unanswered().select_related("comment__post").order_by("pk")
    # If the comment it was stored for is gone, use another one.
    wish = wishes.filter(comment=mail.comment).first() or wishes.first()
    if wish is None:
        return None
    post = wish.comment.post
    context = {
        "post": post,
        "post_url": settings.SITE_URL + post.get_absolute_url(),
        "confirm": mail_links.confirming_link(address.use_by(wish.comment.browser)),
        "refuse": mail_links.refusing_link(address),
    }
    subject = _("Do you want replies by mail?")
    return subject, {"References": f"<essay-{post.pk}@{HOST}>"}, context


def reply(mail):
    return to_reader(mail, mail.comment.parent_id, _("A reply to you on “%(title)s”"))


def approved(mail):
    return to_reader(mail, mail.comment_id, _("Your comment on “%(title)s” is published"))


def to_reader(mail, asked_under, subject):
    """Return a mail about a published comment; None if it is gone or they unsubscribed."""
    comment = mail.comment
    wishes = Subscription.objects.live().select_related("address", "comment")
    wish = wishes.filter(address__email=mail.to, comment=asked_under).first()
    if wish is None or not (comment.is_approved and comment.post.is_public):
        return None
    stop = mail_links.stopping_link(wish.address, comment.post)
    headers = {
        **in_thread(comment),
        # Lets mail programs show an unsubscribe button (RFC 8058, section 3.1).
        "List-Unsubscribe": f"<{stop}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    context = {"item": shown(comment), "asked": wish.comment, "stop": stop}
    return subject % {"title": titled(comment.post)}, headers, context


KINDS = {
    Mail.Kind.MODERATOR: moderator,
    Mail.Kind.DIGEST: digest,
    Mail.Kind.CONFIRM: confirm,
    Mail.Kind.REPLY: reply,
    Mail.Kind.APPROVED: approved,
}
