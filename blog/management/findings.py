"""A command that says what it found, a line each, with what to do behind an arrow."""

from django.core.management.base import BaseCommand
from django.utils.translation import pgettext

from blog.lib.logs import one_line
from blog.ops.doctor import BROKEN, LOOK, OK


class FindingsCommand(BaseCommand):
    # It says what these say, and has to run where they fail.
    requires_system_checks = []
    requires_migrations_checks = False

    def say(self, found):
        style = {OK: self.style.SUCCESS, LOOK: self.style.WARNING, BROKEN: self.style.ERROR}
        words = {
            OK: pgettext("level of a finding", "ok"),
            LOOK: pgettext("level of a finding", "look"),
            BROKEN: pgettext("level of a finding", "broken"),
        }
        wide = max(map(len, words.values()))
        for finding in found:
            level = style[finding.level](f"{words[finding.level]:<{wide}}")
            todo = f" → {finding.todo}" if finding.todo else ""
            line = one_line(f"{finding.subject:<8}  {finding.said}{todo}")
            self.stdout.write(f"{level}  {line}")
