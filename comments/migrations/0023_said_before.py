"""Compute fingerprints, words and campaigns again, by which what was said before is recognised.

They follow from the other columns by the rules of comments.text.fingerprints and
comments.text.duplicates, which are asked as they are now: a database that skips versions gets what
its code expects. The rules of before are kept here, for the way back.
"""

import hashlib
import json

from django.db import migrations

from comments.text.comparing import nearest
from comments.text.duplicates import COURTESY, compared, length_of, normalise, words_fingerprint
from comments.text.fingerprints import fingerprint, identity

BATCH = 500


def now(row):
    writer = identity(
        row.name, row.email, account=row.author_id, browser=row.browser, network=row.network
    )
    return (
        compared(row.body),
        words_fingerprint(row.body),
        fingerprint(writer, row.parent_id, row.body),
    )


def before(row):
    words, email = normalise(row.body), row.email.strip().lower()
    writer = ["email", email] if email else ["name", normalise(row.name)]
    campaign = digest(["words", words]) if length_of(words) >= COURTESY else ""
    return words, campaign, digest([*writer, words])


def digest(parts):
    return hashlib.sha256(json.dumps(parts).encode("ascii")).hexdigest()


def compute(apps, schema_editor):
    rewrite(apps.get_model("comments", "Comment"), schema_editor.connection, now)


def restore(apps, schema_editor):
    rewrite(apps.get_model("comments", "Comment"), schema_editor.connection, before)


def rewrite(model, connection, rule):
    """Bring the columns of all comments to a rule, in the order of their numbers."""
    comments = model.objects.using(connection.alias).filter(kind="comment").order_by("pk")
    fields = ("post_id", "parent_id", "author_id", "name", "email", "browser", "network", "body")
    own = ("words", "campaign", "fingerprint", "look_alike_id")
    quote = connection.ops.quote_name
    update = (
        f"UPDATE {quote(model._meta.db_table)}"  # noqa: S608 - no value of anyone's
        f" SET words = %s, campaign = %s, fingerprint = %s WHERE {quote('id')} = %s"
    )
    last = 0
    while batch := list(comments.filter(pk__gt=last).only("pk", *fields, *own)[:BATCH]):
        last = batch[-1].pk
        changes = changed(batch, comments, rule)
        with connection.cursor() as cursor:
            cursor.executemany(update, changes)


def changed(batch, comments, rule):
    """Return words, campaign, fingerprint and number of each comment of a batch that changes."""
    made = {row.pk: rule(row) for row in batch}
    wanted = {row.look_alike_id for row in batch} - {None}
    for other in comments.filter(pk__in=wanted - made.keys()):
        # Earlier ones are rewritten already; a later one, as an edit can make it, is not yet.
        done = (other.words, other.campaign, None) if other.pk < batch[0].pk else rule(other)
        made[other.pk] = done
    # Two can become the same; the first of them keeps its fingerprint.
    prints = {made[row.pk][2] for row in batch}
    there = comments.filter(fingerprint__in=prints, pk__lt=batch[0].pk)
    taken = set(there.values_list("post_id", "fingerprint"))
    changes = []
    for row in batch:
        words, campaign, said = made[row.pk]
        if campaign and row.look_alike_id in made:
            theirs = made[row.look_alike_id]
            if theirs[1] and (rule is before or alike(row, theirs[0])):
                campaign = theirs[1]
                made[row.pk] = words, campaign, said
        if row.fingerprint is None or (row.post_id, said) in taken:
            said = None
        else:
            taken.add((row.post_id, said))
        if (words, campaign, said) != (row.words, row.campaign, row.fingerprint):
            changes.append((words, campaign, said, row.pk))
    return changes


def alike(row, words):
    """Return whether a comment is like another still, now that what it quotes does not count."""
    return nearest(row.body, [(row.look_alike_id, words)], own={row.look_alike_id}).key is not None


class Migration(migrations.Migration):
    dependencies = [("comments", "0022_sentences_of_constraints")]

    operations = [migrations.RunPython(compute, restore)]
