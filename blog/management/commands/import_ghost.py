from blog.management.essays_command import EssaysCommand
from blog.transfer.ghost.importing import import_ghost


class Command(EssaysCommand):
    help = "Brings essays, pages, tags, authors and comments from an export of Ghost."
    file_help = "the .json from Settings, Migration tools, Export; or a .zip or folder with it"
    media_help = "a copy of Ghost’s content folder, whose pictures, sounds and films come along"

    def bring(self, file, **given):
        return import_ghost(file, **given)
