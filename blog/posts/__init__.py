"""Essays and pages, their tags, pictures, feeds and search; it never imports comments."""
