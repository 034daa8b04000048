"""The site as it stands as plain files, for any file server; nothing private, and no forms."""
