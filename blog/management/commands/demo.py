from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from blog.posts.models import Post
from blog.transfer.demo import ORIGIN, load_demo, remove_demo


class Command(BaseCommand):
    help = "Loads the demo essays and comments into an empty site, or takes them away (--remove)."

    def add_arguments(self, parser):
        parser.add_argument("--remove", action="store_true", help="take the demo away again")

    def handle(self, *, remove, **options):
        if remove:
            posts, comments = remove_demo()
            said = _(
                "The demo was taken away. Essays and pages: %(posts)d, comments: %(comments)d."
            )
        else:
            if Post.objects.exclude(origin__startswith=ORIGIN).exists():
                raise CommandError(
                    _("This site has essays of its own. The demo is for an empty one.")
                )
            posts, comments = load_demo()
            said = _("The demo was loaded. Essays and pages: %(posts)d, comments: %(comments)d.")
        self.stdout.write(said % {"posts": posts, "comments": comments})
