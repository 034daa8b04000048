from pathlib import Path

from blog.management.essays_command import EssaysCommand
from blog.transfer.blogger.importing import import_blogger


class Command(EssaysCommand):
    help = "Brings essays, pages, labels and comments from Blogger, or from Google’s Takeout of it."
    file_help = "the .xml of Blogger, Takeout’s feed.atom, or Takeout itself: its .zip or folder"
    media_help = "a folder with the blog’s pictures; of Takeout its Albums are taken without it"

    own_options = ("table", "url")

    def add_arguments(self, parser):
        super().add_arguments(parser)
        self.add_url(parser)
        parser.add_argument(
            "--map",
            dest="table",
            type=Path,
            metavar="TABLE",
            help="a CSV with the columns old,new that says which essay comments belong to",
        )

    def bring(self, file, **given):
        return import_blogger(file, **given)
