"""Blogs of Blogger, from its own export or Google's Takeout. Nothing is fetched from Google."""
