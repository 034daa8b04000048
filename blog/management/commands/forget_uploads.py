from django.core.management.base import BaseCommand
from django.utils import timezone

from blog.posts.models import Upload


class Command(BaseCommand):
    help = "Forgets files that were begun to be uploaded more than a day ago."

    def handle(self, **options):
        Upload.objects.forget(timezone.now())
