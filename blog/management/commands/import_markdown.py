from blog.management.essays_command import EssaysCommand
from blog.transfer.folders.importing import import_folder, kinds


class Command(EssaysCommand):
    help = "Brings essays and pages from a folder of Markdown: Hugo, Jekyll, Eleventy and others."
    file_name, file_help = "folder", "the folder that holds the blog’s settings"
    own_options = ("kind", "permalink")

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument(
            "--from",
            dest="kind",
            default="",
            choices=kinds(),
            help="the program that made the folder, if its files do not show it",
        )
        parser.add_argument(
            "--permalink",
            default="",
            metavar="PATTERN",
            help="how old addresses were made, such as /:categories/:title/ (Jekyll)",
        )

    def bring(self, folder, **given):
        return import_folder(folder, **given)
