"""The demo: it is for an empty site."""

import pytest
from django.core.management import CommandError, call_command

from blog.posts.models import Post

pytestmark = pytest.mark.django_db


def test_demo_refuses_a_site_with_essays(write):
    write()
    with pytest.raises(CommandError, match="has essays of its own"):
        call_command("demo")
    assert Post.objects.count() == 1
