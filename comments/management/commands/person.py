import json

from django.core.management.base import BaseCommand
from django.utils.translation import ngettext

from comments.models import Comment

FIELDS = [
    "id", "post__path", "kind", "status", "name", "email", "url", "body", "created_at",
    "updated_at", "address", "reasons",
]  # fmt: skip


class Command(BaseCommand):
    help = (
        "Prints, as JSON, everything held for one e-mail address; --erase takes it away for good."
    )

    def add_arguments(self, parser):
        parser.add_argument("email", help="the person's e-mail address")
        parser.add_argument("--erase", action="store_true", help="erase it; there is no undo")

    def handle(self, *, email, erase, **options):
        held = Comment.objects.of_person(email)
        if not erase:
            rows = list(held.order_by("pk").values(*FIELDS))
            self.stdout.write(json.dumps(rows, default=str, ensure_ascii=False, indent=1))
            return
        comments = list(held.select_related("post", "parent", "root"))
        for comment in comments:
            comment.erase()
        count = len(comments)
        said = ngettext("Erased %d comment of theirs.", "Erased %d comments of theirs.", count)
        self.stdout.write(said % count)
