"""An author's page: who they are, and their essays. There is one where several people write."""

from django.http import Http404
from django.shortcuts import redirect
from django.utils import timezone

from . import lists
from .feeds.essays import authors, byline
from .models import Profile, has_several_authors
from .views import EssayList


class AuthorPage(EssayList):
    template_name = "posts/author.html"
    list_url = "author"

    def get(self, request, *args, **kwargs):
        self.author = authors().filter(pk=kwargs["number"]).first()
        if self.author is None:
            raise Http404
        if not has_several_authors():
            return redirect("index")  # which lists the same
        return super().get(request, *args, **kwargs)

    def get_queryset(self):
        return lists.OF_AUTHOR.of(timezone.now(), self.author.pk)

    def get_context_data(self, **kwargs):
        profile = Profile.objects.select_related("picture").filter(user=self.author).first()
        context = {"number": self.author.pk, "name": byline(self.author), "profile": profile}
        return super().get_context_data(**kwargs) | context
