"""Whose an imported essay is."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from blog.lib.listing import listed
from blog.transfer.fields import email_address, username
from blog.transfer.report import Report

from .entries import Entry

User = get_user_model()


class Authors:
    """Finds the account of a name, or adds one that cannot sign in.

    What names nobody becomes `given`'s, else the blog's own author's, else the first superuser's.
    """

    def __init__(self, report: Report, given: Any, of_blog: str = "") -> None:
        self.report, self.given, self.of_blog = report, given, of_blog
        self.known: dict[str, Any] = {}

    def of(self, entry: Entry) -> Any:
        if len(entry.authors) > 1:
            others = listed(name.partition(" <")[0] for name in entry.authors[1:])[:300]
            self.report.note(
                _("Has other authors too, who are not shown"), f"{entry.what}: {others}"
            )
        return self.named(entry.authors[0] if entry.authors else "")

    def named(self, name: str) -> Any:
        if name not in self.known:
            self.known[name] = self._user(name) if name else self._nobodys()
        return self.known[name]

    def _nobodys(self) -> Any:
        first = User.objects.filter(is_superuser=True).order_by("pk").first()
        if self.given:
            return self.given
        return self.named(self.of_blog) if self.of_blog else first or self._user("author")

    def _user(self, said: str) -> Any:
        """The user of that name, user name or e-mail address here, else a new one."""
        bare, _sign, email = said.partition("<")
        email = email_address(email.rstrip("> ")) or email_address(said)
        bare = bare.strip() or said
        first, _space, last = bare.partition(" ")
        first, last = first[:150], last.strip()[:150]
        found = User.objects.filter(username__iexact=username(bare)).first()
        found = (
            found
            or User.objects.filter(first_name__iexact=first, last_name__iexact=last)
            .order_by("pk")
            .first()
        )
        if not found and email:
            found = User.objects.filter(email__iexact=email).first()
        if found:
            return found
        self.report.added["author"] += 1
        name = username(bare)
        self.report.note(
            _("Authors added, who cannot sign in until you give them a password"), name
        )
        return User.objects.create_user(
            name, email, None, first_name=first, last_name=last, is_active=False
        )
