"""Where comments stand beside an essay: kept with each, and set again when the essay changes."""

from django.db import models
from django.db.models import Count, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from blog.lib.base_path import without_base
from blog.lib.languages import in_site_language
from blog.markup import plain_text
from comments.rendering.fragments import address_of
from comments.rendering.margin import Answer, ReaderNote, annotate
from comments.rendering.places import AROUND, CHANGED, GONE, LONGEST, WHOLE, WORDS, Finder, Selector

# Notes that stand in the margin: on the same words, and beside one essay. The rest are in the
# thread alone, so that no page grows with their number.
MOST_ON_WORDS, MOST_BESIDE = 10, 50
# The kinds of comments that come from other sites.
MENTIONS = ("pingback", "webmention")
# Answers to a note, and to an answer, that stand under it.
ANSWERS = 3
# Notes that are tried with a text before it is published, while its author writes.
MOST_TRIED = 300

# Characters of the text around a note's words that moderators see.
NEAR_BY = 140
# The fields of a comment that say where it stands.
PLACE = ("passage_before", "passage_after", "passage_start", "passage_state")


class Beside(models.Model):
    """The part of Comment that keeps which words of the essay it is about.

    That is a W3C TextQuoteSelector, and where its words were last found. `passage` stays as it was
    chosen; the rest follows the essay.
    """

    class Standing(models.TextChoices):
        NOT_SET = "", _("nowhere yet")
        WORDS = WORDS, _("at its words")
        WHOLE = WHOLE, _("beside its paragraph")
        CHANGED = CHANGED, _("beside its paragraph, whose words have changed")
        GONE = GONE, _("in the thread, because its paragraph is gone")

    # Words of the essay beside which this stands, in the margin; empty if it is about all of it.
    passage = models.CharField(
        _("set beside"),
        max_length=LONGEST,
        blank=True,
        help_text=_("Words of the essay, as readers see them. The comment stands beside them."),
    )
    # The text before and after them, folded as in comments/rendering/parts.py, and their place.
    passage_before = models.CharField(
        max_length=AROUND, blank=True, default="", db_default="", editable=False
    )
    passage_after = models.CharField(
        max_length=AROUND, blank=True, default="", db_default="", editable=False
    )
    passage_start = models.PositiveIntegerField(null=True, blank=True, editable=False)
    passage_state = models.CharField(
        max_length=10,
        choices=Standing,
        blank=True,
        default=Standing.NOT_SET,
        db_default="",
        editable=False,
    )

    # Mentions only: the other words that their source quotes, each as `Selector.quoted` gives it,
    # with the state that they are in.
    also = models.JSONField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def selector(self):
        around = self.passage_before, self.passage_after, self.passage_start
        return Selector(self.passage, *around)

    def forget_place(self):
        self.passage_before = self.passage_after = ""
        self.passage_start, self.passage_state = None, self.Standing.NOT_SET

    @property
    def words_around(self):
        """The text before and after its words in their part, for moderators."""
        before = self.passage_before.rpartition("\n")[2]
        after = self.passage_after.partition("\n")[0]
        if len(before) > NEAR_BY:
            before = f"…{before[-NEAR_BY:].partition(' ')[2] or before[-NEAR_BY:]}"
        if len(after) > NEAR_BY:
            after = f"{after[:NEAR_BY].rpartition(' ')[0] or after[:NEAR_BY]} …"
        return before, after

    def stand_at(self, selector):
        """Set it beside these words; saves nothing."""
        self.forget_place()
        self.passage, self.passage_start = selector.exact[:LONGEST], selector.start
        self.passage_before, self.passage_after = selector.before, selector.after

    @property
    def also_on(self):
        """The other words its source quotes that the essay still has, and their addresses."""
        there = [each for each in self.also or () if each["state"] in (WORDS, WHOLE)]
        return [(each["exact"], address_of(each["exact"])) for each in there]

    def find_place(self):
        """Set where it stands, if that is not known; saves nothing."""
        if not self.passage:
            self.forget_place()
        elif not self.passage_state:
            found = standing(Finder(self.post.body_html), self.selector)
            for name, value in zip(PLACE, found, strict=True):
                setattr(self, name, value)


def standing(finder, selector):
    """Return what is kept of a note besides its words, as in PLACE."""
    place = finder.find(selector)
    state = finder.state(place)
    if state in (WORDS, WHOLE):
        now = finder.selector(place)
        return now.before, now.after, now.start, state
    start = selector.start
    if place:
        start = finder.essay.starts[place.part]
    return selector.before, selector.after, start, state


def settle(post, comments=None, finder=None):
    """Set the notes beside an essay again; return the numbers of those whose standing changed.

    These are all that readers see or may come to see, or those of `comments`. Notes that were
    kept alike are changed with one query.
    """
    if comments is None:
        comments = post.comments.filter(status__in=("approved", "pending"))
    rows = comments.exclude(passage="").order_by().values_list("pk", "passage", *PLACE)
    alike = {}
    for pk, *kept in rows:
        alike.setdefault(tuple(kept), []).append(pk)
    quoting = comments.filter(kind__in=MENTIONS, also__isnull=False).order_by()
    quoting = list(quoting.values_list("pk", "also"))
    if not (alike or quoting):
        return []
    finder, changed = finder or Finder(post.body_html), []
    changed += settle_also(post, quoting, finder)
    for (passage, before, after, start, state), keys in alike.items():
        found = standing(finder, Selector(passage, before, after, start))
        if found == (before, after, start, state):
            continue
        post.comments.filter(pk__in=keys).update(**dict(zip(PLACE, found, strict=True)))
        if found[-1] != state:
            changed += keys
    return changed


def losing_words(post, html):
    """Return the notes whose words an essay would not have with this text, in its order.

    Each has as `coming` how it will stand. One query; at most MOST_TRIED notes are tried.
    """
    notes = post.comments.approved().filter(passage_state__in=(WORDS, WHOLE))
    finder, found = Finder(html), []
    for note in notes.order_by("passage_start", "pk")[:MOST_TRIED]:
        note.coming = standing(finder, note.selector)[-1]
        if note.coming in (CHANGED, GONE):
            found.append(note)
    return found


def settle_also(post, quoting, finder):
    """Set the other words that mentions quote again; return the numbers of those that changed.

    `quoting` has their numbers, each with these words.
    """
    changed = []
    for pk, also in quoting:
        if (found := [quoted_now(finder, each) for each in also]) != also:
            post.comments.filter(pk=pk).update(also=found)
            changed.append(pk)
    return changed


def quoted_now(finder, quoted):
    """Return what is kept of other words that a mention quotes, as they stand now."""
    selector = Selector.read(quoted)
    now = zip(("prefix", "suffix", "start", "state"), standing(finder, selector), strict=True)
    return selector.quoted() | dict(now)


def settle_some(by_post):
    """Set these comments again, given in lists by the number of their essay."""
    for its in by_post.values():
        if keys := [comment.pk for comment in its if comment.passage]:
            settle(its[0].post, its[0].post.comments.filter(pk__in=keys))


@without_base()
@in_site_language
def margin_html(post):
    """Return the essay's HTML with the notes that readers see; "" if there are none.

    Six queries, however many notes and answers there are.
    """
    notes = shown_notes(post)
    if not notes:
        return ""
    replies = answers_to(post, [note.pk for note in notes])
    return annotate(post.body_html, [as_note(post, note, *replies[note.pk]) for note in notes])


def with_own(post, own):
    """Return the essay's HTML as its reader sees it, with the reader's own waiting notes."""
    given = [as_note(post, note, (), is_continued=False, is_waiting=True) for note in own]
    return annotate(post.shown_html, given) or post.shown_html


def shown_notes(post):
    """Return the first notes on each of the words, and how many there are on these (three queries).

    Of all notes only their places are counted; only those on the first words are put in order.
    """
    notes = post.comments.approved().filter(passage_state__in=(WORDS, WHOLE, CHANGED))
    places = notes.order_by("passage_start").values_list("passage_start").annotate(Count("pk"))
    among, room = {}, MOST_BESIDE
    for start, count in places[:MOST_BESIDE]:
        if room > 0:
            among[start] = count
        room -= min(count, MOST_ON_WORDS)
    if not among:
        return []
    oldest = {"partition_by": "passage_start", "order_by": ["created_at", "pk"]}
    found = notes.filter(passage_start__in=among).annotate(nth=Window(RowNumber(), **oldest))
    found = found.filter(nth__lte=MOST_ON_WORDS).order_by("passage_start", "created_at", "pk")
    keys = list(found.values_list("pk", flat=True)[:MOST_BESIDE])
    shown = notes.in_bulk(keys)
    for key in keys:
        shown[key].among = among[shown[key].passage_start]
    return [shown[key] for key in keys]


def answers_to(post, keys):
    """Return by note its first answers, two deep, and whether there are more (three queries)."""
    below, continued, above = {}, set(), [*keys]
    for depth in (1, 2, 3):
        replies = post.comments.approved().in_thread().filter(parent__in=above)
        nth = Window(RowNumber(), partition_by="parent", order_by=["created_at", "pk"])
        replies = replies.annotate(nth=nth).filter(nth__lte=ANSWERS + 1).order_by("parent", "nth")
        above = []
        for reply in replies if keys else ():
            if depth == 3 or reply.nth > ANSWERS:
                continued.add(reply.parent_id)
                continue
            reply.post = post
            below.setdefault(reply.parent_id, []).append(reply)
            above.append(reply.pk)
    found = {}
    for note in keys:
        said = []
        for answer in below.get(note, ()):
            said.append((answer, 1))
            said += [(reply, 2) for reply in below.get(answer.pk, ())]
        chain = {note, *(reply.pk for reply, _depth in said)}
        found[note] = [as_answer(*each) for each in said], bool(chain & continued)
    return found


def words_in_margin(comment):
    """Return what a comment says; of a like that, and of a mention without words its title."""
    if comment.is_counted:
        return comment.deed
    return plain_text(comment.body_html) or comment.title or comment.deed


def as_answer(reply, depth):
    text = words_in_margin(reply)
    url = in_thread(reply.post, reply)
    return Answer(reply.shown_name, text, url, reply.by_author, depth)


def in_thread(post, comment):
    """Return where a comment stands in the thread, as seen from the essay."""
    if comment.source and comment.parent_id is None:
        return f"#c{comment.pk}"
    if not comment.is_approved or (post.comment_pages <= 1 and not post.thread_stale):
        return f"#c{comment.pk}"
    return f"{reverse('comment', args=[comment.pk])}?thread"


def as_note(post, comment, answers, is_continued, *, is_waiting=False):
    comment.post = post
    reply_url = f"{reverse('reply', args=[comment.pk])}#form"
    choices = []
    if is_waiting or comment.source or not post.takes_comments:
        reply_url = ""
    if is_waiting and comment.minutes_to_edit:
        choices.append(
            (
                f"{reverse('edit', args=[comment.pk])}#form",
                pgettext("a comment that waits", "Edit it"),
            )
        )
    if is_waiting:
        choices.append(
            (
                reverse("withdraw", args=[comment.pk]),
                pgettext("a comment that waits", "Take it back"),
            )
        )
    return ReaderNote(
        key=comment.pk,
        selector=comment.selector,
        name=comment.shown_name,
        text=words_in_margin(comment),
        url=comment.source or in_thread(post, comment),
        reply_url=reply_url,
        by_author=comment.by_author,
        is_waiting=is_waiting,
        choices=tuple((url, str(said)) for url, said in choices),
        answers=tuple(answers),
        is_continued=is_continued,
        among=getattr(comment, "among", 1),
        is_elsewhere=bool(comment.source),
        also=tuple((words, url) for words, url in comment.also_on),
    )
