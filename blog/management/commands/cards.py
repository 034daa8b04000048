from django.core.management.base import BaseCommand
from django.utils.translation import ngettext

from blog.posts.cards import make_missing


class Command(BaseCommand):
    help = "Makes the pictures that essays are shown with elsewhere, where one is missing."

    def handle(self, **options):
        count = make_missing()
        said = ngettext("%(count)d picture was made.", "%(count)d pictures were made.", count)
        self.stdout.write(said % {"count": count})
