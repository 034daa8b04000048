from blog.management.essays_command import EssaysCommand
from blog.transfer.movable_type.fields import USUAL
from blog.transfer.movable_type.importing import import_movabletype


class Command(EssaysCommand):
    help = "Brings essays, categories, comments and pings from Movable Type or TypePad."
    file_help = "the text that Movable Type or TypePad exports"
    own_options = ("permalink", "time_zone", "encoding", "url")

    def add_arguments(self, parser):
        super().add_arguments(parser)
        self.add_url(parser)
        usual = ", ".join(USUAL).replace("%", "%%")
        parser.add_argument(
            "--permalink",
            default="",
            metavar="PATTERN",
            help=f"how old addresses were made; without it these lead on: {usual}",
        )
        parser.add_argument(
            "--time-zone",
            default="",
            metavar="NAME",
            help="the zone of the file’s dates, such as Europe/Paris, if it is not this site’s",
        )
        parser.add_argument(
            "--encoding",
            default="",
            metavar="NAME",
            help="of a file that is neither UTF-8 nor Windows-1252, such as shift_jis",
        )

    def bring(self, file, **given):
        return import_movabletype(file, **given)
