"""In from WordPress, out again, backups and the demo; it answers no request and serves no page."""
