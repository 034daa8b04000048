import itertools

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from blog.jobs.models import READY, RUNNING, Job
from blog.lib.progress import progress
from blog.posts.search.indexing import count_common_words, finish, is_due, posts_again
from blog.posts.tasks import index_essays
from comments.models import findable_again
from comments.tasks import index_comments


class Command(BaseCommand):
    help = (
        "Reads again what search finds: essays, pages and approved comments. Readers are served "
        "meanwhile, by what was read before."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--later",
            action="store_true",
            help="leave it to the worker, in pieces of two minutes, and only where a new version "
            "reads texts in another way",
        )

        parser.add_argument(
            "--count",
            action="store_true",
            help="only count the common words of a large site, so that their beginnings are found "
            "as quickly as others",
        )

    def handle(self, **options):
        if options["count"]:
            count_common_words()
        if options["later"] and is_due():
            self.leave_to_worker([index_essays, index_comments])
        if options["later"] or options["count"]:
            return
        tell = progress(self.stdout)
        for number, _last in enumerate(itertools.chain(posts_again(), findable_again())):
            if tell:
                tell(_("batches"), number)
        finish()
        count_common_words()
        self.stdout.write(_("Search knows everything again."))

    def leave_to_worker(self, tasks):
        """Add those jobs that do not wait already."""
        for task in tasks:
            waiting = Job.objects.filter(task_path=task.module_path, status__in=[READY, RUNNING])
            if not waiting.exists():
                task.enqueue()
