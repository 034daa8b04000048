"""What is said of words and names alone: pure functions, which know no database and no request."""
