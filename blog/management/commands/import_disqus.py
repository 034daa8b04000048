from blog.management.comments_command import CommentsCommand
from blog.transfer.discussions.disqus import Disqus


class Command(CommentsCommand):
    help = "Brings comments from an export of Disqus to the essays that are here."
    reader = Disqus
    file_help = "the .xml or .xml.gz that Disqus exports"
