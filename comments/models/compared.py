"""What a comment says, and whether the same or nearly the same was said before: part of Comment."""

from comments import recent
from comments.comparing import nearest
from comments.duplicates import compared, normalise, words_fingerprint
from comments.fingerprints import fingerprint, identity, meaning


class Compared:
    # Whether there was time to compare it with all that was said lately.
    compared_in_time = True

    def read_words(self):
        """Remember its words as later ones are compared with them; saves nothing."""
        said = self.body if self.kind == self.Kind.COMMENT else ""
        self.words, self.campaign = compared(said), words_fingerprint(said)
        if self.campaign and self.look_alike and self.look_alike.campaign:
            self.campaign = self.look_alike.campaign  # what is alike is judged together

    def set_fingerprint(self, browser=""):
        """Remember who says what in answer to what; `browser` is the key its cookie proves."""
        self.fingerprint = fingerprint(self.identity(browser), self.parent_id, self.body)

    def identity(self, browser=""):
        return identity(
            self.name, self.email, account=self.author_id, browser=browser, network=self.network
        )

    def said_before(self, proven=()):
        """Return the comment that said the same before, or None (one query, or two).

        `proven` are the numbers of comments that the sender's browser proves it wrote. One by a
        bare name that was sent before the browser had its cookie is found by them.
        """
        others = type(self).objects.filter(post=self.post).exclude(pk=self.pk)
        if same := others.filter(fingerprint=self.fingerprint).first():
            return same
        if not proven or self.email or self.author_id:
            return None
        own = others.filter(pk__in=proven, parent=self.parent_id, email="", author=None)
        own = own.filter(words=compared(self.body)).exclude(fingerprint=None)
        name, said = normalise(self.name), meaning(self.body)
        return next(
            (
                other
                for other in own
                if (normalise(other.name), meaning(other.body)) == (name, said)
            ),
            None,
        )

    def find_look_alike(self, browser=""):
        """Remember the earlier comment that said nearly the same, if one did; saves nothing.

        `browser` is the key that the sender's cookie proves.
        """
        comments = type(self).objects
        rows = recent.said_lately(comments.written(), self.post)
        rows = [row for row in rows if row.key != self.pk]
        who = recent.writer_of(self.author_id, self.name, self.email), browser, self.network
        own = {row.key for row in rows if row.is_by(*who)}
        found = nearest(self.body, [row[:2] for row in rows], own)
        self.compared_in_time = found.complete
        # What was said lately may be deleted meanwhile.
        alike = comments.filter(pk=found.key).first() if found.key else None
        self.look_alike = alike
        self.likeness = round(found.likeness) if alike else None
