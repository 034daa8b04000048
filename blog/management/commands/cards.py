from django.core.management.base import BaseCommand
from django.utils.translation import ngettext

from blog.posts.cards import make_missing


class Command(BaseCommand):
    help = "Makes the pictures that links to essays are shown with, where one is missing."

    def add_arguments(self, parser):
        parser.add_argument(
            "--again", action="store_true", help="draw all cards again, as for new fonts"
        )

    def handle(self, *, again, **options):
        count = make_missing(again=again)
        said = ngettext("%(count)d picture was made.", "%(count)d pictures were made.", count)
        self.stdout.write(said % {"count": count})
