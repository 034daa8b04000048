from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.lib.listing import sentences
from blog.posts.models import Post
from blog.transfer.demo import ORIGIN, load_demo, remove_demo


class Command(BaseCommand):
    help = "Loads the demo essays and comments into an empty site, or takes them away (--remove)."

    def add_arguments(self, parser):
        parser.add_argument("--remove", action="store_true", help="take the demo away again")

    def handle(self, *, remove, **options):
        if remove:
            posts, comments = remove_demo()
            said = ngettext(
                "Took away %(count)d demo essay or page.",
                "Took away %(count)d demo essays and pages.",
                posts,
            )
            also = ngettext(
                "Took away %(count)d comment.", "Took away %(count)d comments.", comments
            )
        else:
            if Post.objects.exclude(origin__startswith=ORIGIN).exists():
                raise CommandError(
                    _("This site has essays of its own. The demo is for an empty one.")
                )
            posts, comments = load_demo()
            said = ngettext(
                "Loaded %(count)d demo essay or page.",
                "Loaded %(count)d demo essays and pages.",
                posts,
            )
            also = ngettext("Loaded %(count)d comment.", "Loaded %(count)d comments.", comments)
        self.stdout.write(sentences([said % {"count": posts}, also % {"count": comments}]))
