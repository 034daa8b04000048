"""What tests commit goes again, and what migrations made comes back."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db.models import Count
from emptied import as_migrated

from blog.posts.models import FeedIdentity, Post


def held():
    groups = Group.objects.annotate(Count("permissions")).order_by("pk")
    feeds = FeedIdentity.objects.order_by("pk")
    return [*groups.values_list()], [*feeds.values_list()]


@pytest.mark.django_db(transaction=True)
def test_flush_leaves_the_tables_as_migrations_did():
    before = held()
    author = get_user_model().objects.create_user("ines")
    Post(title="On margins", body="Room.", author=author).save()
    Group.objects.all().delete()
    FeedIdentity.objects.filter(name="essays").update(feed_id="tag:other.example,2001:feed")
    call_command("flush", verbosity=0, interactive=False)
    assert (held(), Post.objects.count()) == (before, 0)


@pytest.mark.django_db(transaction=True)
def test_flush_leaves_alone_what_is_as_it_was(django_assert_num_queries):
    filled = sum(bool(rows) for _columns, rows in as_migrated.kept_here("default").values())
    with django_assert_num_queries(filled + 3):  # begin, which tables hold something, commit
        as_migrated.come_back("default")
