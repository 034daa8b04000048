"""What a comment says and who says it, in the forms that are compared: part of Comment."""

from comments.text.duplicates import compared, words_fingerprint
from comments.text.fingerprints import fingerprint, identity


class Words:
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

    @property
    def fingerprint_without_network(self):
        """The fingerprint that follows from what else is stored of its writer."""
        known = identity(self.name, self.email, account=self.author_id, browser=self.browser)
        return fingerprint(known, self.parent_id, self.body)

    def identity(self, browser=""):
        return identity(
            self.name, self.email, account=self.author_id, browser=browser, network=self.network
        )
