"""Everything said about an essay: comments, notes, mentions; it never changes an essay."""
