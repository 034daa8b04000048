"""Who may write in an essay, and who may see it before readers do."""


def writes_essays(user):
    """Whether somebody writes essays: all of them, or those that they are the author of."""
    return user.has_perm("posts.change_post") or user.has_perm("posts.add_post")


class Whose:
    """What an essay knows of that. Mixed into a Post."""

    def is_written_by(self, user):
        """Whether somebody may write in it."""
        own = self.author_id == user.pk and user.has_perm("posts.add_post")
        return own or user.has_perm("posts.change_post")

    def is_seen_by(self, user):
        """Whether somebody may see it though readers do not."""
        return user.has_perm("posts.view_post") or self.is_written_by(user)
