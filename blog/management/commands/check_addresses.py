from collections import Counter
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.lib.listing import sentences
from blog.lib.progress import reason
from blog.ops.addresses import answer_of, asking, listed, summed


class Command(BaseCommand):
    help = "Says what each address of a list answers here: a log, a sitemap, or one a line."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="also packed with gzip")
        parser.add_argument(
            "--all",
            action="store_true",
            help="print those that are there, too, and where they lead",
        )

    def handle(self, *, file, **options):
        client, counts, missing = asking(), Counter(), 0
        try:
            for path in listed(file):
                answer = answer_of(client, path)
                missing += not answer.is_there
                counts[self.kind(answer)] += 1
                if options["all"] or not answer.is_there:
                    self.stdout.write(" → ".join([f"{answer.status} {path}", *answer.steps]))
        except (OSError, EOFError) as error:
            said = _("%(file)s cannot be read: %(reason)s.")
            raise CommandError(said % {"file": file, "reason": reason(error)}) from error
        if not counts:
            raise CommandError(_("%(file)s names no address.") % {"file": file})
        said = ngettext("%(count)d address.", "%(count)d addresses.", counts.total())
        self.stdout.write(sentences([said % {"count": counts.total()}, summed(counts)]))
        if missing:
            said = ngettext(
                "%(count)d of them leads nowhere.", "%(count)d of them lead nowhere.", missing
            )
            raise CommandError(said % {"count": missing}, returncode=1)

    def kind(self, answer):
        """Name what an answer is counted as."""
        if answer.elsewhere:
            return _("leads to another site")
        if answer.is_there:
            return _("leads on") if answer.steps else _("is here")
        return str(answer.status)
