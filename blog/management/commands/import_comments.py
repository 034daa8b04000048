from blog.management.comments_command import CommentsCommand
from blog.transfer.discussions.comments_json import CommentsJson


class Command(CommentsCommand):
    help = "Brings comments from one documented JSON form to the essays that are here."
    reader = CommentsJson
    file_help = "a list of comments, or one a line (docs/move-in-comments.md)"
