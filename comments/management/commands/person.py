import json

from django.core.management.base import BaseCommand
from django.db.models import F
from django.utils.translation import ngettext

from blog.accounts.models import Invitation
from blog.posts.models import Profile, Revision, SharedDraft
from comments.models import (
    AddressUse,
    Comment,
    DraftNote,
    Mail,
    MailAddress,
    ModerationEvent,
    Unplaced,
)

FIELDS = [
    "id", "post__path", "kind", "status", "name", "email", "url", "body", "created_at",
    "updated_at", "address", "browser", "reasons",
]  # fmt: skip


MAIL_FIELDS = ["kind", "to", "about", "created_at", "sent_at", "error"]
ADDRESS_FIELDS = ["email", "asked_at", "confirmed_at", "refused_at"]
VERSION_FIELDS = ["post__path", "kind", "began_at", "at"]
LINK_FIELDS = ["post__path", "made_at", "expires_at", "revoked_at"]
NOTE_FIELDS = [
    "id",
    "post__title",
    "status",
    "name",
    "email",
    "passage",
    "body",
    "created_at",
    "browser",
]
UNPLACED_FIELDS = ["page", "status", "name", "email", "url", "html", "markdown", "created_at"]
USE_FIELDS = ["address__email", "browser", "asked_at", "confirmed_at"]
INVITED_FIELDS = ["email", "created_at", "expires_at", "mailed_at", "used_at", "revoked_at"]
PROFILE_FIELDS = ["bio", "link"]


class Command(BaseCommand):
    help = (
        "Prints, as JSON, everything stored about one e-mail address; --erase deletes it for good."
    )

    def add_arguments(self, parser):
        parser.add_argument("email", help="the person's e-mail address")
        parser.add_argument("--erase", action="store_true", help="delete it; this cannot be undone")

    def handle(self, *, email, erase, **options):
        held = Comment.objects.of_person(email)
        # On drafts, with what their authors answered; and the answers of an author.
        notes = DraftNote.objects.of_person(email)
        mails = Mail.objects.of_person(email)
        addresses = MailAddress.objects.filter(email__iexact=email.strip())
        # Comments that had this address before it was edited.
        edits = ModerationEvent.objects.of_person(email)
        # By an account with this address. The texts are the essays'; only who saved them goes.
        versions = Revision.objects.filter(by__email__iexact=email.strip())
        links = SharedDraft.objects.filter(by__email__iexact=email.strip())
        invited = Invitation.objects.filter(email__iexact=email.strip())
        profiles = Profile.objects.filter(user__email__iexact=email.strip())
        if not erase:
            rows = [
                *invited.order_by("pk").values(*INVITED_FIELDS),
                *profiles.values(*PROFILE_FIELDS),
                *versions.order_by("pk").values(*VERSION_FIELDS),
                *links.order_by("pk").values(*LINK_FIELDS),
                *held.order_by("pk").values(*FIELDS),
                *Unplaced.objects.of_person(email).order_by("pk").values(*UNPLACED_FIELDS),
                *notes.order_by("pk").values(*NOTE_FIELDS),
                *edits.order_by("pk").values("comment", "at", "original"),
                *addresses.values(*ADDRESS_FIELDS, wants_replies_to=F("subscriptions__comment")),
                *AddressUse.objects.filter(address__in=addresses).values(*USE_FIELDS),
                *mails.order_by("pk").values(*MAIL_FIELDS),
            ]
            self.stdout.write(json.dumps(rows, default=str, ensure_ascii=False, indent=1))
            return
        comments = list(held.select_related("post", "parent"))
        for comment in comments:
            comment.erase()
        edits.update(original={}, version="")
        versions.update(by=None, sitting="")
        links.update(by=None)
        count = len(comments) + Unplaced.objects.of_person(email).erase()
        for theirs in (notes, mails, addresses, invited, profiles):
            theirs.delete()
        self.stdout.write(erased(count))


def erased(count):
    said = ngettext(
        "Erased %(count)d comment of theirs.", "Erased %(count)d comments of theirs.", count
    )
    return said % {"count": count}
