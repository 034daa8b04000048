"""The views for readers and writers of comments; they never fetch from other sites."""
