"""Changes in the texts of many essays at once: another file, or other words for a picture.

What readers have, changes that are to go out, and what is being written are changed each for
itself, so nothing is published that was not; and each keeps a version.
"""

import re

from django.core.exceptions import ValidationError
from django.db import transaction

from blog.lib.constraints import refused_in_words
from blog.markup import one_line
from blog.posts.desk.sharing import refresh_shared
from blog.posts.models import Image, InTheWay, Post, Revision, Text

# `![what it shows](address`, and the signs that a backslash stands before in such words.
PICTURE = re.compile(r"!\[((?:\\.|[^\[\]\\\n]){0,999})\]\((\s{0,9}<?[^\s()<>]{1,300})")
ESCAPED = re.compile(r"\\([\\\[\]])")


@transaction.atomic
def replace(image, prepared, by):
    """Put another file in the place of a picture, wherever it stands; the old one stays reachable.

    Returns the picture that took its place, and how many essays changed. Raises InTheWay.
    """
    old, new = image.file.name, prepared.name
    given = {"alt": image.alt, "width": prepared.width, "height": prepared.height}
    successor, _is_new = Image.objects.get_or_create(file=new, defaults=given | {"uploaded_by": by})
    changed = rewrite(image.shown_in(), lambda body: body.replace(old, new), by)
    chose = Post.objects.filter(picture=image)
    numbers = [*chose.values_list("pk", flat=True)]
    chose.update(picture=successor)
    Post.objects.filter(pk__in=numbers).settle_shared()
    return successor, len({*changed, *numbers})


def describe(image, before, by):
    """Give a picture's description to the essays that had the old one or none; return how many."""

    def described(found):
        words, address = ESCAPED.sub(r"\1", one_line(found[1])), found[2]
        if image.file.name not in address or words not in ("", one_line(before)):
            return found[0]
        return f"![{image.alt_in_markdown}]({address}"

    return len(rewrite(image.shown_in(), lambda body: PICTURE.sub(described, body), by))


@transaction.atomic
def rewrite(posts, change, by):
    """Change the texts of all these essays, or of none; return the numbers of those changed.

    `change` takes a body and returns it as it is to be. Raises InTheWay with the essay that cannot
    have the change.
    """
    changed = []
    for number in sorted(posts.values_list("pk", flat=True)):
        post = Post.objects.select_for_update().get(pk=number)
        try:
            with refused_in_words():
                if rewrite_one(post, change, by):
                    changed.append(number)
        except ValidationError as error:
            raise InTheWay(post, error) from error
    return changed


def rewrite_one(post, change, by):
    """Change what readers have of an essay, then what goes out later, then what is written."""
    mine, newest = Text.of(post), Revision.objects.newest(post)
    written = newest.text if newest else mine
    due = Revision.objects.due(post).first()
    due_at = due and due.due_at
    texts = [mine, written, *([due.text] if due else [])]
    if not any(change(text.body) != text.body for text in texts):
        return False

    def kept(text, kind=Revision.Kind.SAVED):
        return Revision.objects.keep(post, text._replace(body=change(text.body)), by=by, kind=kind)

    post.saved_by = by
    if change(mine.body) != mine.body:
        post.take(kept(mine, Revision.Kind.PUBLISHED if post.is_public else Revision.Kind.SAVED))
    if due:
        post.schedule_changes(kept(due.text), due_at)
    if not written.same_words(mine) or written.slug not in ("", mine.slug):
        kept(written)
    refresh_shared(post)
    return True
