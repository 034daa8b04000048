from django.core.management.base import BaseCommand
from django.utils import timezone

from blog.posts.models import Upload
from blog.transfer.moving.models import Move


class Command(BaseCommand):
    help = "Forgets files that were sent here and not used."

    def handle(self, **options):
        Upload.objects.forget(timezone.now())
        Move.objects.forget(timezone.now())
