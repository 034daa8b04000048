"""Pure functions on words, names and addresses; they never use the database or a request."""
