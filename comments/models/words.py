"""The part of Comment that prepares its words and its writer for comparison with others."""

import hashlib

from comments.text.duplicates import compared, words_fingerprint
from comments.text.fingerprints import fingerprint, identity


def digest_of(*texts):
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


class Words:
    # Whether there was time to compare it with all recent comments.
    compared_in_time = True

    def read_words(self):
        """Set `words` and `campaign` from its text; saves nothing."""
        said = self.body if self.kind == self.Kind.COMMENT else ""
        self.words, self.campaign = compared(said), words_fingerprint(said)
        if said and self.passage and not self.campaign:
            # Short words may be anybody's, but on the same passage they are judged at once.
            self.campaign = digest_of(self.words, f"{self.post_id}", self.passage)
        if self.campaign and self.look_alike and self.look_alike.campaign:
            self.campaign = self.look_alike.campaign  # what is alike is judged together

    def set_fingerprint(self, browser=""):
        """Set the fingerprint; `browser` is the key that the sender's cookie proves."""
        self.fingerprint = fingerprint(
            self.identity(browser), self.parent_id, self.body, self.passage
        )

    @property
    def fingerprint_without_network(self):
        """The fingerprint made of the stored fields except the network."""
        known = identity(self.name, self.email, account=self.author_id, browser=self.browser)
        return fingerprint(known, self.parent_id, self.body, self.passage)

    def identity(self, browser=""):
        return identity(
            self.name, self.email, account=self.author_id, browser=browser, network=self.network
        )
