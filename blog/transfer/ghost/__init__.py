"""Ghost's export, read row by row: posts, pages and comments, and its cards as Markdown."""
