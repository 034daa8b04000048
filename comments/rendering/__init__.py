"""The order of threads, and notes in the margin, as HTML; never uses the database."""
