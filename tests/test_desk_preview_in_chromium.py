"""The preview in a real browser: sentences stand level with what they speak of, by CSS alone."""

import pytest
from accessibility import violations
from django.contrib.auth.models import Permission

from blog.posts.models import SharedDraft, Text

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BODY = """\
One.[^a] [Gone](/nowhere/)

# Two

Words.[^b]

![](/media/00000000000000000000000000000000-900x300.png)

[^a]: A note of some words, which take more than one line in a margin as narrow as this one is.

[^b]:
"""
PLACES = """() => {
  const top = (found) => found && Math.round(found.getBoundingClientRect().top);
  const end = (found) => Math.round(found.getBoundingClientRect().bottom);
  const said = [...document.querySelectorAll(".look li")];
  return {
    said: said.map((item) => item.textContent.trim().split(".")[0]),
    tops: said.map(top),
    ends: said.map(end),
    notes: [...document.querySelectorAll(".note")].map((note) => [top(note), end(note)]),
    figure: top(document.querySelector("figure")),
    text: top(document.querySelector(".prose")),
  };
}"""


def test_sentences_stand_beside_their_places(live_server, browser, author, client, write):
    author.user_permissions.set(Permission.objects.filter(content_type__app_label="posts"))
    client.force_login(author)
    post = write("Ruled before written", body=BODY, published_at=None)
    context = browser.new_context(viewport={"width": 960, "height": 900})
    session = client.cookies["postil_session"].value
    context.add_cookies([{"name": "postil_session", "value": session, "url": live_server.url}])
    page, errors = context.new_page(), []
    page.on("console", lambda message: errors.append(message.text))
    link = SharedDraft.objects.share(post, Text.of(post), post.body_html, by=author)
    page.goto(live_server.url + link.get_absolute_url())
    wrong = violations(page, "shared")
    page.goto(f"{live_server.url}/admin/posts/post/preview/?post={post.pk}")
    wrong += violations(page, "preview")
    wide = page.evaluate(PLACES)
    page.set_viewport_size({"width": 390, "height": 900})
    narrow = page.evaluate(PLACES)
    context.close()
    # The picture without a description is what the page itself complains of.
    assert [it for it in wrong if it[1] != "image-alt"] == []
    assert [error for error in errors if "Content Security Policy" in error] == []
    assert wide["said"] == [
        "This link leads to no page here",
        "This note has no words yet",
        "This picture has no description",
    ]
    link, note, picture = wide["tops"]
    (_first, below_first), (second, _below) = wide["notes"]
    assert link >= below_first, "under the note of its paragraph"
    assert abs(note - second) <= 20, "in the place of the words of the note"
    assert abs(picture - wide["figure"]) <= 8 or picture >= wide["ends"][1]
    assert narrow["ends"][-1] <= narrow["text"], "above the text"
