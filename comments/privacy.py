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
from comments.models import Unplaced
from comments.models.mail import KEEP_SENT
from comments.models.queries import BROWSER_KEPT
from comments.models.rate_event import KEPT_FOR as RATES_KEPT


def privacy():
    parts = [reading(), log()]
    if site().takes_comments:
        parts += [f"# {_('When you comment')}", commenting(), addresses(), cookies()]
        if Unplaced.objects.exists():
            parts.append(from_before())
        if settings.MAIL_IS_SET_UP:
            parts.append(mail())
    if settings.LINKBACKS:
        parts += [f"# {_('When you link to this site')}", mentions()]
    parts += [f"# {_('When you write here')}", signing_in()]
    if others := elsewhere():
        parts += [f"# {_('Who else is involved')}", *others]
    parts += [f"# {_('What you can ask for')}", rights()]
    return _("Privacy"), "privacy", "\n\n".join(parts)


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
    return _(
        "Your comment is kept with the name you give and the time, and shown to everybody once "
        "it is approved, in feeds too. An e-mail address is kept if you give one, and never "
        "shown. A website is linked from your name. A filter that runs on this site alone "
        "compares the words with those of earlier comments; no other service gets them."
    )


def addresses():
    days = settings.COMMENT_ADDRESS_DAYS
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


def mentions():
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
