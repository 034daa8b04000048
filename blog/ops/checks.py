"""What is unsafe in a site's settings, said by `manage.py check --deploy`, with what to do.

Errors stop every command at once; warnings are for `--deploy`, for on one's own machine much of
this is meant.
"""

import ipaddress
import stat
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, Info, Tags, Warning, register
from django.utils.translation import gettext_lazy as _

from blog.posts.models import RESERVED_SLUGS

# Networks wider than these hold strangers too.
WIDEST_TRUST = {4: 8, 6: 16}
# Characters of a secret nobody guesses: 32 of base64 are 192 bits.
SHORTEST_SECRET, FEWEST_CHARACTERS = 32, 8


def is_here(host):
    """Return whether a host is this machine or in a network of one's own, by its name."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".local", ".lan", ".home.arpa"))


@register(Tags.security)
def check_admin_path(app_configs, **kwargs):
    own = RESERVED_SLUGS - {"admin", settings.ADMIN_PATH}
    if settings.ADMIN_PATH in own | {
        "about",
        "archive",
        "authors",
        "feed",
        "static",
        "media",
        "comments",
    }:
        return [
            Error(
                _("ADMIN_PATH takes an address that the site itself uses."),
                hint=_("Choose another word, such as desk."),
                id="postil.E001",
            )
        ]
    return []


@register(Tags.security)
def check_debug(app_configs, **kwargs):
    if settings.DEBUG and not is_here(urlsplit(settings.SITE_URL).hostname):
        return [
            Error(
                _("DEBUG is on for a site on the internet: it shows all its code and settings."),
                hint=_("Take DEBUG away."),
                id="postil.E002",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def check_address(app_configs, **kwargs):
    if settings.SITE_URL.startswith("http://") and not is_here(
        urlsplit(settings.SITE_URL).hostname
    ):
        return [
            Warning(
                _("SITE_URL is http on a public host: passwords and cookies go in the clear."),
                hint=_("Put a proxy that speaks https in front, and set SITE_URL=https://…"),
                id="postil.W003",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def check_secret(app_configs, **kwargs):
    key = settings.SECRET_KEY
    if len(key) < SHORTEST_SECRET or len(set(key)) < FEWEST_CHARACTERS:
        return [
            Warning(
                _("SECRET_KEY can be guessed, and with it anybody can sign in as anyone."),
                hint=_("Take it away, and one is made and kept in DATA_DIR/secret_key."),
                id="postil.W004",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def check_hosts(app_configs, **kwargs):
    wide = [host for host in settings.ALLOWED_HOSTS if host == "*" or host.startswith("*.")]
    if wide:
        return [
            Warning(
                _("ALLOWED_HOSTS lets anybody’s host name in."),
                hint=_("Take it away; the host of SITE_URL is answered as it is."),
                id="postil.W005",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def check_proxies(app_configs, **kwargs):
    found = []
    for network in settings.TRUSTED_PROXIES:
        if network.prefixlen < WIDEST_TRUST[network.version]:
            found.append(
                Warning(
                    _("TRUSTED_PROXIES holds %s: anybody in it can say they are someone else.")
                    % network,
                    hint=_("Name the proxy’s own address, such as 127.0.0.1."),
                    id="postil.W006",
                )
            )
    if settings.SITE_URL.startswith("https://") and not settings.TRUSTED_PROXIES:
        found.append(
            Warning(
                _("SITE_URL is https, but no proxy is trusted to speak it: pages go in circles."),
                hint=_("Name it in TRUSTED_PROXIES; on the same machine it is 127.0.0.1."),
                id="postil.W007",
            )
        )
    return found


@register(Tags.security, deploy=True)
def check_data_dir(app_configs, **kwargs):
    try:
        mode = Path(settings.DATA_DIR).stat().st_mode
    except OSError:
        return []  # there is nothing to read yet
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        return [
            Warning(
                _("Other accounts of this machine can look into DATA_DIR, where the database is."),
                hint=_("chmod 700 %s") % settings.DATA_DIR,
                id="postil.W008",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def check_mail(app_configs, **kwargs):
    public = settings.SITE_URL.startswith("https://")
    if not settings.MAIL_IS_SET_UP:
        return [
            Info(
                _("No mail server is set, so nobody gets mail about comments that wait."),
                hint=_("Set EMAIL_URL=smtp+tls://name:password@host:587, or look into the queue."),
                id="postil.I009",
            )
        ] * public
    if (
        settings.EMAIL_BACKEND.endswith("smtp.EmailBackend")
        and not settings.EMAIL_USE_TLS
        and not settings.EMAIL_USE_SSL
        and not is_here(settings.EMAIL_HOST)
    ):
        return [
            Warning(
                _("Mail, and the password for it, go to %s in the clear.") % settings.EMAIL_HOST,
                hint=_("Write EMAIL_URL with smtp+tls:// or smtp+ssl://."),
                id="postil.W010",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def check_rates(app_configs, **kwargs):
    unlimited = [
        name
        for name in ("LOGIN_RATE_PER_ACCOUNT", "LOGIN_RATE_PER_NETWORK")
        if getattr(settings, name) is None
    ]
    return [
        Warning(
            _("%s is none: passwords can be guessed without end.") % name,
            hint=_("Take it away, or write a rate such as 10/h."),
            id="postil.W011",
        )
        for name in unlimited
    ]
