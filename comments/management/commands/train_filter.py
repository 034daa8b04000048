import time

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comments.models import Comment
from comments.screening.training import Rebuilding
from comments.text.spam import FEWEST, Trial


class Command(BaseCommand):
    help = (
        "Trains the spam filter again on every decision, and says how accurate it is. The site "
        "goes on running."
    )

    def handle(self, **options):
        trial = Trial(settings.COMMENT_SPAM_ABOVE)
        with Rebuilding(Comment.objects.all(), self.progress) as rebuilding:
            rebuilding.read()
            rebuilding.cross_validate(trial)
            rebuilding.swap()
            spam, ham = rebuilding.learned
        said = ngettext(
            "Learned from %(count)d decision. Spam: %(spam)d, other comments: %(ham)d.",
            "Learned from %(count)d decisions. Spam: %(spam)d, other comments: %(ham)d.",
            spam + ham,
        )
        self.stdout.write(said % {"count": spam + ham, "spam": spam, "ham": ham})
        if not trial.count:
            said = ngettext(
                "The filter says nothing until it knows %(count)d of each kind.",
                "The filter says nothing until it knows %(count)d of each kind.",
                FEWEST,
            )
            self.stdout.write(said % {"count": FEWEST})
            return
        self.stdout.write(_("Each comment scored by what all others teach:"))
        for name, value in (
            (_("accuracy"), trial.accuracy),
            (_("precision"), trial.precision),
            (_("recall"), trial.recall),
            ("F1", trial.f1),
        ):
            self.stdout.write(f"  {name:<12} {number_format(value, decimal_pos=3)}")
        said = _("Of the others: held %(held)d, of which filed as spam %(filed)d.")
        self.stdout.write(said % {"held": trial.held, "filed": trial.filed})

    last_said = 0.0

    def progress(self, step, done, total):
        """Print the progress once a second and at the end of each step."""
        if done < total and time.monotonic() - self.last_said < 1:
            return
        self.last_said = time.monotonic()
        said = {
            "read": ngettext(
                "Read %(done)d of %(total)d decision", "Read %(done)d of %(total)d decisions", total
            ),
            "try": _("Tried %(done)d of %(total)d"),
        }[step]
        self.stderr.write(said % {"done": done, "total": total})
