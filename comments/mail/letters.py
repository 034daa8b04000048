"""What a mail says: made when it is sent, from what is true then, in text and HTML.

The words of a comment go into bodies alone, never into a header; titles of essays are cleaned.
"""

from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Max, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.markup import absolute_links, one_line
from comments.mail import links as mail_links
from comments.mail.notifications import mailable
from comments.models import Comment, Mail, MailAddress, MailChoice, Subscription
from comments.screening.rules import sentences

# So many comments stand in a digest in full; "and 12 more" wait in the admin.
IN_FULL = 50
# Characters of an essay's title in a subject: with the words around it about a line.
TITLE_IN_SUBJECT = 60

# What may lie between a comment and the mail written about it, while the queue is long.
A_WHILE = timedelta(hours=1)

HOST = urlsplit(settings.SITE_URL).hostname


def compose(mail):
    """Return the message for a row, or None where there is nothing left to say."""
    made = KINDS[mail.kind](mail)
    if made is None:
        return None
    subject, headers, context = made
    context |= {
        "site_title": settings.SITE_TITLE,
        "site_url": settings.SITE_URL,
        "language": settings.LANGUAGE_CODE,
        "subject": subject,
        "mine": mail_links.absolute("admin:comments_mailchoice_changelist"),
    }
    message = EmailMultiAlternatives(
        subject=subject,
        body=render_to_string(f"mail/{mail.kind}.txt", context).strip() + "\n",
        to=[mail.to],
        headers={
            "Message-ID": f"<{about(mail)}.{mail.kind}.{mail.pk}@{HOST}>",
            # No out-of-office note answers what a machine sent (RFC 3834, section 5).
            "Auto-Submitted": "auto-generated",
            **headers,
        },
    )
    message.attach_alternative(render_to_string(f"mail/{mail.kind}.html", context), "text/html")
    return message


def about(mail):
    return f"comment-{mail.comment_id}" if mail.comment_id else "comments"


def in_thread(comment):
    """Return the headers by which clients put together all mails about one essay.

    What a mail is said to answer was never mailed by this name, and need not have been: clients
    thread by the names alone (jwz.org/doc/threading.html).
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
    return title if len(title) <= TITLE_IN_SUBJECT else title[: TITLE_IN_SUBJECT - 1].rstrip() + "…"


def shown(comment, links=()):
    """Return what the templates show of a comment."""
    url = settings.SITE_URL + comment.post.get_absolute_url()
    return {
        "comment": comment,
        # Quoted, so that no comment can pass for what the mail itself says.
        "text": "\n".join(f"> {line}".rstrip() for line in comment.body.splitlines()),
        "html": absolute_links(comment.body_html, url),
        "url": settings.SITE_URL + reverse("comment", args=[comment.pk]),
        "post_url": url,
        "reasons": sentences(comment.reasons),
        "links": links,
    }


# --- To moderators and authors ----------------------------------------------------------------


def moderator(mail):
    """Return a mail about one comment; None if it was judged meanwhile, or may not be by them."""
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
    """Return what this person is told of, newest first.

    That is what waits and is theirs to judge, and what appeared unjudged under their own essays;
    never what they said themselves.
    """
    waits = Q(status=Comment.Status.PENDING)
    appeared = Q(status=Comment.Status.APPROVED, judged_at=None, post__author=user, origin=None)
    found = Comment.objects.moderated_by(user).filter(waits | appeared)
    others = found.exclude(author=user).select_related("post", "parent")
    return others.order_by("-created_at", "-pk")


def digest(mail):
    """Return all that waits, in one mail; None where nothing new came since the last digest."""
    if MailChoice.of(mail.user).when == MailChoice.When.NEVER:
        return None
    earlier = Mail.objects.filter(kind=Mail.Kind.DIGEST, user=mail.user, sent_at__isnull=False)
    # The first tells of what came since the comment it was written for, some jobs before.
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
    """Return the mail that asks whether an address is its owner's; None where nothing is to ask.

    It holds nothing that whoever typed the address wrote: nobody can mail a stranger through it.
    """
    address = MailAddress.objects.filter(email=mail.to).first()
    if address is None or address.is_refused:
        return None
    wishes = address.subscriptions.unanswered().select_related("comment__post").order_by("pk")
    # Where the comment it was written for is gone, another may ask.
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
    """Return a mail about a comment that readers see; None if it is gone or unsubscribed from."""
    comment = mail.comment
    wishes = Subscription.objects.live().select_related("address", "comment")
    wish = wishes.filter(address__email=mail.to, comment=asked_under).first()
    if wish is None or not (comment.is_approved and comment.post.is_public):
        return None
    stop = mail_links.stopping_link(wish.address, comment.post)
    headers = {
        **in_thread(comment),
        # One press in the reader's mail program ends it (RFC 8058, section 3.1).
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
