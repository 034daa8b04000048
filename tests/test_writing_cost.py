"""Storing a comment costs the database the same however many there are."""

import re

import pytest
from django.db import connection
from django.test import Client
from trials import in_full

from comments.models import Comment

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="counts SQLite's own steps"),
]

# On the essay stand 100. A new comment is compared with 2,000 of the whole site, so both sizes
# have more than those.
FEW, MANY = 3_000, in_full(60_000, 15_000)
BODY = "Number {}: a margin is room for somebody else’s sentence, kept beside one’s own."


@pytest.fixture(autouse=True)
def no_limit(settings):
    # Asked for as always, and never reached.
    settings.COMMENT_RATE_PER_NETWORK = settings.COMMENT_RATE_SITE = (1000, 60)


@pytest.fixture
def essays(write):
    """The essay that is written under, and nine others."""
    return [write(f"Essay {number}") for number in range(10)]


def fill(post, others, count):
    """Add comments to the other essays up to this number: every status, some replies."""
    if not Comment.objects.exists():
        rows = [Comment(post=post, body="On.", words="on", status="approved") for _ in range(100)]
        Comment.objects.bulk_create(rows)
    names = [field.column for field in Comment._meta.local_fields if field.column != "id"]
    changes = {
        "post_id": f"{others[0].pk} + value % {len(others)}",
        "status": "CASE value % 10 WHEN 0 THEN 'spam' WHEN 1 THEN 'pending' WHEN 2 THEN 'trash' "
        "ELSE 'approved' END",
        "created_at": "datetime('2020-01-01', value || ' minutes')",
        "network": "'10.0.' || value % 250 || '.0/24'",
    }
    columns = ", ".join(changes.get(name, name) for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH RECURSIVE numbers(value) AS (
                SELECT {Comment.objects.count()} UNION ALL
                SELECT value + 1 FROM numbers WHERE value < {count - 1}
            )
            INSERT INTO comments_comment ({", ".join(names)})
            SELECT {columns} FROM numbers, comments_comment WHERE id = %s
            """,
            [Comment.objects.order_by("pk").first().pk],
        )


def steps(call):
    """Return how many steps SQLite's machine takes for what `call` does, in tens."""
    taken = 0

    def count():
        nonlocal taken
        taken += 1

    connection.ensure_connection()
    connection.connection.set_progress_handler(count, 10)
    try:
        call()
    finally:
        connection.connection.set_progress_handler(None, 0)
    return taken


def posting(post, number, by):
    page = by.get(post.get_absolute_url()).text
    token = re.search(r'name="token" value="([^"]+)"', page)[1]
    given = {"body": BODY.format(number), "name": "Lou Barba", "token": token}

    def send():
        assert by.post(f"{post.get_absolute_url()}comments/", given).status_code == 303

    return send


@pytest.mark.parametrize("policy", ["hold-first", "publish-all"])
def test_storing_a_comment_costs_the_same_on_large_sites(essays, settings, policy):
    settings.COMMENT_POLICY = policy
    post, *others = essays
    costs = []
    for size in (FEW, MANY):
        fill(post, others, size)
        assert Comment.objects.count() >= size
        # By a browser that proves an earlier comment, which is looked up as well.
        browser = Client()
        posting(post, f"{size} a", browser)()
        costs.append(steps(posting(post, f"{size} b", browser)))
    assert costs[1] <= 1.2 * costs[0]


def test_approving_a_comment_costs_the_same_on_large_sites(essays, say):
    post, *others = essays
    costs = []
    for size in (FEW, MANY):
        fill(post, others, size)
        comment = say(post, BODY.format(size), status="pending")
        comment.status = "approved"
        costs.append(steps(comment.save))
    assert costs[1] <= 1.2 * costs[0]
