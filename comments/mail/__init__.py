"""Who is mailed about what, what it says, and the pages its links open; jobs do the sending."""
