from blog.management.comments_command import CommentsCommand
from blog.transfer.discussions.remark42 import Remark42


class Command(CommentsCommand):
    help = "Brings comments from a backup of Remark42 to the essays that are here."
    reader = Remark42
    file_help = "a file of var/backup, such as backup-site-20231105.gz"
