from django.core.management.base import BaseCommand
from django.utils.translation import ngettext

from blog.posts import cards
from blog.posts.tasks import make_card


class Command(BaseCommand):
    help = "Makes the pictures that links to essays are shown with, where one is missing."

    def add_arguments(self, parser):
        parser.add_argument(
            "--again", action="store_true", help="make all of them, for new fonts or lost files"
        )
        parser.add_argument("--later", action="store_true", help="leave it to the worker")

    def handle(self, *, again, later, **options):
        if later:
            for number in cards.missing():
                make_card.enqueue(number)
            return
        cards.make_site_card(again=again)
        numbers = cards.missing()
        if again:
            numbers = [*{*numbers, *cards.made()}]
        count = sum(cards.make(number, again=again) == "made" for number in numbers)
        said = ngettext("%(count)d picture was made.", "%(count)d pictures were made.", count)
        self.stdout.write(said % {"count": count})
