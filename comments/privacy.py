"""A draft of the page that says what this site keeps of its readers: true of the settings in force.

Each sentence is of something this code does; a change of that changes its sentence.
"""

from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.accounts.models import KEPT_FOR as SIGN_INS_KEPT
from blog.lib.listing import sentences
from blog.posts.desk.beginning import DRAFTS
from blog.site.reading import site
from comments.models import Comment, Unplaced
from comments.models.mail import KEEP_SENT
from comments.models.queries import BROWSER_KEPT
from comments.models.rate_event import KEPT_FOR as RATES_KEPT


def privacy():
    parts = [reading(), log(), *of_comments(), *of_mentions()]
    parts += [f"# {_('When you write here')}", signing_in()]
    if others := elsewhere():
        parts += [f"# {_('Who else is involved')}", *others]
    parts += [f"# {_('What you can ask for')}", rights()]
    return _("Privacy"), "privacy", "\n\n".join(parts)


def of_comments():
    """Return the part on comments; what was kept is kept though no more are taken."""
    takes = site().takes_comments
    known = takes or Comment.objects.filter(kind=Comment.Kind.COMMENT).exists()
    from_elsewhere = [from_before()] if Unplaced.objects.exists() else []
    if not known and not from_elsewhere:
        return []
    parts = [f"# {_('When you comment')}"]
    if known:
        parts += [commenting() if takes else earlier_comments(), addresses(), cookies()]
    parts += from_elsewhere
    return [*parts, mail()] if known and settings.MAIL_IS_SET_UP else parts


def of_mentions():
    known = Comment.objects.filter(kind__in=[Comment.Kind.PINGBACK, Comment.Kind.WEBMENTION])
    if not settings.LINKBACKS and not known.exists():
        return []
    said = mentions() if settings.LINKBACKS else earlier_mentions()
    return [f"# {_('When you link to this site')}", said]


def reading():
    return _(
        "You can read everything here without an account. Pages set no cookies, run nothing "
        "that watches you and load nothing from other sites. Nobody counts who reads what."
    )


def log():
    if settings.REQUEST_LOG:
        said = _(
            "The site logs the time, the address, the size and the duration of each request, and "
            "nothing about who sent it."
        )
    else:
        said = _("The site keeps no log of who asks for which page.")
    yours = _("[Say here what your web server, your host or your proxy keeps, and for how long.]")
    return sentences([said, yours])


def commenting():
    if site().comment_policy != "hold-all":
        return _(
            "Your comment is kept with the name you give and the time, and shown to everybody, in "
            "feeds too: at once, unless it has to be approved first. An e-mail address is kept if "
            "you give one, and never shown. A website is linked from your name. A filter that runs "
            "on this site alone compares the words with those of earlier comments; no other "
            "service gets them."
        )
    return _(
        "Your comment is kept with the name you give and the time, and shown to everybody once "
        "it is approved, in feeds too. An e-mail address is kept if you give one, and never "
        "shown. A website is linked from your name. A filter that runs on this site alone "
        "compares the words with those of earlier comments; no other service gets them."
    )


def earlier_comments():
    return _(
        "No comments are taken now. Earlier ones are kept with the name that was given and the "
        "time; those that were approved are shown to everybody, in feeds too, with a link to the "
        "website that was given. An e-mail address is kept if one was given, and never shown."
    )


def addresses():
    # The job that deletes them comes once a day.
    days = max(1, settings.COMMENT_ADDRESS_DAYS)
    said = ngettext(
        "The network address from which a comment came is kept against spam, and deleted after "
        "%(days)d day.",
        "The network address from which a comment came is kept against spam, and deleted after "
        "%(days)d days.",
        days,
    )
    rates = ngettext(
        "What counts how many comments came from a network is deleted after %(days)d day.",
        "What counts how many comments came from a network is deleted after %(days)d days.",
        RATES_KEPT.days,
    )
    return sentences([said % {"days": days}, rates % {"days": RATES_KEPT.days}])


def from_before():
    return _(
        "Comments from an earlier site whose essay is not here are kept with the name, e-mail "
        "address and website they came with, and shown to nobody but the owners."
    )


def cookies():
    said = ngettext(
        "After you posted, a cookie lets this browser show, change and take back your own "
        "comments. It holds a random key, which is kept with them; both end after %(days)d day.",
        "After you posted, a cookie lets this browser show, change and take back your own "
        "comments. It holds a random key, which is kept with them; both end after %(days)d days.",
        BROWSER_KEPT.days,
    )
    second = _("Name, e-mail and website are remembered in a second cookie only if you tick that.")
    return sentences([said % {"days": BROWSER_KEPT.days}, second])


def mail():
    said = _(
        "If you ask for mail about replies, your address gets one mail to confirm it, and each "
        "mail has a link that ends them."
    )
    kept = ngettext(
        "What was sent is deleted after %(days)d day.",
        "What was sent is deleted after %(days)d days.",
        KEEP_SENT.days,
    )
    return sentences([said, kept % {"days": KEEP_SENT.days}])


def earlier_mentions():
    return _(
        "Links from other sites are not taken now. Of earlier ones (webmention, pingback) the "
        "address and the title of the page, its author’s name and the words around the link are "
        "kept; those that were approved are shown."
    )


def mentions():
    if settings.LINKBACK_POLICY == "known":
        return _(
            "When another site says that it links here (webmention, pingback), the address and "
            "the title of that page, its author’s name and the words around the link are kept, "
            "and shown: at once, unless they have to be approved first."
        )
    return _(
        "When another site says that it links here (webmention, pingback), the address and the "
        "title of that page, its author’s name and the words around the link are kept, and "
        "shown once they are approved."
    )


def signing_in():
    said = ngettext(
        "Authors and moderators have accounts. Each try to sign in is kept for %(days)d day "
        "with the account and the network it came from, but not the whole address. A cookie "
        "keeps them signed in.",
        "Authors and moderators have accounts. Each try to sign in is kept for %(days)d days "
        "with the account and the network it came from, but not the whole address. A cookie "
        "keeps them signed in.",
        SIGN_INS_KEPT.days,
    )
    passkeys = _(
        "Of a passkey the public key and the name it was given are kept, with when it was made and "
        "last used; the secret stays in the device."
    )
    return sentences([said % {"days": SIGN_INS_KEPT.days}, passkeys])


def elsewhere():
    """Yield a sentence for each other machine that gets something, by the settings."""
    found = []
    if settings.CDN_PURGE_URL:
        found.append(_("Pages come through a cache: [name it, and what it keeps]."))
    if settings.MAIL_IS_SET_UP:
        host = settings.EMAIL_HOST
        found.append(_("Mail is sent by %(host)s.") % {"host": host or _("[your mail service]")})
    if settings.OIDC_ISSUER:
        host = urlsplit(settings.OIDC_ISSUER).hostname
        said = _(
            "Authors and moderators may sign in through %(host)s, which learns when they do. The "
            "key and the e-mail address that it names them by are kept with their account."
        )
        found.append(said % {"host": host})
    if settings.SENTRY_DSN:
        host = urlsplit(settings.SENTRY_DSN).hostname
        said = _("Faults of the program are reported to %(host)s, with nothing personal in them.")
        found.append(said % {"host": host})
    if settings.BACKUP_TO.startswith("s3://"):
        said = _("Backups, which hold all of this, are kept at [name your store, and how long].")
    else:
        said = _("Backups hold all of this. [Say where they are kept, and how long.]")
    return [*found, said]


def rights():
    return _(
        "Write to [address] to learn what is kept of you, to have it corrected or deleted, or "
        "to get a copy. *Replace what is in brackets, and this line.*"
    )


DRAFTS["privacy"] = privacy
