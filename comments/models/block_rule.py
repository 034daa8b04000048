"""Block rules: words, addresses, networks and sites whose comments are held or filed as spam."""

import contextlib
import ipaddress
import re
import unicodedata
from functools import lru_cache

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from blog.lib.statement import Statement
from blog.net.names import ascii_name
from comments.text.duplicates import normalise

# The widest networks that can be blocked; wider ones would block half a country.
WIDEST = {4: 8, 6: 16}


class BlockRuleQuerySet(models.QuerySet):
    def met_by(self, comment):
        """Return the rules that match a comment, in the order they were made (one query)."""
        rules = (BlockRule.from_db(self.db, _READ, row) for row in _ALL.rows())
        return [rule for rule in rules if rule.meets(comment)]


class BlockRule(models.Model):
    """One kind of comment that is not wanted here."""

    class Kind(models.TextChoices):
        WORDS = "words", pgettext_lazy("kind of block rule", "words")
        EMAIL = "email", _("email address")
        NETWORK = "network", pgettext_lazy("kind of block rule", "network")
        SITE = "site", pgettext_lazy("kind of block rule", "website")

    class Outcome(models.TextChoices):
        PENDING = "pending", _("hold it")
        SPAM = "spam", _("file it under spam")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.WORDS)
    pattern = models.CharField(
        _("what to look for"),
        max_length=200,
        help_text=_(
            "Words: found whole, whatever their case. Email: anna@example.org, or @example.org for "
            "all of it. Network: 192.0.2.7 or 192.0.2.0/24. Website: example.org, with all below "
            "it, in links, text and websites."
        ),
    )
    outcome = models.CharField(_("then"), max_length=10, choices=Outcome, default=Outcome.PENDING)
    note = models.CharField(
        pgettext_lazy("remark on a block rule", "note"), max_length=200, blank=True
    )
    created_at = models.DateTimeField(
        pgettext_lazy("when a block rule was made", "made"), default=timezone.now, editable=False
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("made by"),
    )

    objects = BlockRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("block rule")
        verbose_name_plural = _("block rules")
        ordering = ["kind", "pattern"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "pattern"],
                name="block_rule_once",
                violation_error_message=_(
                    "This rule already exists. Change that one, or look for something else."
                ),
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["words", "email", "network", "site"]),
                name="block_rule_kind_known",
                violation_error_message=_("Choose one of the kinds in the list."),
            ),
            models.CheckConstraint(
                condition=models.Q(outcome__in=["pending", "spam"]),
                name="block_rule_outcome_known",
                violation_error_message=_("Choose what happens then from the list."),
            ),
            models.CheckConstraint(
                condition=~models.Q(pattern=""),
                name="block_rule_has_pattern",
                violation_error_message=_("Write what to look for."),
            ),
        ]

    def __str__(self):
        return self.pattern

    def clean(self):
        """Normalise the pattern, or raise ValidationError with what it should look like."""
        try:
            self.pattern = _FORMS[self.kind](self.pattern.strip())
        except KeyError:
            return  # the field `kind` has its own error
        except ValueError as error:
            raise ValidationError({"pattern": str(error)}) from error

    def meets(self, comment):
        """Return whether this rule matches a comment, saved or not."""
        return _TESTS[self.kind](self.pattern, comment)

    def met_among(self, comments):
        """Return those of `comments` that this rule matches."""
        return [comment for comment in comments if self.meets(comment)]


def _words(text):
    if not (words := normalise(text)):
        raise ValueError(_now("Write the words to look for."))
    return words


def _email(text):
    address = text.lower()
    try:
        validate_email(f"any{address}" if address.startswith("@") else address)
    except ValidationError as error:
        raise ValueError(
            _now("Write an address such as anna@example.org, or @example.org for all of it.")
        ) from error
    return address


def _network(text):
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise ValueError(
            _now("Write an address such as 192.0.2.7, or a network such as 192.0.2.0/24.")
        ) from error
    if network.prefixlen < WIDEST[network.version]:
        widest = WIDEST[network.version]
        raise ValueError(_now("That is too many addresses. The widest network is a /%d.") % widest)
    return str(network)


def _site(text):
    host = re.sub(r"^(?:[a-z]+:)?//", "", text.lower()).partition("/")[0].partition(":")[0]
    host = host.removeprefix("www.").strip(".")
    if not re.fullmatch(r"[\w-]+(?:\.[\w-]+)+", host):
        raise ValueError(_now("Write the name of a website, such as example.org."))
    with contextlib.suppress(UnicodeError):  # not an internationalised name
        host = host.encode("ascii").decode("idna")
    return host


@lru_cache(maxsize=1)  # all rules are tried on one comment before the next
def _said(text):
    return normalise(text)


def _holds_words(pattern, comment):
    said = _said(" ".join([comment.title, comment.name, comment.body]))
    # In scripts without spaces, words cannot be separated: any place matches.
    if any(unicodedata.east_asian_width(char) in "WF" for char in pattern):
        return pattern in said
    return f" {pattern} " in f" {said} "


def _holds_email(pattern, comment):
    email = comment.email.lower()
    return email.endswith(pattern) if pattern.startswith("@") else email == pattern


def _holds_network(pattern, comment):
    if not comment.address:
        return False
    address = ipaddress.ip_address(comment.address)
    address = getattr(address, "ipv4_mapped", None) or address
    return address in ipaddress.ip_network(pattern)


def _holds_site(pattern, comment):
    written = f"{comment.url} {comment.source} {comment.body}".lower()
    names = {pattern, ascii_name(pattern) or pattern}
    # It also matches shop.example.org, but not example.org.uk.
    found = "|".join(map(re.escape, sorted(names)))
    return bool(re.search(rf"(?<![\w@-])(?:{found})(?![\w-]|\.\w)", written))


_READ = ("id", "kind", "pattern", "outcome")
_ALL = Statement(lambda: BlockRule.objects.order_by("pk").values_list(*_READ))

_FORMS = {
    BlockRule.Kind.WORDS: _words,
    BlockRule.Kind.EMAIL: _email,
    BlockRule.Kind.NETWORK: _network,
    BlockRule.Kind.SITE: _site,
}
_TESTS = {
    BlockRule.Kind.WORDS: _holds_words,
    BlockRule.Kind.EMAIL: _holds_email,
    BlockRule.Kind.NETWORK: _holds_network,
    BlockRule.Kind.SITE: _holds_site,
}
