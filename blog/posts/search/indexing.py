"""Reads what can be found again, in batches, while readers are served by what was read before."""

import time

from django.db import connection, transaction
from django.db.models.signals import m2m_changed
from django.dispatch import receiver

from blog.lib.folding import VERSION
from blog.posts.models import CommonWord, Post, SearchEntry, SearchWords

from . import earlier, earlier_tables

# Rows that are read in one transaction: writers wait for no more than these.
AT_ONCE = 100
# Entries that have a common word. Below, how either database counts: marked terms are no words.
COMMON = 500
COUNT = {
    "sqlite": [
        "CREATE VIRTUAL TABLE temp.posts_vocabulary USING fts5vocab(main, posts_words, row)",
        "SELECT term, doc FROM temp.posts_vocabulary WHERE doc >= %s"
        " AND substr(term, 1, 1) NOT IN ('~', '<', '^', '=', '|')",
    ],
    "postgresql": [
        "SELECT word, ndoc FROM ts_stat('SELECT lexemes FROM posts_searchwords') WHERE ndoc >= %s"
        " AND left(word, 1) NOT IN ('~', '<', '^', '=', '|')",
    ],
}
# Of a job: less than what a worker takes for one that hangs.
SECONDS_AT_ONCE = 120


@receiver(m2m_changed, sender=Post.tags.through, dispatch_uid="posts.search.tags")
def find_by_tags(instance, action, reverse, pk_set, **kwargs):
    """Have search know the essays by the tags that they have now."""
    if action == "pre_clear" and reverse:
        instance.cleared = {*instance.posts.values_list("pk", flat=True)}
    if action.startswith("post_"):
        posts = (pk_set or getattr(instance, "cleared", ())) if reverse else [instance.pk]
        with transaction.atomic():
            SearchWords.objects.put([*SearchEntry.objects.of_posts(posts)])


def read_again(rows, entry_of, kind, after=0):
    """Yield the last key of each batch of rows whose entries were made again.

    What is found of other rows with keys in between is found no more. `rows` is a queryset of what
    can be found, and `entry_of` makes a SearchEntry of one of its rows.
    """
    while True:
        with transaction.atomic():
            keys = rows.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]
            last = keys[AT_ONCE - 1] if len(keys) == AT_ONCE else None
            # First what is known, then what there is: what comes in between is not taken for gone.
            known = SearchEntry.objects.known(kind, after, last)
            batch = rows.filter(pk__gt=after, **({"pk__lte": last} if last else {}))
            batch = batch.order_by("pk").select_for_update(of=("self",))
            SearchEntry.objects.settle(known, [*map(entry_of, batch)])
        if last is None:
            return
        yield last
        after = last


def posts_again(after=0):
    """Read essays and pages again, from a key on; yield as `read_again` does."""
    posts = Post.objects.prefetch_related("tags")
    yield from read_again(posts, SearchEntry.of_post, SearchEntry.Kind.POST, after)


def is_due():
    """Whether texts have to be read again, as after an upgrade."""
    return not earlier.is_replaced() or SearchWords.objects.filter(version__lt=VERSION).exists()


def is_incomplete():
    """Whether something is not in the present index; reads all keys."""
    return SearchEntry.objects.filter(indexed=None).exists()


def finish():
    """Drop the index of before, if everything is in the present one."""
    if not earlier.is_replaced() and not is_incomplete():
        earlier_tables.drop()


def count_common_words():
    """Count in how many entries the common words are; return how many words these are."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TABLE IF EXISTS temp.posts_vocabulary")
        for statement in COUNT[connection.vendor]:
            cursor.execute(statement, [COMMON] * statement.count("%s"))
        rows = cursor.fetchall()
    # Only now, as reading all words takes seconds, and a transaction keeps all others from writing.
    with transaction.atomic():
        CommonWord.objects.all().delete()
        words = [CommonWord(word=word, entries=entries) for word, entries in rows]
        CommonWord.objects.bulk_create(words, batch_size=AT_ONCE)
    return len(rows)


def go_on(again, task, after):
    """Read on for some minutes in a job, and leave the rest to a next one; return what came of it.

    `again` is a function as `posts_again`, `task` the job's own task.
    """
    until = time.monotonic() + SECONDS_AT_ONCE
    for last in again(after):
        if time.monotonic() > until:
            task.enqueue(last)
            return "to be continued"
    finish()
    return "done"
