from blog.management.comments_command import CommentsCommand
from blog.transfer.discussions.isso import Isso


class Command(CommentsCommand):
    help = "Brings comments from the database of Isso to the essays that are here."
    reader = Isso
    file_help = "the file that isso.cfg names as dbpath, such as comments.db"
