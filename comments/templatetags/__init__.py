"""Template tags that show comments, mentions and the queue; they change nothing."""
