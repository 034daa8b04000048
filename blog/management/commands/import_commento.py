from blog.management.comments_command import CommentsCommand
from blog.transfer.discussions.commento import Commento


class Command(CommentsCommand):
    help = "Brings comments from an export of Commento or Comentario to the essays that are here."
    reader = Commento
    file_help = "the .json or .json.gz that Commento exports"
