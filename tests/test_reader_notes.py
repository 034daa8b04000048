"""Readers' notes: an approved comment set beside the words of the essay it speaks of."""

import pytest
from django.core.exceptions import ValidationError
from inputs import every

from blog.markup import plain_text, render_post
from comments.rendering.margin import ReaderNote, annotate, has_passage
from comments.rendering.places import Selector


def note(passage, key=1, **changes):
    said = ReaderNote(key, Selector(passage), "Phil Watson", "So the rules are not rules.", "#c1")
    return said._replace(**changes)


NOTE = note("inherent value")
UNDERLINED = 'class="passage'


def test_quoted_words_are_underlined_and_noted():
    html = annotate("<p>There is no inherent value in it.</p>\n<p>Next.</p>", [NOTE])
    assert '<p>There is no <a class="passage r1" href="#n1" id="w1">inherent value</a> in' in html
    assert html.index("Phil Watson") < html.index("Next.")
    assert '<div id="n1"><p><a class="name" href="#c1">Phil Watson</a>' in html


def test_words_across_emphasis_are_underlined_in_pieces():
    html = annotate("<p>no <em>inherent</em> value <b>in</b> it</p>", [NOTE])
    assert '<span id="w1"><em><a class="passage r1" href="#n1">inherent</a></em>' in html
    assert '<a class="passage" href="#n1"> value</a></span> <b>in</b> it' in html


def test_words_within_a_link_stay_that_link():
    html = annotate('<p>no inherent <a href="/x/">value</a></p>', [NOTE])
    assert '<a href="/x/"><span class="passage">value</span></a>' in html


def test_notes_on_words_that_overlap_fold_together():
    html = annotate("<p>There is no inherent value in it.</p>", [NOTE, note("no inherent", key=2)])
    assert '<a class="passage r1" href="#n2" id="w2">no </a>' in html
    assert '<span id="w1"><a class="passage much" href="#n2">inherent</a>' in html
    assert "<summary><b>2 notes</b> <span>Phil Watson</span>" in html
    assert "Fold them again" in html
    assert html.count("<aside") == 1


def test_notes_stand_in_the_order_of_their_words():
    essay = render_post("One word.[^1] " + "Much more of it. " * 30 + "The end.\n\n[^1]: Mine.")
    html = annotate(essay, [note("The end", key=2, name="Z"), note("One", key=1, name="A")])
    assert html.index(">A<") < html.index("Mine.") < html.index(">Z<")


@every("block", ["- a\n- {}", "> {}", "## {}", "| a | {} |\n|-|-|\n| b | c |", "    x {}", "{}: b"])
def test_words_in_each_kind_of_block_are_noted(block):
    html = annotate(render_post(block.format("inherent value here")), [NOTE])
    assert ">inherent value</a>" in html


def test_the_essay_keeps_every_word():
    body = "A *first*.\n\nNo inherent\nvalue, `code`, [a link](/x/).[^1]\n\n[^1]: A note.\n\nEnd."
    html = render_post(body)
    without_note = annotate(html, [NOTE]).split('<aside class="note reader')
    tail = without_note[1].split("</aside>", 1)[1]
    assert plain_text(without_note[0] + tail) == plain_text(html)


def test_reader_note_takes_its_own_place_beside_authors_notes():
    html = annotate(render_post("No inherent value.[^1]\n\n[^1]: Mine."), [NOTE])
    assert 'class="passage r2"' in html
    assert 'class="note reader n2 one"' in html
    assert html.count('class="noted"') == 1


def test_missing_words_leave_the_essay_unchanged():
    assert annotate("<p>Something else.</p>", [NOTE]) == ""


def test_reader_note_is_escaped():
    hostile = NOTE._replace(name="<b>x</b>", text="<script>alert(1)</script>")
    html = annotate("<p>inherent value</p>", [hostile])
    assert "<b>x" not in html
    assert "<script" not in html


@every("passage", ["", "   ", "(", ".*", "a" * 300, "\\", "valuę"])
def test_odd_passages_are_found_nowhere(passage):
    assert not has_passage("<p>inherent value</p>", passage)
    assert annotate("<p>inherent value</p>", [note(passage)]) == ""


def test_passage_not_in_the_essay_is_refused(write, say):
    comment = say(write(body="One. Two."))
    comment.passage = "Three."
    with pytest.raises(ValidationError, match="does not have these words"):
        comment.full_clean()


def test_an_approved_comment_stands_beside_its_words(client, write, say):
    post = write(body="There is no inherent value in it.")
    say(post, "Quite so.", passage="inherent value", status="pending")
    assert UNDERLINED not in client.get(post.get_absolute_url()).text
    comment = post.comments.get()
    comment.status = "approved"
    comment.save()
    assert UNDERLINED in client.get(post.get_absolute_url()).text


def test_edited_essay_keeps_notes_whose_words_remain(client, write, say):
    post = write(body="There is no inherent value in it.")
    say(post, passage="inherent value")
    post.refresh_from_db()
    post.body = "Is there inherent value? A new ending."
    post.save()
    text = client.get(post.get_absolute_url()).text
    assert UNDERLINED in text
    assert "A new ending." in text
    post.body = "All is new."
    post.save()
    assert UNDERLINED not in client.get(post.get_absolute_url()).text


def test_answers_stand_under_a_note_two_deep(client, write, say):
    post = write(body="There is no inherent value in it.")
    above = say(post, "Noted.", passage="inherent value")
    for words in ("First answer.", "Second answer.", "Third answer."):
        above = say(post, words, parent=above, author=post.author)
    beside = client.get(post.get_absolute_url()).text.partition("</aside>")[0]
    assert ">First answer.</i>" in beside
    assert ">Second answer.</i>" in beside
    assert 'class="name own"' in beside
    assert "Third answer." not in beside
    assert "Continued below" in beside
    above.parent.trash()
    assert "Second answer." not in client.get(post.get_absolute_url()).text


def test_moderators_see_the_words_in_their_sentence(admin_client, write, say):
    post = write(body="There is no inherent value in it.")
    say(post, passage="inherent value", status="pending")
    queue = admin_client.get("/admin/comments/comment/").text
    assert "There is no <mark>inherent value</mark> in it." in queue


def test_permalink_of_a_note_leads_to_its_words(client, write, say):
    post = write(body="There is no inherent value in it.")
    note = say(post, passage="inherent value")
    place = f"{post.get_absolute_url()}#"
    assert client.get(f"/comments/{note.pk}/")["Location"] == f"{place}w{note.pk}"
    assert client.get(f"/comments/{note.pk}/?thread")["Location"] == f"{place}c{note.pk}"
