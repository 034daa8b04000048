"""What templates say of comments, mentions and the queue; it changes nothing."""
