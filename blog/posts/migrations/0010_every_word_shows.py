"""Essays are rendered again, so that words which earlier versions dropped show (`cp <path>`).

What XML forbids is taken out of the texts of essays and tags on the way. Rendering takes some
10 milliseconds an essay; what comes out as before is not written.
"""

from django.db import migrations

from blog.markup import MarkupError, plain_text, render_post, storable

BATCH = 100


def rows_in_batches(model, *names):
    last = 0
    while rows := list(model.objects.filter(pk__gt=last).only(*names).order_by("pk")[:BATCH]):
        last = rows[-1].pk
        yield from rows


def clean(row, *names):
    """Take forbidden characters out of the fields, and return which of them had some."""
    changed = []
    for name in names:
        value = getattr(row, name)
        if (cleaned := storable(value)) != value:
            setattr(row, name, cleaned)
            changed.append(name)
    return changed


def write(model, row, names):
    model.objects.filter(pk=row.pk).update(**{name: getattr(row, name) for name in names})


def render_again(apps, schema_editor):
    Post, SearchEntry = apps.get_model("posts", "Post"), apps.get_model("posts", "SearchEntry")
    for post in rows_in_batches(Post, "title", "standfirst", "body", "body_html"):
        changed = clean(post, "title", "standfirst", "body")
        try:
            html = str(render_post(post.body))
        except MarkupError:  # it was taken by an earlier version, and is shown as it was
            html = storable(post.body_html)
        if html != post.body_html:
            text = plain_text(html)
            post.body_html, post.words, post.annotated_html = html, len(text.split()), ""
            changed += ["body_html", "words", "annotated_html"]
        if changed:
            write(Post, post, changed)
            text = f"{post.standfirst}\n{plain_text(post.body_html)}"
            entry = SearchEntry.objects.filter(kind="post", key=post.pk)
            entry.update(title=post.title, text=text)
    for tag in rows_in_batches(apps.get_model("posts", "Tag"), "name"):
        if changed := clean(tag, "name"):
            write(type(tag), tag, changed)


class Migration(migrations.Migration):
    dependencies = [("posts", "0009_editors")]

    operations = [migrations.RunPython(render_again, migrations.RunPython.noop, elidable=True)]
