"""Small exports of Ghost, for tests that say only what differs."""

import json

OWN = "__GHOST_URL__"


def post(number=1, **changes):
    """Return a row of `posts`, as Ghost 6 writes it on SQLite."""
    given = {
        "id": f"6b0b26166b8d1a58e08c{number:04x}",
        "uuid": f"a1aacb3c-c44e-45a6-b4c2-{number:012d}",
        "title": f"Post {number}",
        "slug": f"post-{number}",
        "html": "<p>Words.</p>",
        "lexical": None,
        "mobiledoc": None,
        "plaintext": "Words.",
        "type": "post",
        "status": "published",
        "visibility": "public",
        "created_at": "2021-03-01 08:00:00",
        "updated_at": "2021-03-03 08:00:00",
        "published_at": "2021-03-02 08:00:00",
    }
    return given | changes


def lexical(*nodes):
    return json.dumps({"root": {"children": list(nodes), "type": "root", "version": 1}})


def words_node(text, form=0):
    return {"type": "extended-text", "text": text, "format": form}


def mobiledoc(*sections, cards=(), markups=(), atoms=()):
    given = {"sections": sections, "cards": cards, "markups": markups, "atoms": atoms}
    return json.dumps({"version": "0.3.1", **given})


def export(*posts, listed=True, **tables):
    """Return an export as a file's text; without `listed`, in the form that has no list `db`."""
    whole = {"meta": {"exported_on": 1, "version": "6.0.0"}, "data": {"posts": posts, **tables}}
    return json.dumps({"db": [whole]} if listed else whole)


def written(folder, *posts, **tables):
    path = folder / "made.ghost.json"
    path.write_text(export(*posts, **tables), encoding="utf-8")
    return path
