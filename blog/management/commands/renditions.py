from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from blog.lib.progress import progress, reason
from blog.media.pictures.renditions import Unreadable
from blog.media.pictures.turns import Busy
from blog.posts.models import Image, posts_that_lack_widths, render_again
from blog.posts.tasks import catch_up


class Command(BaseCommand):
    help = (
        "Makes the narrower pictures that are missing, and has essays of earlier versions offer "
        "them. Killed, it goes on where it was when it is run again."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--all",
            action="store_true",
            help="look for the files of every picture, also where they were made once",
        )
        parser.add_argument(
            "--later", action="store_true", help="leave it to the worker, in pieces of two minutes"
        )

    def handle(self, **options):
        if options["later"]:
            self.leave_to_worker(every=options["all"])
            return
        self.tell = progress(self.stdout)
        essays = self.render()
        pictures, files = self.make(
            Image.objects.all() if options["all"] else Image.objects.without_renditions()
        )
        done = _("Pictures done: %(pictures)d. Files made: %(files)d. Essays rendered: %(essays)d.")
        self.stdout.write(done % {"pictures": pictures, "files": files, "essays": essays})

    def leave_to_worker(self, *, every):
        """Add a job if there is something to do."""
        images = Image.objects.all() if every else Image.objects.without_renditions()
        if images.exists() or next(posts_that_lack_widths(), None):
            catch_up.enqueue(every=every)

    def render(self):
        count = 0
        for pk in posts_that_lack_widths():
            count += render_again(pk)
            if self.tell:
                self.tell(_("essays"), count)
        return count

    def make(self, images):
        pictures = files = 0
        for image in images.one_by_one():
            try:
                files += image.make_renditions()
            except (FileNotFoundError, Unreadable) as error:
                said = _("%(picture)s was left out: %(why)s.")
                why = _("its file is not there")
                if isinstance(error, Unreadable):
                    why = reason(error)
                self.stderr.write(said % {"picture": image.file.name, "why": why})
                continue
            except Busy as error:
                said = _("Other pictures are being read all the time. Run this again to go on.")
                raise CommandError(said) from error
            except OSError as error:
                said = _("The storage failed: %(why)s. Run this again to go on.")
                raise CommandError(said % {"why": reason(error)}) from error
            pictures += 1
            if self.tell:
                self.tell(_("pictures"), pictures)
        return pictures, files
