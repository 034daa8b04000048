"""Words and names alone: pure functions, which know no database and no request."""
