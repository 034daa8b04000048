"""What the full-text index holds of each search entry: its words, folded, and marked terms.

The database indexes these rows by itself (migration 0028): SQLite by FTS5, PostgreSQL by GIN. Both
take what stands between spaces as it is, so both know the same words.
"""

from collections import Counter
from datetime import UTC, datetime, timedelta

from django.db import models

from blog.lib.folding import LONGEST, VERSION, words_of
from blog.lib.stems import stem
from blog.posts.fields import PlaceField

# Stands between the blocks of a text, so that no phrase reaches over it.
GAP = "|"
# Before a term: the stem of a word that is another one, a stem of the title, one that the text has
# often, and what the entry is.
STEM, TITLE, OFTEN, IS = "~", "<", "^", "="
# How many times a text has a word often.
TIMES = 3
# PostgreSQL holds a megabyte of different words; the rest of a longer text is not found.
MOST_BYTES = 1_000_000

# The newest entries are found first, so an entry's place is made of its minute since the year 1
# and, in the lower bits, of its number.
NUMBER_BITS = 30
_MINUTE, _YEAR_1 = timedelta(minutes=1), datetime(1, 1, 1, tzinfo=UTC)


def place_of(moment, number=0):
    """Return the place of an entry; without a number the first one of its minute."""
    minutes = (moment - _YEAR_1) // _MINUTE if moment else 0
    return (max(0, minutes) << NUMBER_BITS) + number % (1 << NUMBER_BITS)


def moment_of(place):
    """Return the minute of the entry at a place."""
    return _YEAR_1 + (place >> NUMBER_BITS) * _MINUTE


def read(title, text, *, ranked):
    """Return the words of an entry in their order, and the terms that follow from them.

    Only what is `ranked` has terms for its title, and for what it has often.
    """
    words, terms, times, left = [], set(), Counter(), MOST_BYTES
    for number, block in enumerate([title, *text.split("\n")]):
        for word in words_of(block):
            root = stem(word)
            new = {word} if root == word else {word, STEM + root}
            if ranked and number == 0:
                new.add(TITLE + root)
            elif ranked:
                times[root] += 1
                if times[root] == TIMES:
                    new.add(OFTEN + root)
            if new := new - terms:
                left -= sum(len(term.encode()) for term in new)
                terms |= new
            if left < 0:
                break
            words.append(word)
        words.append(GAP)
    return words, [term for term in terms if term[0] in STEM + TITLE + OFTEN]


class SearchWordsManager(models.Manager):
    def put(self, entries):
        """Index these entries as they are now, in place of what was indexed of them."""
        self.filter(entry__in=[entry.pk for entry in entries]).delete()
        self.add(entries)

    def add(self, entries):
        self.bulk_create([self.model.of(entry) for entry in entries])


class SearchWords(models.Model):
    place = PlaceField(primary_key=True)
    # The essay that decides whether it may be shown, before the words: it is read for each match.
    post = models.ForeignKey("posts.Post", on_delete=models.CASCADE, related_name="+")
    entry = models.OneToOneField(
        "posts.SearchEntry", on_delete=models.CASCADE, related_name="indexed"
    )
    # The version of blog.lib.folding that it was read with.
    version = models.PositiveSmallIntegerField(default=VERSION, db_index=True)
    words = models.TextField()
    terms = models.TextField()

    objects = SearchWordsManager()

    def __str__(self):
        return str(self.place)

    @classmethod
    def of(cls, entry):
        """Return the row of an entry; of an essay it asks for its tags."""
        words, terms = read(entry.title, entry.text, ranked=entry.is_written)
        return cls(
            place=place_of(entry.dated, entry.pk),
            post_id=entry.post_id,
            entry=entry,
            words=f" {' '.join(words)} ",
            terms=f" {' '.join(sorted(terms) + [IS + what for what in entry.facets])} ",
        )


class CommonWord(models.Model):
    """A word that so many entries have that it is not looked through as one of many beginnings.

    Counted once a day, on large sites; nothing is lost with it.
    """

    word = models.CharField(max_length=LONGEST, primary_key=True)
    entries = models.PositiveIntegerField()

    def __str__(self):
        return self.word
