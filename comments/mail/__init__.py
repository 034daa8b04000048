"""Who gets which mail, its text, and the pages its links open; the jobs in `tasks` send it."""
